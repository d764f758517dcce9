"""One measurement within a fresh process: prints the seconds one piece of work took.

python probe_workload.py sqlalchemy|sqlite3|open ROUNDS
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable

THREAD_VARIABLE = "MEMDB_TUI_BENCH_THREAD"
"""Set, a second thread waits while the work is done."""


def sqlalchemy_statements(rounds: int) -> Callable[[], None]:
    """Short statements as an application sends them: an engine, a pooled connection, a transaction each."""
    from sqlalchemy import QueuePool, create_engine, text  # noqa: PLC0415 - the other work is measured without it

    engine = create_engine("sqlite:///file:bench?mode=memory&cache=shared&uri=true", poolclass=QueuePool)
    keeper = engine.connect()
    insert, select = text("INSERT INTO t VALUES(:x, :y)"), text("SELECT y FROM t WHERE x = :x")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t(x INTEGER PRIMARY KEY, y)"))

    def work() -> None:
        for number in range(rounds):
            with engine.begin() as connection:
                connection.execute(insert, {"x": number, "y": "some text"})
            with engine.connect() as connection:
                connection.execute(select, {"x": number}).scalar()
        keeper.close()

    return work


def sqlite3_statements(rounds: int) -> Callable[[], None]:
    """Short statements on one connection of plain sqlite3."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE t(x INTEGER PRIMARY KEY, y)")

    def work() -> None:
        for number in range(rounds):
            connection.execute("INSERT INTO t VALUES(?, ?)", (number, "some text"))
            connection.execute("SELECT y FROM t WHERE x = ?", (number,)).fetchone()

    return work


def openings(rounds: int) -> Callable[[], None]:
    """Connections opened and closed."""

    def work() -> None:
        for _ in range(rounds):
            sqlite3.connect("file:bench?mode=memory&cache=shared", uri=True).close()

    return work


WORK = {"sqlalchemy": sqlalchemy_statements, "sqlite3": sqlite3_statements, "open": openings}


def main() -> None:
    prepare, rounds = WORK[sys.argv[1]], int(sys.argv[2])
    # What is there once, or comes with the first connection (the probe loads ctypes then), is not what is measured.
    sqlite3.connect(":memory:").close()
    if THREAD_VARIABLE in os.environ:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    work = prepare(rounds)
    began = time.perf_counter()
    work()
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main()
