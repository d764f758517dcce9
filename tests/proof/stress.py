"""Uses sqlite3 as hard as it may be used, and says which errors it met: `python stress.py --seconds 8`.

Threads on two shared caches and on a memdb store with Python functions and callbacks of the program's own, threads
that share one connection (StaticPool), DDL beside it all, forks with and without threads at work, connections opened
and closed by the thousand, some never closed. Prints one line of JSON. Exit status: 0 ran through, 1 a deadlock, with
a traceback of every thread on stderr.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import json
import os
import sqlite3
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

SHARED = "file:stress{}?mode=memory&cache=shared"
STORE = "file:/stress?vfs=memdb"
HANG_SECONDS = 45.0
"""Without any progress for so long, it is a deadlock; ten times what the slowest round takes under load."""
FORK_SECONDS = 0.25
STOPPED_SECONDS = 30.0


class Stress:
    """What the threads share: when to stop, when to stand still, what was met."""

    def __init__(self, seconds: float, connections: int) -> None:
        self.ends_at = time.monotonic() + seconds
        self.wanted_connections = connections
        self.errors: Counter[str] = Counter()
        self.rounds: Counter[str] = Counter()
        self.opened = 0
        self.statements = 0
        self.wrong: list[str] = []
        self.callbacks = 0
        self._lock = threading.Lock()
        self._gate = threading.Condition(self._lock)
        self._running = 0
        self._is_shut = False

    def is_over(self) -> bool:
        return time.monotonic() > self.ends_at and self.opened >= self.wanted_connections

    def connect(self, database: str, **keywords: Any) -> sqlite3.Connection:
        with self._lock:
            self.opened += 1
        connection: sqlite3.Connection = sqlite3.connect(database, **keywords)
        return connection

    def met(self, error: Exception) -> None:
        text = "… is locked" if "locked" in str(error) else str(error)
        with self._lock:
            self.errors[f"{type(error).__name__}: {text}"] += 1

    def work(self, name: str, one_round: Callable[[], None]) -> None:
        """Rounds until the time is over; between two of them the thread can be made to stand still."""
        while not self.is_over():
            with self._gate:
                while self._is_shut:
                    self._gate.wait()
                self._running += 1
            try:
                one_round()
            except sqlite3.Error as error:
                self.met(error)
            finally:
                with self._gate:
                    self._running -= 1
                    self.rounds[name] += 1
                    self._gate.notify_all()
            faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)

    def stand_still(self) -> None:
        with self._gate:
            self._is_shut = True
            if not self._gate.wait_for(lambda: self._running == 0, STOPPED_SECONDS):
                self.wrong.append("the threads did not stand still")

    def go_on(self) -> None:
        with self._gate:
            self._is_shut = False
            self._gate.notify_all()

    def count_callback(self, *_: object) -> None:
        self.callbacks += 1


def write_shared(stress: Stress, number: int) -> Callable[[], None]:
    """Open, write and read through a Python function, close: three writers to a cache."""
    uri = SHARED.format(number % 2)

    def one_round() -> None:
        connection = stress.connect(uri, uri=True, timeout=0, check_same_thread=False)
        try:
            connection.create_function("f", 1, lambda x: x)
            connection.execute("CREATE TABLE IF NOT EXISTS t(x)")
            with connection:
                connection.executemany("INSERT INTO t VALUES(?)", [(k,) for k in range(30)])
            connection.execute("SELECT sum(f(x)) FROM t").fetchone()
            if stress.rounds["shared"] % 20 == number:
                with connection:
                    connection.execute("DELETE FROM t")
        finally:
            connection.close()

    return one_round


def change_schema(stress: Stress) -> Callable[[], None]:
    def one_round() -> None:
        connection = stress.connect(SHARED.format(0), uri=True, timeout=0, isolation_level=None)
        try:
            connection.execute("CREATE TABLE IF NOT EXISTS u(x)")
            connection.execute("CREATE INDEX IF NOT EXISTS ui ON u(x)")
            connection.execute("INSERT INTO u VALUES(1)")
            connection.execute("SELECT * FROM u").fetchall()
            connection.execute("DROP TABLE IF EXISTS u")
        finally:
            connection.close()

    return one_round


def use_store(stress: Stress) -> Callable[[], None]:
    """A memdb store, with a trace callback and a progress handler of the program's own."""

    def one_round() -> None:
        connection = stress.connect(STORE, uri=True, timeout=0.05)
        traced: list[str] = []
        connection.set_trace_callback(traced.append)
        connection.set_progress_handler(stress.count_callback, 50)
        try:
            connection.execute("CREATE TABLE IF NOT EXISTS s(x)")
            with connection:
                connection.executemany("INSERT INTO s VALUES(?)", [(k,) for k in range(20)])
            if not traced:
                stress.wrong.append("the program's own trace callback was not called")
            with connection:
                connection.execute("DELETE FROM s")
        finally:
            connection.close()

    return one_round


