"""One connection for all threads."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title=":memory: with StaticPool",
    group=Group.WORKS,
    claim=(
        "To use a :memory: database in a multithreaded scenario, the same connection object must be shared among "
        "threads … The StaticPool implementation will maintain a single connection globally."
    ),
    source="https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#using-a-memory-database-in-multiple-threads",
    panes=(Pane("sqlite://", sql="CREATE TABLE t (x);"),),
)


def code() -> None:
    """A table made here, seen from another thread."""
    from threading import Thread

    from sqlalchemy import StaticPool, create_engine

    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
    found = []

    def look() -> None:
        with engine.connect() as connection:
            found.append(connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar())

    other = Thread(target=look)
    other.start()
    other.join()
    shared = found == [1]


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and another thread has to see the table."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
