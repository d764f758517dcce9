"""`cache=shared` alone."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="cache=shared without mode=memory",
    fix_title="cache=shared with mode=memory",
    group=Group.STRAY_FILE,
    claim="A name with cache=shared is a shared in-memory database.",
    source="https://www.sqlite.org/sharedcache.html",
    panes=(Pane("sqlite:///file:db1?cache=shared&uri=true", sql="CREATE TABLE t (x);"),),
    fix_panes=(
        Pane("sqlite:///file:db1?mode=memory&cache=shared&uri=true", sql="CREATE TABLE t (x);", connections=2),
    ),
)


def bug() -> None:
    """Shared it is: a file, with a cache that its connections share."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:db1?cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def fix() -> None:
    """mode=memory is what keeps it off the disk."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:db1?mode=memory&cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
