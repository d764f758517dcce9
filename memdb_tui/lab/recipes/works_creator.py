"""A creator: the URI goes to sqlite3 past SQLAlchemy's URL."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="creator= with the URI in sqlite3.connect",
    group=Group.WORKS,
    claim=(
        "A callable which returns a DBAPI connection. This creation function … will be used to create all new "
        "database connections."
    ),
    source="https://docs.sqlalchemy.org/en/20/core/engines.html#sqlalchemy.create_engine.params.creator",
    panes=(Pane("file:testdb?mode=memory&cache=shared", sql="CREATE TABLE t (x);", connections=2),),
)


def code() -> None:
    """The URI where sqlite3 wants it."""
    import sqlite3

    from sqlalchemy import create_engine

    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: sqlite3.connect("file:testdb?mode=memory&cache=shared", uri=True),
    )
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
