"""`uri` among the connect_args instead of in the URL."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="uri=True is in connect_args",
    fix_title="uri=true stands in the URL",
    group=Group.STRAY_FILE,
    claim='What the URL lacks, connect_args={"uri": True} adds: the query string then reaches SQLite.',
    source="https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#uri-connections",
    panes=(Pane("sqlite:///file:db1?mode=memory&cache=shared", sql="CREATE TABLE t (x);"),),
    fix_panes=(
        Pane("sqlite:///file:db1?mode=memory&cache=shared&uri=true", sql="CREATE TABLE t (x);", connections=2),
    ),
)


def bug() -> None:
    """SQLAlchemy has made a path of the name before sqlite3 is told that it is a URI."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:db1?mode=memory&cache=shared", connect_args={"uri": True})
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def fix() -> None:
    """Only the URL tells SQLAlchemy."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:db1?mode=memory&cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
