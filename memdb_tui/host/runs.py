"""One run: its statements on one connection, done by the connection's owner."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from memdb_tui.host.connection import HostConnection
from memdb_tui.host.failures import STATEMENT_FAILURES, Failure, locked_table, read_failure
from memdb_tui.host.results import MAX_BYTES, MAX_ROWS, PageSize, ResultRows
from memdb_tui.model import (
    LockReport,
    Result,
    Run,
    RunId,
    RunState,
    StatementFailure,
    TransactionState,
)
from memdb_tui.sql.places import locate
from memdb_tui.sql.split import Statement, split

MAX_RESULTS = 1000
"""Results kept of one run; beyond them those without rows are only counted."""
_STATEMENT_CHARACTERS = 200
_FIRST_ROWS = 100
_FIRST_ROWS_SECONDS = 0.02
"""A run is answered when it has its first rows: this many, or as many as came within this time after the first."""
_RETRY_SECONDS = 0.02
_COUNTED = frozenset({"INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"})


class Surroundings(Protocol):
    """What a run needs of the session around it."""

    def looked(self, connection: HostConnection) -> None:
        """Look at the connection again; on its owner's thread, between its statements."""

    def changed(self) -> None:
        """The picture has changed."""

    def lock_report(self, connection: HostConnection, table: str) -> LockReport:
        """Who can be in the way."""

    def files_of(self, connection: HostConnection, statement: Statement) -> AbstractContextManager[None]:
        """Notice the files that the statement makes or opens."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the text of a run stands in the text it was taken from; both from 1."""

    line: int
    column: int

    def of(self, line: int, column: int) -> tuple[int, int]:
        """A place in the run's own text as a place in the whole one."""
        return line + self.line - 1, column + self.column - 1 if line == 1 else column


