"""PRAGMAs for every connection."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="PRAGMAs when a connection is made",
    group=Group.WORKS,
    claim="What sqlite3.connect has no argument for is set by a PRAGMA on each new connection.",
    source="https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#foreign-key-support",
    panes=(
        Pane(
            "sqlite+pysqlite:///file:testdb?mode=memory&cache=shared&uri=true",
            sql="PRAGMA journal_mode; PRAGMA temp_store;",
        ),
    ),
)


def code() -> None:
    """What step 8 wants, in a way that exists."""
    import sqlite3

    from sqlalchemy import create_engine, event

    engine = create_engine("sqlite+pysqlite:///file:testdb?mode=memory&cache=shared&uri=true")

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: sqlite3.Connection, record: object) -> None:
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("PRAGMA temp_store = MEMORY")

    with engine.connect() as connection:
        journal_mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        temp_store = connection.exec_driver_sql("PRAGMA temp_store").scalar()


def judge(seen: Observed) -> Judgement:
    """Both have to be set, in memory and shared."""
    if (seen["journal_mode"], seen["temp_store"]) != ("memory", 2):
        return fails(f"journal_mode is {seen['journal_mode']}, temp_store {seen['temp_store']}.")
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
