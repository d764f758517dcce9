"""Who can hold the lock that a statement met, and waiting for it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from in_process import SHARED, URL, InProcess

from memdb_tui.host.connection import HostConnection
from memdb_tui.host.failures import Failure
from memdb_tui.host.locks import lock_pids
from memdb_tui.model import Evidence, LockReport, Run, RunState

COUNT = """WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<2000000000)
    SELECT x, (SELECT count(*) FROM t) FROM c"""
HOLDER = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def report(run: Run) -> LockReport:
    assert run.failure is not None
    assert run.failure.lock is not None
    return run.failure.lock


def test_the_holder_is_named_with_its_table_and_since_when(host: InProcess) -> None:
    first, second = host.open(URL.format("lock1")), host.open(URL.format("lock1"))
    host.do(first, "CREATE TABLE users(x); BEGIN; SELECT * FROM users")
    begun = host.connection(first).transaction_since
    run = host.run(second, "INSERT INTO users VALUES(1)")
    assert run.failure is not None
    assert run.failure.code == "SQLITE_LOCKED_SHAREDCACHE"
    assert run.failure.message == "database table is locked: users"
    assert run.failure.hint == "In a shared cache SQLite gives up at once; no busy timeout applies."
    (holder,) = report(run).holders
    assert report(run).table == "users"
    assert (holder.connection, holder.description, holder.evidence) == (first, "read transaction", Evidence.INFERRED)
    assert holder.since == begun


def test_two_holders_are_both_named(host: InProcess) -> None:
    first, second, third = (host.open(SHARED.format("lock2")) for _ in range(3))
    host.do(first, "CREATE TABLE t(x)")
    for connection in (first, second):
        host.do(connection, "BEGIN; SELECT * FROM t")
    holders = report(host.run(third, "INSERT INTO t VALUES(1)")).holders
    assert [h.connection for h in holders] == [first, second]


def test_a_holder_that_is_not_ours_is_said_as_such(host: InProcess) -> None:
    ours = host.open(SHARED.format("lock3"))
    host.do(ours, "CREATE TABLE t(x)")
    with closing(sqlite3.connect(SHARED.format("lock3"), uri=True, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        (holder,) = report(host.run(ours, "INSERT INTO t VALUES(1)")).holders
        assert holder.connection is None
        assert holder.description == "a connection not opened here (SQLite counts 2)"
    host.do(ours, "INSERT INTO t VALUES(1)")


def test_ours_and_one_that_is_not_ours_are_both_named(host: InProcess) -> None:
    first, second = host.open(SHARED.format("lock4")), host.open(SHARED.format("lock4"))
    host.do(first, "CREATE TABLE t(x); BEGIN; SELECT * FROM t")
    with closing(sqlite3.connect(SHARED.format("lock4"), uri=True, isolation_level=None)):
        holders = report(host.run(second, "INSERT INTO t VALUES(1)")).holders
    assert [h.connection for h in holders] == [first, None]


def test_an_open_cursor_is_a_holder(host: InProcess) -> None:
    reader, writer = host.open(SHARED.format("lock5")), host.open(SHARED.format("lock5"))
    host.do(reader, "CREATE TABLE t(x); INSERT INTO t VALUES(1)")
    number = host.start(reader, COUNT)
    host.answer(number)
    run = host.run(writer, "INSERT INTO t VALUES(2)")
    (holder,) = report(run).holders
    assert (holder.connection, holder.description) == (reader, "an open cursor")
    assert holder.since is not None
    host.session.cancel(number)
    host.finished(number)
    host.do(writer, "INSERT INTO t VALUES(2)")


def test_the_lock_of_an_attached_cache_is_reported_for_that_cache(host: InProcess) -> None:
    first, second = host.open(SHARED.format("lock6")), host.open(SHARED.format("lock7"))
    host.do(second, "CREATE TABLE t(x); BEGIN; INSERT INTO t VALUES(1)")
    run = host.run(first, f"ATTACH '{SHARED.format('lock7')}' AS two; INSERT INTO two.t VALUES(1)")
    assert [h.connection for h in report(run).holders] == [second]


@contextmanager
def locked_by_another_process(path: Path) -> Iterator[int]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process.pid
        process.communicate()


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="this system does not tell who locks a file")
def test_another_process_that_locks_a_file_is_named_by_its_pid(host: InProcess, tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    ours = host.open(f"sqlite:///{path}", allow_file=True)
    host.do(ours, "CREATE TABLE t(x)")
    host.session.registry.set_lock_wait(ours, 0)
    with locked_by_another_process(path) as pid:
        run = host.run(ours, "INSERT INTO t VALUES(1)")
        (holder,) = report(run).holders
        assert holder.description == f"process {pid}, which has a lock on the file"
        assert holder.evidence is Evidence.OBSERVED
        assert run.failure is not None
        assert run.failure.hint == "Waiting for locks is off for this connection."
    assert lock_pids(str(path)) == set()


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="this system does not tell who locks a file")
def test_a_connection_of_this_process_behind_our_back_that_locks_a_file_is_said(
    host: InProcess, tmp_path: Path
) -> None:
    path = tmp_path / "x.db"
    ours = host.open(f"file:{path}", allow_file=True)
    host.do(ours, "CREATE TABLE t(x)")
    host.session.registry.set_lock_wait(ours, 0)
    with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        (holder,) = report(host.run(ours, "INSERT INTO t VALUES(1)")).holders
    assert holder.description == "a connection of this process, not opened here"
    assert os.getpid() not in lock_pids(str(path))


def test_a_file_is_waited_for_and_a_shared_cache_is_not(host: InProcess, tmp_path: Path) -> None:
    assert host.connection(host.open(f"file:{tmp_path}/x.db", allow_file=True)).lock_wait_seconds == 5.0
    assert host.connection(host.open(SHARED.format("lock8"))).lock_wait_seconds == 0.0
    with_timeout = host.open(f"sqlite:///{tmp_path}/x.db?timeout=7.5", allow_file=True)
    assert host.connection(with_timeout).lock_wait_seconds == 7.5


def test_waiting_ends_when_the_lock_goes(host: InProcess, tmp_path: Path) -> None:
    file = f"file:{tmp_path}/x.db"
    first, second = host.open(file, allow_file=True), host.open(file, allow_file=True)
    host.session.registry.set_lock_wait(second, float("inf"))
    assert host.connection(second).lock_wait_seconds == 1e9
    host.do(first, "CREATE TABLE t(x); BEGIN IMMEDIATE")
    number = host.start(second, "INSERT INTO t VALUES(1)")
    host.wait_until(lambda: any(r.id == number and r.state is RunState.WAITING for r in host.seen), "the waiting")
    host.do(first, "COMMIT")
    assert host.finished(number).state is RunState.DONE


def test_waiting_can_be_cancelled(host: InProcess) -> None:
    first, second = host.open(SHARED.format("lock9")), host.open(SHARED.format("lock9"))
    host.session.registry.set_lock_wait(second, 1e9)
    host.do(first, "CREATE TABLE t(x); BEGIN; SELECT * FROM t")
    number = host.start(second, "INSERT INTO t VALUES(1)")
    host.wait_until(lambda: any(r.id == number and r.state is RunState.WAITING for r in host.seen), "the waiting")
    host.session.cancel(number)
    assert host.finished(number).state is RunState.CANCELLED
    assert host.do(second, "SELECT 1").state is RunState.DONE


def test_a_stop_that_comes_while_it_is_being_tried_for_the_last_time_is_no_lock_error(
    host: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = host.open(SHARED.format("lock10")), host.open(SHARED.format("lock10"))
    host.session.registry.set_lock_wait(second, 1e-9)
    host.do(first, "CREATE TABLE t(x); BEGIN; SELECT * FROM t")
    waits, is_started = HostConnection.wait_seconds, threading.Event()

    def stopped_just_now(connection: HostConnection, failure: Failure) -> float:
        assert is_started.wait(30)
        host.session.cancel(number)
        return waits(connection, failure)

    monkeypatch.setattr(HostConnection, "wait_seconds", stopped_just_now)
    number = host.start(second, "INSERT INTO t VALUES(1)")
    is_started.set()
    run = host.finished(number)
    assert (run.state, run.failure) == (RunState.CANCELLED, None)


def test_a_snapshot_grown_too_old_is_not_waited_for(host: InProcess, tmp_path: Path) -> None:
    file = f"file:{tmp_path}/x.db"
    first, second = host.open(file, allow_file=True), host.open(file, allow_file=True)
    host.session.registry.set_lock_wait(first, 1e9)
    host.do(first, "PRAGMA journal_mode=WAL; CREATE TABLE t(x); BEGIN; SELECT * FROM t")
    host.do(second, "INSERT INTO t VALUES(1)")
    failure = host.run(first, "INSERT INTO t VALUES(2)").failure
    assert failure is not None
    assert failure.code == "SQLITE_BUSY_SNAPSHOT"
    assert failure.hint.startswith("Waiting cannot help")
