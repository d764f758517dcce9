"""A program's side of a shared database, as the tests of the probe play it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from memdb_tui.probe.native import native
from memdb_tui.probe.visit import Target

SECONDS = 30.0
"""A deadline for what takes milliseconds: no test depends on speed."""
SHARED = "file:{}?mode=memory&cache=shared"
COUNT = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c{}) "
ENDLESS = COUNT.format("") + "SELECT sum(x) FROM c"


def connect(name: str) -> sqlite3.Connection:
    """A connection of the program."""
    return sqlite3.connect(SHARED.format(name), uri=True, isolation_level=None)


def pager(raw: sqlite3.Connection) -> int | None:
    """What the recorder notes of a connection when it is opened."""
    library = native()
    assert library is not None
    return library.pager(library.handle(raw), b"main")


def target(raw: sqlite3.Connection, name: str) -> Target:
    """The way to the database of a program's connection."""
    return Target(SHARED.format(name), pager=pager(raw), is_store=False, has_known_members=lambda: True)


@contextmanager
def thread(work: Callable[[threading.Event], None]) -> Iterator[threading.Event]:
    """A thread of the program that goes on until the block ends; what it raised is raised there."""
    stop = threading.Event()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work(stop)
        except BaseException as error:  # noqa: BLE001 - handed on to the test
            failures.append(error)

    running = threading.Thread(target=run)
    running.start()
    try:
        yield stop
    finally:
        stop.set()
        running.join(SECONDS)
        assert not running.is_alive(), "a thread of the program hangs"
    if failures:
        raise failures[0]


def is_sound(image: bytes) -> bool:
    """SQLite finds no fault in a copy."""
    with closing(sqlite3.connect(":memory:")) as copy:
        copy.deserialize(image)
        return [row[0] for row in copy.execute("PRAGMA integrity_check")] == ["ok"]
