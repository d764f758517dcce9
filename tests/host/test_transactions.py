"""Transaction modes, and what is left of a transaction that failed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from in_process import SECONDS, SHARED, InProcess

from memdb_tui.errors import UsageError
from memdb_tui.model import ConnectionId, RunState, TransactionMode, TransactionState

needs_manual_mode = pytest.mark.skipif(sys.version_info < (3, 12), reason="autocommit=False came with Python 3.12")


def set_mode(host: InProcess, connection: ConnectionId, mode: TransactionMode) -> None:
    host.session.registry.set_mode(connection, mode).result(SECONDS)


def state(host: InProcess, connection: ConnectionId) -> TransactionState:
    return host.connection(connection).transaction


@pytest.fixture
def memory(host: InProcess) -> ConnectionId:
    connection = host.open(":memory:")
    host.do(connection, "CREATE TABLE t(x)")
    return connection


def test_typed_sql_commits_itself(host: InProcess, memory: ConnectionId) -> None:
    host.do(memory, "INSERT INTO t VALUES(1)")
    assert state(host, memory) is TransactionState.NONE


def test_the_legacy_mode_begins_a_transaction_before_a_write_only(host: InProcess, memory: ConnectionId) -> None:
    set_mode(host, memory, TransactionMode.LEGACY)
    assert host.connection(memory).mode is TransactionMode.LEGACY
    host.do(memory, "SELECT * FROM t")
    assert state(host, memory) is TransactionState.NONE
    host.do(memory, "INSERT INTO t VALUES(1)")
    assert state(host, memory) is TransactionState.WRITE
    assert host.transact(memory, "ROLLBACK").state is RunState.DONE
    assert state(host, memory) is TransactionState.NONE
    assert host.texts(host.do(memory, "SELECT count(*) FROM t")) == [("0",)]


def test_the_mode_is_not_changed_under_an_open_transaction(host: InProcess, memory: ConnectionId) -> None:
    host.do(memory, "BEGIN")
    with pytest.raises(UsageError, match="has an open transaction, and changing the mode would commit it"):
        set_mode(host, memory, TransactionMode.LEGACY)
    host.do(memory, "INSERT INTO t VALUES(1)")
    with pytest.raises(UsageError, match="open transaction"):
        set_mode(host, memory, TransactionMode.LEGACY)
    assert host.connection(memory).mode is TransactionMode.AUTOCOMMIT
    assert state(host, memory) is TransactionState.WRITE
    set_mode(host, memory, TransactionMode.AUTOCOMMIT)
    host.do(memory, "ROLLBACK")
    set_mode(host, memory, TransactionMode.LEGACY)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="later Pythons have it")
def test_autocommit_false_is_refused_where_python_lacks_it(host: InProcess, memory: ConnectionId) -> None:
    with pytest.raises(UsageError, match=r"This Python has no autocommit=False\."):
        set_mode(host, memory, TransactionMode.MANUAL)


@needs_manual_mode
def test_autocommit_false_always_has_a_transaction_open(host: InProcess, memory: ConnectionId) -> None:
    set_mode(host, memory, TransactionMode.MANUAL)
    assert state(host, memory) is TransactionState.OPEN
    host.do(memory, "INSERT INTO t VALUES(1)")
    begun = host.connection(memory).transaction_since
    assert state(host, memory) is TransactionState.WRITE
    assert host.transact(memory, "COMMIT").failure is None
    assert state(host, memory) is TransactionState.OPEN
    now = host.connection(memory).transaction_since
    assert begun is not None
    assert now is not None
    assert now > begun


@needs_manual_mode
@pytest.mark.parametrize("mode", [TransactionMode.AUTOCOMMIT, TransactionMode.LEGACY])
def test_leaving_autocommit_false_leaves_no_transaction(
    host: InProcess, memory: ConnectionId, mode: TransactionMode
) -> None:
    set_mode(host, memory, TransactionMode.MANUAL)
    set_mode(host, memory, mode)
    assert state(host, memory) is TransactionState.NONE
    set_mode(host, memory, TransactionMode.MANUAL)
    host.do(memory, "INSERT INTO t VALUES(1)")
    with pytest.raises(UsageError, match="open transaction"):
        set_mode(host, memory, mode)
    host.transact(memory, "ROLLBACK")
    set_mode(host, memory, mode)
    assert state(host, memory) is TransactionState.NONE
    assert host.texts(host.do(memory, "SELECT count(*) FROM t")) == [("0",)]


@needs_manual_mode
def test_a_typed_commit_under_autocommit_false_says_that_nothing_is_open_now(
    host: InProcess, memory: ConnectionId
) -> None:
    set_mode(host, memory, TransactionMode.MANUAL)
    run = host.do(memory, "COMMIT")
    assert state(host, memory) is TransactionState.NONE
    assert "has no open transaction now" in run.notes[0]


def test_a_commit_without_a_transaction_is_said(host: InProcess, memory: ConnectionId) -> None:
    assert host.transact(memory, "COMMIT").notes == (f"{memory} has no open transaction.",)


@pytest.mark.parametrize("by_key", [True, False])
def test_a_commit_that_a_foreign_key_refuses_leaves_the_transaction_open(host: InProcess, *, by_key: bool) -> None:
    memory = host.open(":memory:")
    host.do(
        memory,
        "PRAGMA foreign_keys=1; CREATE TABLE a(x PRIMARY KEY);"
        "CREATE TABLE b(x REFERENCES a DEFERRABLE INITIALLY DEFERRED); BEGIN; INSERT INTO b VALUES(1)",
    )
    run = host.transact(memory, "COMMIT") if by_key else host.run(memory, "COMMIT")
    assert run.failure is not None
    assert run.failure.message == "FOREIGN KEY constraint failed"
    assert run.notes == ()
    assert state(host, memory) is TransactionState.WRITE
    host.do(memory, "INSERT INTO a VALUES(1); COMMIT")
    assert state(host, memory) is TransactionState.NONE


def test_a_commit_that_a_reader_blocks_leaves_the_transaction_open(host: InProcess, tmp_path: Path) -> None:
    file = f"file:{tmp_path}/x.db"
    writer, reader = host.open(file, allow_file=True), host.open(file, allow_file=True)
    for connection in (writer, reader):
        host.session.registry.set_lock_wait(connection, 0)
    host.do(writer, "CREATE TABLE t(x)")
    host.do(reader, "BEGIN; SELECT * FROM t")
    run = host.run(writer, "BEGIN; INSERT INTO t VALUES(1); COMMIT")
    assert run.failure is not None
    assert (run.failure.index, run.failure.code) == (3, "SQLITE_BUSY")
    assert state(host, writer) is TransactionState.WRITE
    assert run.failure.lock is not None
    assert [h.connection for h in run.failure.lock.holders] == [reader]
    host.do(reader, "COMMIT")
    host.do(writer, "COMMIT")
    assert state(host, writer) is TransactionState.NONE


def test_an_error_that_rolls_back_the_transaction_is_said(host: InProcess, memory: ConnectionId) -> None:
    host.do(memory, "CREATE UNIQUE INDEX i ON t(x); BEGIN; INSERT INTO t VALUES(1)")
    run = host.run(memory, "INSERT OR ROLLBACK INTO t VALUES(1)")
    assert run.failure is not None
    assert run.failure.code == "SQLITE_CONSTRAINT_UNIQUE"
    assert run.notes == (f"This error rolled back the whole transaction of {memory}: SQLite does that.",)
    assert state(host, memory) is TransactionState.NONE


def test_reading_the_schema_within_a_transaction_takes_no_lock(host: InProcess) -> None:
    first, second = host.open(SHARED.format("tx1")), host.open(SHARED.format("tx1"))
    host.do(
        first,
        "CREATE TABLE a(x INTEGER PRIMARY KEY, y TEXT NOT NULL, z AS (x*2)); CREATE VIEW v AS SELECT nope FROM a",
    )
    host.do(first, f"ATTACH '{SHARED.format('tx2')}' AS two; CREATE TABLE two.b(x); BEGIN")
    seen = host.session.registry.schema(first).result(SECONDS)
    assert [(t.schema, t.name, t.kind) for t in seen.tables] == [
        ("main", "a", "table"),
        ("main", "v", "view"),
        ("two", "b", "table"),
    ]
    assert [(c.name, c.is_primary_key, c.is_not_null, c.is_generated) for c in seen.tables[0].columns] == [
        ("x", True, False, False),
        ("y", False, True, False),
        ("z", False, False, True),
    ]
    assert "nope" in seen.tables[1].problem
    assert state(host, first) is TransactionState.OPEN
    host.do(second, "DROP VIEW v")


def test_the_schema_of_a_locked_database_cannot_be_read_and_says_so(host: InProcess) -> None:
    first, second = host.open(SHARED.format("tx3")), host.open(SHARED.format("tx3"))
    host.do(first, "BEGIN; CREATE TABLE a(x)")
    with pytest.raises(Exception, match=r"The tables cannot be read now: database schema is locked"):
        host.session.registry.schema(second).result(SECONDS)
    assert [t.name for t in host.session.registry.schema(first).result(SECONDS).tables] == ["a"]
