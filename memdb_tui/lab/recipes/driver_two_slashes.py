"""Two slashes instead of three."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="sqlite:// with two slashes",
    fix_title="sqlite:/// with three slashes",
    group=Group.DRIVERS,
    claim="sqlite://file::memory:?cache=shared&uri=true is the URL of the shared in-memory database.",
    source="https://github.com/sqlalchemy/sqlalchemy/issues/6949",
    panes=(Pane("sqlite://file::memory:?cache=shared&uri=true"),),
    fix_panes=(Pane("sqlite:///file::memory:?cache=shared&uri=true", sql="CREATE TABLE t (x);", connections=2),),
)


def bug() -> None:
    """After two slashes a host and a port are read."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite://file::memory:?cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def fix() -> None:
    """The name begins after the third."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file::memory:?cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to open, in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