def share_one(stress: Stress, connection: sqlite3.Connection, number: int) -> Callable[[], None]:
    """One connection that several threads use, as SQLAlchemy's StaticPool hands it out.

    Without a Python function: those alone, called from two threads on one connection, deadlock in sqlite3 itself.
    """

    def one_round() -> None:
        cursor = connection.cursor()
        cursor.execute("INSERT INTO p VALUES(?, ?)", (number, stress.rounds["one for all"]))
        cursor.execute("SELECT count(*) FROM (SELECT * FROM p LIMIT 50)").fetchone()
        cursor.execute("DELETE FROM p WHERE a = ?", (number,))
        cursor.close()

    return one_round


def open_many(stress: Stress) -> Callable[[], None]:
    """Private ones, mostly closed; one in ten is left to the garbage collector, in a cycle."""

    def one_round() -> None:
        for number in range(20):
            connection = stress.connect(":memory:")
            connection.execute("SELECT 1").fetchone()
            if number % 10:
                connection.close()
            else:
                cycle: list[object] = [connection]
                cycle.append(cycle)

    return one_round


def use_static_pool(stress: Stress, number: int) -> Callable[[], None]:
    """The same through SQLAlchemy, whose pool and dialect do what they do."""
    from sqlalchemy import StaticPool, create_engine, text  # noqa: PLC0415 - it may be missing

    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})

    def one_round() -> None:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE IF NOT EXISTS p(x)"))
            connection.execute(text("INSERT INTO p VALUES(:x)"), [{"x": k} for k in range(10)])
        with engine.connect() as connection:
            found = connection.execute(text("SELECT count(*) FROM p")).scalar()
            if not found:
                stress.wrong.append(f"the pool's database lost its rows ({number})")
        if stress.rounds["static pool"] % 50 == 0:
            engine.dispose()

    return one_round


def fork_once(stress: Stress, *, is_quiet: bool) -> None:
    """A child that does something and ends; with SQLite in it only while no other thread is inside SQLite.

    A fork in the middle of other threads' work leaves SQLite's own mutexes locked in the child, whoever watches.
    """
    if is_quiet:
        stress.stand_still()
    try:
        pid = os.fork()
        if pid == 0:
            status = 3
            with suppress(BaseException):
                if is_quiet:
                    child = sqlite3.connect(":memory:")
                    child.execute("CREATE TABLE c(x)")
                    child.close()
                status = 0
            os._exit(status)
    finally:
        if is_quiet:
            stress.go_on()
    _, status = os.waitpid(pid, 0)
    stress.rounds["quiet fork" if is_quiet else "fork"] += 1
    if status:
        stress.wrong.append(f"a child ended with {status}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--connections", type=int, default=20_000)
    wanted = parser.parse_args()
    # Python says at every fork that other threads run, with and without a watcher.
    warnings.simplefilter("ignore", DeprecationWarning)
    sys.setswitchinterval(1e-4)
    faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
    stress = Stress(wanted.seconds, wanted.connections)
    one = stress.connect(":memory:", check_same_thread=False, isolation_level=None)
    one.execute("CREATE TABLE p(a, b)")
    # As applications do to keep the database while nobody uses it.
    keepers = [stress.connect(SHARED.format(number), uri=True) for number in range(2)]
    jobs = [("shared", write_shared(stress, number)) for number in range(4)]
    jobs += [("one for all", share_one(stress, one, number)) for number in range(2)]
    jobs += [("schema", change_schema(stress)), ("store", use_store(stress)), ("many", open_many(stress))]
    with suppress(ImportError):
        jobs += [("static pool", use_static_pool(stress, number)) for number in range(2)]
    threads = [threading.Thread(target=stress.work, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    while not stress.is_over():
        # Nothing is waited for here but time: the pace of the forks.
        time.sleep(FORK_SECONDS)
        fork_once(stress, is_quiet=stress.rounds["fork"] > stress.rounds["quiet fork"])
        gc.collect()
    for thread in threads:
        thread.join()
    for connection in (one, *keepers):
        connection.close()
    faulthandler.cancel_dump_traceback_later()
    print(
        json.dumps(
            {
                "rounds": stress.rounds,
                "errors": stress.errors,
                "wrong": sorted(set(stress.wrong)),
                "opened": stress.opened,
                "callbacks": stress.callbacks,
                "threads": sorted(thread.name for thread in threading.enumerate()),
            }
        )
    )


if __name__ == "__main__":
    main()
