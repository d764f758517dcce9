"""The most frequent stray file: `uri=true` is missing."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="uri=true is missing",
    fix_title="uri=true in the URL",
    group=Group.STRAY_FILE,
    claim="file:db1?mode=memory&cache=shared in a SQLAlchemy URL is an in-memory database.",
    source="https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#uri-connections",
    panes=(Pane("sqlite:///file:db1?mode=memory&cache=shared", sql="CREATE TABLE t (x);"),),
    fix_panes=(
        Pane("sqlite:///file:db1?mode=memory&cache=shared&uri=true", sql="CREATE TABLE t (x);", connections=2),
    ),
)


def bug() -> None:
    """SQLAlchemy takes the part before the question mark for a path."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:db1?mode=memory&cache=shared")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def fix() -> None:
    """With uri=true the whole string reaches SQLite."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:db1?mode=memory&cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
