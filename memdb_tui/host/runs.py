"""One run: its statements on one connection, done by the connection's owner."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from memdb_tui.host.connection import HostConnection
from memdb_tui.host.failures import STATEMENT_FAILURES, Failure, locked_table, read_failure
from memdb_tui.host.reading import PageReader
from memdb_tui.host.reports import Place, failure_report
from memdb_tui.host.results import MAX_BYTES, MAX_ROWS, ResultRows
from memdb_tui.host.run_log import MAX_RESULTS, ResultDraft, RunLog
from memdb_tui.model import (
    LockReport,
    Run,
    RunId,
    RunState,
    StatementFailure,
    TransactionMode,
    TransactionState,
)
from memdb_tui.probe.native import native
from memdb_tui.sql.intent import first_keyword
from memdb_tui.sql.split import Statement, split

_STATEMENT_CHARACTERS = 200
_COLUMN_CHARACTERS = 200
_FIRST_ROWS = 100
_FIRST_ROWS_SECONDS = 0.02
"""A run is answered when it has its first rows: this many, or as many as came within this time after the first."""
_RETRY_SECONDS = 0.02
_SHOW_SECONDS = 0.005
_REPORT_SECONDS = 0.5
"""How often it is asked anew who holds the lock that is waited for: one may let go and another come."""
_NOT_RUN = "It was waiting for a lock, and has not run."
_NOT_ALL_KEPT = (
    f"Rows of the first {MAX_RESULTS - 1:,} statements and of the last are kept; the others ran all the same."
)


class Surroundings(Protocol):
    """What a run needs of the session around it."""

    def looked(self, connection: HostConnection, *, within_run: bool = False) -> None:
        """Look at the connection again; on its owner's thread, between its statements.

        Within a run what takes longer may be left to the look at its end.
        """

    def changed(self) -> None:
        """The picture has changed."""

    def lock_report(self, connection: HostConnection, table: str) -> LockReport:
        """Who can be in the way."""

    def files_of(self, connection: HostConnection, statement: Statement) -> AbstractContextManager[None]:
        """Notice the files that the statement makes or opens."""


class RunTask:
    """A run from the moment it is asked for until it is released.

    Args:
        run_id: Its id.
        connection: Where it runs.
        sql: One or more statements.
        place: Where that text stands in the one it was taken from.
        surroundings: The session around it.
        on_answer: Called once, on the owner's thread, with the first rows or at the end.
        on_progress: Called on the owner's thread whenever there is something new to see.
    """

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
        self._kept_bytes = 0
        self._cancelled = threading.Event()
        self._log = RunLog(run_id, connection.id)

    @property
    def is_over(self) -> bool:
        """Nothing more will happen."""
        return self._log.is_over

    def view(self) -> Run:
        """The run as it stands. Safe from any thread."""
        return self._log.view()

    def cancel(self) -> None:
        """Stop as soon as SQLite lets go. Safe from any thread, and to call again until the run is over."""
        if self._log.cancelling():
            self._cancelled.set()
            self.connection.interrupt(self)

    def execute(self, statements: Callable[[str], tuple[Statement, ...]] = split) -> None:
        """Run everything; on the owner's thread."""
        self._run(lambda: self._execute_all(statements(self._sql)))

    def commit_or_roll_back(self, action: str) -> None:
        """`COMMIT` or `ROLLBACK` the way sqlite3 does it in each mode; on the owner's thread."""
        self._run(lambda: self._transact(action))

    def _run(self, work: Callable[[], RunState]) -> None:
        """Where a run becomes its answer: whatever happens, it ends, and says how."""
        final = RunState.FAILED
        try:
            final = work()
            if self.connection.has_old_counts:
                self._around.looked(self.connection)
        except Exception as error:  # noqa: BLE001 - the edge: a fault of ours is told, and the owner lives on
            traceback.print_exception(error, file=sys.stderr)
            self._log.fail(_fault(error, self._place))
        finally:
            self._log.finish(final)
            self._on_progress()
            self._answer()

    def _execute_all(self, statements: tuple[Statement, ...]) -> RunState:
        self._log.set_count(len(statements))
        if not statements:
            self._log.note("There is no statement to run: only blanks and comments.")
        for index, statement in enumerate(statements, start=1):
            if self._cancelled.is_set():
                return RunState.CANCELLED
            if self.rows:
                # The rows that are there are shown at once, however long the next statement takes.
                self._answer()
            state = self._execute_one(index, statement, is_last=index == len(statements))
            if state is not RunState.DONE:
                return state
        return RunState.DONE

    def _transact(self, action: str) -> RunState:
        raw = self.connection.raw
        self._log.set_count(1)
        if not raw.in_transaction:
            self._log.note(f"{self.connection.id} has no open transaction.")
            return RunState.DONE
        statement = Statement(0, len(action), action, 1, 1)
        return self._execute_one(1, statement, call=raw.commit if action == "COMMIT" else raw.rollback)

    def _answer(self) -> None:
        if not self._is_answered:
            self._is_answered = True
            self._on_answer()

    def _execute_one(
        self, index: int, statement: Statement, *, is_last: bool = True, call: Callable[[], None] | None = None
    ) -> RunState:
        connection = self.connection
        raw = connection.raw
        draft = ResultDraft(
            index, statement.text[:_STATEMENT_CHARACTERS], self._place.of(statement.line, statement.column)
        )
        was_open = connection.transaction is not TransactionState.NONE
        connection.begin_statement(draft.statement, self)
        self._around.changed()
        failure: Failure | None = None
        cursor: sqlite3.Cursor | None = None
        try:
            changes_before = raw.total_changes
            cursor = raw.cursor()
            with self._around.files_of(connection, statement):
                self._step(cursor, statement.text, call)
                self._read(cursor, draft, is_last=is_last)
            difference = raw.total_changes - changes_before
            draft.changed_rows = _changed_rows(raw, cursor, statement.text, difference)
        except STATEMENT_FAILURES as error:
            failure = read_failure(error, raw)
        finally:
            if cursor is not None:
                # A pool may have closed the connection meanwhile, and with it what there was to close here.
                with contextlib.suppress(sqlite3.ProgrammingError):
                    cursor.close()
            connection.end_statement()
            self._around.looked(connection, within_run=not is_last)
        if failure is not None:
            return self._failed(failure, draft, statement, was_open=was_open)
        self._log.show(draft.result(RunState.DONE))
        self._note_manual_mode()
        return RunState.DONE

    def _step(self, cursor: sqlite3.Cursor, sql: str, call: Callable[[], None] | None) -> None:
        """Execute, again and again while a lock is in the way and waiting is wanted."""
        began = time.monotonic()
        report: LockReport | None = None
        reported_at = 0.0
        while True:
            try:
                if call is None:
                    cursor.execute(sql)
                else:
                    call()
            except sqlite3.OperationalError as error:
                failure = read_failure(error, self.connection.raw)
                wait_seconds = self.connection.wait_seconds(failure)
                if wait_seconds and self._cancelled.is_set():
                    # Stopped just while it was being tried: the lock is not what ended it.
                    self._log.note(_NOT_RUN)
                    raise _interrupted() from error
                now = time.monotonic()
                if now - began >= wait_seconds:
                    raise
                if report is None or now - reported_at >= _REPORT_SECONDS:
                    report = self._around.lock_report(self.connection, locked_table(failure.message))
                    reported_at = now
            else:
                if report is not None:
                    self._log.waits(None)
                return
            self._log.waits(report)
            self._on_progress()
            if self._cancelled.wait(_RETRY_SECONDS):
                self._log.note(_NOT_RUN)
                raise _interrupted()

    def _read(self, cursor: sqlite3.Cursor, draft: ResultDraft, *, is_last: bool) -> None:
        """Read the cursor to its end, page by page, as long as nobody cancels and the cap is not met."""
        if cursor.description is None:
            return
        draft.columns = tuple([_shortened(column[0]) for column in cursor.description])
        reader = PageReader(self.connection.raw, cursor)
        if self._passes_over(is_last=is_last):
            self._drain(reader)
            return
        rows = draft.rows = self.rows[draft.index] = ResultRows()
        first_at = shown_at = 0.0
        while page := reader.next(MAX_ROWS - rows.row_count):
            reader.learn(rows.append(page))
            now = time.perf_counter()
            if not first_at:
                first_at = now
                self.connection.begin_rows()
                self._around.changed()
            stopped_at = self._cap(rows)
            if stopped_at and not reader.has_more():
                break
            is_first = not self._is_answered and (
                rows.row_count >= _FIRST_ROWS or now - first_at > _FIRST_ROWS_SECONDS
            )
            if is_first or stopped_at or now - shown_at >= _SHOW_SECONDS:
                shown_at = now
                draft.stopped_at = stopped_at
                self._log.show(draft.result(RunState.RUNNING))
                self._on_progress()
            if is_first:
                self._answer()
            if self._cancelled.is_set():
                raise _interrupted()
            if stopped_at:
                break
        self._kept_bytes += rows.size_bytes

    def _passes_over(self, *, is_last: bool) -> bool:
        """Whether the rows of a statement are not kept, since there are too many before it."""
        if self._log.is_full:
            self._log.note(_NOT_ALL_KEPT)
        return self._log.is_full and not is_last

    def _drain(self, reader: PageReader) -> None:
        """Run a statement to its end whose rows nobody will see."""
        while reader.next(MAX_ROWS):
            reader.learn(0)
            if self._cancelled.is_set():
                raise _interrupted()

    def _cap(self, rows: ResultRows) -> str:
        if rows.row_count >= MAX_ROWS:
            return f"{MAX_ROWS:,} rows"
        return f"{MAX_BYTES >> 20} MiB" if self._kept_bytes + rows.size_bytes >= MAX_BYTES else ""

    def _failed(self, failure: Failure, draft: ResultDraft, statement: Statement, *, was_open: bool) -> RunState:
        connection = self.connection
        is_cancelled = failure.is_interrupt and self._cancelled.is_set()
        state = RunState.CANCELLED if is_cancelled else RunState.FAILED
        if was_open and connection.transaction is TransactionState.NONE:
            why = "The interrupted statement" if failure.is_interrupt else "This error"
            self._log.note(f"{why} rolled back the whole transaction of {connection.id}: SQLite does that.")
        self._note_manual_mode()
        if draft.rows is not None:
            draft.stopped_at = "cancelled" if is_cancelled else "the error"
            self._log.show(draft.result(state))
        if not is_cancelled:
            self._log.fail(self._report(failure, draft.index, statement))
        return state

    def _report(self, failure: Failure, index: int, statement: Statement) -> StatementFailure:
        connection = self.connection
        lock = self._around.lock_report(connection, locked_table(failure.message)) if failure.is_lock else None
        waited = connection.wait_seconds(failure)
        return failure_report(failure, index, statement, place=self._place, lock=lock, waited_seconds=waited)

    def _note_manual_mode(self) -> None:
        connection = self.connection
        is_manual = connection.mode is TransactionMode.MANUAL and not connection.closed
        if is_manual and connection.transaction is TransactionState.NONE:
            self._log.note(
                f"{connection.id} is in the mode autocommit=False, but has no open transaction now: "
                "sqlite3 begins the next one only when you commit or roll back by key."
            )