class RunTask:
    """A run from the moment it is asked for until it is released."""

    def __init__(
        self,
        run_id: RunId,
        connection: HostConnection,
        sql: str,
        *,
        place: Place,
        surroundings: Surroundings,
        on_answer: Callable[[], None],
        on_progress: Callable[[], None],
    ) -> None:
        self.id = run_id
        self.connection = connection
        self.rows: dict[int, ResultRows] = {}
        self._sql = sql
        self._place = place
        self._around = surroundings
        self._on_answer = on_answer
        self._on_progress = on_progress
        self._is_answered = False
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._results: list[Result] = []
        self._dropped = 0
        self._count = 0
        self._failure: StatementFailure | None = None
        self._notes: list[str] = []
        self._state = RunState.RUNNING
        self._started_at = time.time()
        self._started = time.perf_counter()
        self._elapsed: float | None = None

    def cancel(self) -> None:
        """Stop as soon as SQLite lets go. Safe from any thread, and to call again until the run is over."""
        with self._lock:
            if self._state.is_over:
                return
            self._state = RunState.CANCELLING
        self._cancelled.set()
        self.connection.interrupt()

    @property
    def is_over(self) -> bool:
        """Nothing more will happen."""
        return self._state.is_over

    def view(self) -> Run:
        """The run as it stands. Safe from any thread."""
        with self._lock:
            elapsed = self._elapsed
            return Run(
                id=self.id,
                connection=self.connection.id,
                state=self._state,
                statement_count=self._count,
                results=tuple(self._results),
                dropped_results=self._dropped,
                failure=self._failure,
                notes=tuple(self._notes),
                started_at=self._started_at,
                elapsed_seconds=time.perf_counter() - self._started if elapsed is None else elapsed,
            )

    def execute(self, statements: Callable[[str], tuple[Statement, ...]] = split) -> None:
        """Run everything; on the owner's thread."""
        final = RunState.DONE
        try:
            found = statements(self._sql)
            self._count = len(found)
            if not found:
                self._notes.append("There is no statement to run: only blanks and comments.")
            for index, statement in enumerate(found, start=1):
                if self._cancelled.is_set():
                    final = RunState.CANCELLED
                    break
                final = self._execute_one(index, statement)
                if final is not RunState.DONE:
                    break
        finally:
            self._finish(final)

    def commit_or_roll_back(self, action: str) -> None:
        """`COMMIT` or `ROLLBACK` the way sqlite3 does it in each mode; on the owner's thread."""
        raw = self.connection.raw
        call = raw.commit if action == "COMMIT" else raw.rollback
        statement = Statement(0, len(action), action, 1, 1)
        self._count = 1
        final = RunState.FAILED
        try:
            if not raw.in_transaction:
                self._notes.append(f"{self.connection.id} has no open transaction.")
                final = RunState.DONE
            else:
                final = self._execute_one(1, statement, call=call)
        finally:
            self._finish(final)

    def _finish(self, final: RunState) -> None:
        with self._lock:
            self._state = final
            self._elapsed = time.perf_counter() - self._started
        self._on_progress()
        self._answer()

    def _answer(self) -> None:
        if not self._is_answered:
            self._is_answered = True
            self._on_answer()

    def _execute_one(self, index: int, statement: Statement, *, call: Callable[[], None] | None = None) -> RunState:
        connection = self.connection
        raw = connection.raw
        was_open = raw.in_transaction
        was_changed = raw.total_changes
        line, column = self._place.of(statement.line, statement.column)
        shown = statement.text[:_STATEMENT_CHARACTERS]
        result = Result(index, shown, line, column, (), 0, None, 0, RunState.RUNNING, 0.0, "")
        started = time.perf_counter()
        connection.set_running(shown)
        self._around.changed()
        cursor = raw.cursor()
        failure: Failure | None = None
        try:
            with self._around.files_of(connection, statement):
                self._step(cursor, statement.text, call)
                result = self._read(cursor, result, started)
                changed = self._changed_rows(cursor, statement.text, raw.total_changes - was_changed)
            result = replace(result, state=RunState.DONE, changed_rows=changed)
        except STATEMENT_FAILURES as error:
            failure = read_failure(error, raw)
        finally:
            cursor.close()
            connection.set_running("")
            self._around.looked(connection)
        elapsed = time.perf_counter() - started
        if failure is None:
            self._keep(replace(result, elapsed_seconds=elapsed))
            return RunState.DONE
        return self._failed(failure, result, statement, elapsed, was_open=was_open)

    def _step(self, cursor: sqlite3.Cursor, sql: str, call: Callable[[], None] | None) -> None:
        """Execute, again and again while a lock is in the way and waiting is wanted."""
        deadline = time.monotonic() + self.connection.lock_wait_seconds
        while True:
            try:
                if call is None:
                    cursor.execute(sql)
                else:
                    call()
            except sqlite3.OperationalError as error:
                failure = read_failure(error, self.connection.raw)
                if not failure.is_lock or time.monotonic() >= deadline or self._cancelled.is_set():
                    raise
            else:
                self._set_state(RunState.RUNNING)
                return
            self._set_state(RunState.WAITING)
            self._on_progress()
            if self._cancelled.wait(_RETRY_SECONDS):
                raise _cancelled_wait()

    def _set_state(self, state: RunState) -> None:
        with self._lock:
            if self._state is not RunState.CANCELLING:
                self._state = state

    def _read(self, cursor: sqlite3.Cursor, result: Result, started: float) -> Result:
        """Read the cursor to its end, page by page, as long as nobody cancels and the cap is not met."""
        if cursor.description is None:
            return result
        rows = ResultRows()
        self.rows[result.index] = rows
        result = replace(result, columns=tuple(str(column[0]) for column in cursor.description))
        size = PageSize()
        first_at: float | None = None
        while True:
            began = time.perf_counter()
            page = cursor.fetchmany(size.rows)
            if not page:
                return replace(result, row_count=rows.row_count, size_bytes=rows.size_bytes)
            if first_at is None:
                first_at = began
                self.connection.holds_cursor = True
                self._around.changed()
            size.learn(time.perf_counter() - began, rows.append(page))
            result = replace(
                result,
                row_count=rows.row_count,
                size_bytes=rows.size_bytes,
                elapsed_seconds=time.perf_counter() - started,
                stopped_at=self._cap(rows),
            )
            self._show(result)
            if self._cancelled.is_set():
                raise _cancelled_wait()
            if result.stopped_at:
                return result
            if rows.row_count >= _FIRST_ROWS or time.perf_counter() - first_at > _FIRST_ROWS_SECONDS:
                self._answer()

    def _cap(self, rows: ResultRows) -> str:
        if rows.row_count >= MAX_ROWS:
            return f"{MAX_ROWS:,} rows"
        kept = sum(each.size_bytes for each in self.rows.values())
        return f"{MAX_BYTES >> 20} MiB" if kept >= MAX_BYTES else ""

    def _show(self, result: Result) -> None:
        """The result as far as it is read."""
        with self._lock:
            if self._results and self._results[-1].index == result.index:
                self._results[-1] = result
            else:
                self._results.append(result)
        self._on_progress()

    def _keep(self, result: Result) -> None:
        with self._lock:
            if self._results and self._results[-1].index == result.index:
                self._results[-1] = result
            elif len(self._results) < MAX_RESULTS or result.columns:
                self._results.append(result)
            else:
                self._dropped += 1

    def _changed_rows(self, cursor: sqlite3.Cursor, sql: str, difference: int) -> int | None:
        if cursor.rowcount >= 0:
            return cursor.rowcount
        # sqlite3 counts nothing for WITH … INSERT; SQLite's own count also holds what triggers changed.
        return difference if difference and sql[:7].upper().split()[0] in _COUNTED else None

    def _failed(
        self, failure: Failure, result: Result, statement: Statement, elapsed: float, *, was_open: bool
    ) -> RunState:
        connection = self.connection
        cancelled = failure.is_interrupt and self._cancelled.is_set()
        state = RunState.CANCELLED if cancelled else RunState.FAILED
        if was_open and not _is_in_transaction(connection):
            why = "The interrupted statement" if cancelled else "This error"
            self._notes.append(f"{why} rolled back the whole transaction of {connection.id}: SQLite does that.")
        rows = self.rows.get(result.index)
        if rows is not None:
            stopped = "cancelled" if cancelled else "the error"
            self._show_last(
                replace(
                    result,
                    row_count=rows.row_count,
                    size_bytes=rows.size_bytes,
                    state=state,
                    elapsed_seconds=elapsed,
                    stopped_at=stopped,
                )
            )
        if not cancelled:
            self._failure = self._explain(failure, result.index, statement)
        return state

    def _show_last(self, result: Result) -> None:
        with self._lock:
            if self._results and self._results[-1].index == result.index:
                self._results[-1] = result
            else:
                self._results.append(result)

    def _explain(self, failure: Failure, index: int, statement: Statement) -> StatementFailure:
        line, column = statement.line, statement.column
        if failure.byte_offset is not None:
            inner = locate(statement.text, failure.byte_offset)
            line, column = Place(statement.line, statement.column).of(inner.line, inner.column)
        line, column = self._place.of(line, column)
        report = None
        if failure.is_lock:
            report = self._around.lock_report(self.connection, locked_table(failure.message))
        return StatementFailure(
            index=index,
            line=line,
            column=column,
            is_exact=failure.byte_offset is not None,
            message=failure.message,
            code=failure.code,
            hint=self._lock_hint(failure) if failure.is_lock else failure.hint,
            lock=report,
        )

    def _lock_hint(self, failure: Failure) -> str:
        if self.connection.lock_wait_seconds > 0:
            return f"Tried again for {self.connection.lock_wait_seconds:g} s."
        if failure.is_shared_cache_lock:
            return "In a shared cache SQLite gives up at once; no busy timeout applies."
        return "Waiting for locks is off for this connection."


def _is_in_transaction(connection: HostConnection) -> bool:
    look = connection.look
    return look is not None and look.observation.transaction is not TransactionState.NONE


def _cancelled_wait() -> sqlite3.OperationalError:
    """The error SQLite itself would give, for a wait of ours that was cancelled."""
    error = sqlite3.OperationalError("interrupted")
    error.sqlite_errorcode = sqlite3.SQLITE_INTERRUPT
    error.sqlite_errorname = "SQLITE_INTERRUPT"
    return error