def _changed_rows(raw: sqlite3.Connection, cursor: sqlite3.Cursor, sql: str, difference: int) -> int | None:
    if cursor.rowcount >= 0:
        return cursor.rowcount
    # sqlite3 counts nothing for WITH … INSERT.
    is_with = sql[:4].upper() == "WITH" and first_keyword(sql[:_STATEMENT_CHARACTERS]) == "WITH"
    if not is_with or (not difference and cursor.description is not None):
        return None
    library = native()
    # Without SQLite's own count, that of all changes also holds what triggers changed.
    return library.changes(library.handle(raw)) if library is not None and difference else difference


def _shortened(name: object) -> str:
    text = str(name)
    return text if len(text) <= _COLUMN_CHARACTERS else f"{text[:_COLUMN_CHARACTERS]}…"


def _interrupted() -> sqlite3.OperationalError:
    """The error SQLite itself would give, for a wait of ours that was cancelled."""
    error = sqlite3.OperationalError("interrupted")
    error.sqlite_errorcode = sqlite3.SQLITE_INTERRUPT
    error.sqlite_errorname = "SQLITE_INTERRUPT"
    return error


def _fault(error: Exception, place: Place) -> StatementFailure:
    return StatementFailure(
        index=1,
        line=place.line,
        column=place.column,
        is_exact=False,
        message=f"The host failed: {type(error).__name__}: {error}",
        code="",
        hint="This is a fault of memdb-tui; the databases are still there.",
        lock=None,
    )
