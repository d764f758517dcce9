"""SQL on a program's databases, live: each statement over a connection of ours that is open for that moment alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from memdb_tui.errors import MemdbError, UsageError
from memdb_tui.model import (
    CellPart,
    Connection,
    ConnectionId,
    CopyState,
    DatabaseSchema,
    Result,
    Run,
    RunId,
    RunState,
    StatementFailure,
    Window,
)
from memdb_tui.programs.places import spelled
from memdb_tui.programs.told_live import LiveFailure, LiveResult, LiveSchema, LiveStatus, Value
from memdb_tui.protocol.messages import Answer
from memdb_tui.protocol.values import cell_of, part_of
from memdb_tui.sql.places import locate
from memdb_tui.sql.split import Statement, split

DEFAULT_MILLISECONDS = 100
"""How long a live statement may run: while it does, the program waits for the cache, and may stand still."""
MAX_ROWS = 10_000
MAX_BYTES = 4 << 20
_FIRST_WINDOW_ROWS = 100
_STATEMENT_CHARACTERS = 200
_READONLY = "SQLITE_READONLY"
_MOST_HOLDERS = 3
_TOLD_SECONDS = 0.5
"""A statement that goes on is told of so often: the program may keep it waiting for as long as it likes."""


class Reader(Protocol):
    """What a live session asks of a process."""

    async def live(
        self, connection: str, sql: str, *, write: bool, milliseconds: int, max_rows: int, max_bytes: int
    ) -> LiveResult:
        """Run one statement over a connection of ours."""

    async def schema(self, connection: str) -> LiveSchema:
        """Tables and columns."""


@dataclass(slots=True)
class _Kept:
    """A run, and the rows of its results."""

    run: Run
    rows: dict[int, Sequence[Sequence[Value]]] = field(default_factory=dict)
    is_cancelled: bool = False
    running: asyncio.Task[LiveResult] | None = None
    """The statement that runs there now."""


def _nobody(_connection: ConnectionId) -> Sequence[Connection]:
    return ()


class LiveSession:
    """Runs statements on the databases of programs, and keeps the rows that came.

    It has the methods of a host's session that panes use, and refuses what is the program's own business.

    Args:
        reader_of: The process of a connection, and the connection's id there.
        connection_of: The newest value of a connection, None when it is gone.
        on_run: Called when a run has moved on, and now and then while it does not.
        in_transaction_on: The program's connections to the same database that are in a transaction now.
    """

    def __init__(
        self,
        reader_of: Callable[[ConnectionId], tuple[Reader, str]],
        connection_of: Callable[[ConnectionId], Connection | None],
        on_run: Callable[[Run], None],
        *,
        in_transaction_on: Callable[[ConnectionId], Sequence[Connection]] = _nobody,
    ) -> None:
        self._reader_of = reader_of
        self._connection_of = connection_of
        self._on_run = on_run
        self._in_transaction_on = in_transaction_on
        self._kept: dict[RunId, _Kept] = {}
        self.milliseconds = DEFAULT_MILLISECONDS
        """How long a statement may hold the program up."""

    def owns(self, run: RunId) -> bool:
        """The run's rows are here."""
        return run in self._kept

    def may_write(self, run: Run) -> bool:
        """The run failed only because live reading writes nothing."""
        return run.failure is not None and run.failure.code.startswith(_READONLY)

    async def execute(
        self, run: RunId, connection: ConnectionId, sql: str, *, line: int = 1, column: int = 1, write: bool = False
    ) -> Answer:
        """Run SQL, a statement at a time; returns when it is over.

        Args:
            run: Its id.
            connection: Of the program; its database is reached by name, over a connection of ours.
            sql: One or more statements.
            line: Where the text begins in the editor, from 1.
            column: The same.
            write: The user has said yes to writing into the program's database.

        Raises:
            UsageError: The connection is gone, or its database cannot be reached by name.
        """
        self._check(connection)
        reader, there = self._reader_of(connection)
        statements = split(sql)
        kept = _Kept(Run(run, connection, RunState.RUNNING, len(statements), (), 0, None, (), time.time(), 0.0))
        self._kept[run] = kept
        began = time.monotonic()
        try:
            for index, statement in enumerate(statements, start=1):
                part = _Part(index, statement, line, column)
                await self._run_one(kept, reader, there, part, write=write)
                kept.run = _with(kept.run, elapsed=time.monotonic() - began)
                if kept.run.state.is_over:
                    break
                self._on_run(kept.run)
            else:
                kept.run = _with(kept.run, state=RunState.DONE, elapsed=time.monotonic() - began)
        finally:
            if not kept.run.state.is_over:
                # Whoever waited for it has gone.
                kept.run = _with(kept.run, state=RunState.CANCELLED)
            self._on_run(kept.run)
        first = next((r for r in kept.run.results if r.columns), None)
        window = None
        if first is not None:
            window = _window(kept, first.index, slice(0, _FIRST_WINDOW_ROWS), slice(0, len(first.columns)))
        return Answer(kept.run, window)

    async def _run_one(self, kept: _Kept, reader: Reader, there: str, part: _Part, *, write: bool) -> None:
        """Run one statement, and add to its run what came of it."""
        found = None
        try:
            if not kept.is_cancelled:
                found = await self._read(kept, reader, there, part.statement.text, write=write)
        except MemdbError as error:
            # Nothing was read, or what came is no answer: earlier results stay.
            failure = _failure(part, LiveFailure(str(error), hint=error.hint))
            kept.run = _with(kept.run, state=RunState.FAILED, failure=failure)
            return
        if found is not None:
            self._take(kept, part, found)
        else:
            kept.run = _with(kept.run, state=RunState.CANCELLED)

    async def _read(self, kept: _Kept, reader: Reader, there: str, sql: str, *, write: bool) -> LiveResult | None:
        """What one statement gave; None where it was cancelled."""
        began = time.monotonic() - kept.run.elapsed_seconds
        kept.running = asyncio.ensure_future(
            reader.live(
                there, sql, write=write, milliseconds=self.milliseconds, max_rows=MAX_ROWS, max_bytes=MAX_BYTES
            )
        )
        try:
            while not (await asyncio.wait([kept.running], timeout=_TOLD_SECONDS))[0]:
                kept.run = _with(kept.run, elapsed=time.monotonic() - began)
                self._on_run(kept.run)
            return None if kept.running.cancelled() else kept.running.result()
        finally:
            kept.running.cancel()
            kept.running = None

    async def transact(self, run: RunId, connection: ConnectionId, action: str) -> Answer:
        """Refused: a transaction of the program is the program's."""
        del run
        raise UsageError(
            f"{action} of {connection} is the program's own business.", hint="Only the program ends its transactions."
        )

    async def cancel(self, run: RunId) -> None:
        """Stop the statement that runs, and run no further one."""
        kept = self._kept.get(run)
        if kept is not None:
            kept.is_cancelled = True
            if kept.running is not None:
                kept.running.cancel()

    async def release(self, run: RunId) -> None:
        """Forget a run's rows."""
        self._kept.pop(run, None)

    async def window(
        self, run: RunId, result: int, *, first_row: int, row_count: int, first_column: int, column_count: int
    ) -> Window:
        """Rows of a result.

        Raises:
            UsageError: The rows are no longer kept.
        """
        rows = slice(first_row, first_row + row_count)
        return _window(self._rows_of(run), result, rows, slice(first_column, first_column + column_count))

    async def cell_part(self, run: RunId, result: int, *, row: int, column: int, offset: int, size: int) -> CellPart:
        """A piece of one value.

        Raises:
            UsageError: The rows are no longer kept.
        """
        try:
            value = self._rows_of(run).rows[result][row][column]
        except (KeyError, IndexError) as error:
            raise UsageError("There is no such cell.") from error
        return part_of(value, offset, size)

    async def schema(self, connection: ConnectionId) -> DatabaseSchema:
        """Tables, views and columns as a connection of ours sees them for a moment.

        Raises:
            UsageError: The connection is gone, or its database cannot be reached by name.
            MemdbError: SQLite would not say.
        """
        self._check(connection)
        reader, there = self._reader_of(connection)
        found = await reader.schema(there)
        if found.status is not LiveStatus.DONE:
            failure = _worded(found.status, found.failure)
            raise MemdbError(failure.message, hint=failure.hint)
        return DatabaseSchema(connection, found.tables)

    def _check(self, connection: ConnectionId) -> None:
        found = self._connection_of(connection)
        if found is None or found.origin is None:
            raise UsageError(f"{connection} is gone.", hint="The program has closed it; choose another.")
        if found.origin.reading is CopyState.PRIVATE:
            raise UsageError(
                f"{connection}'s database is private: only the thread that opened it can read it.",
                hint="Copy it: ≡, then “Copy this database”. SQL runs on the copy.",
            )
        if found.origin.reading is CopyState.FILE:
            raise UsageError(
                f"{connection}'s database is a file; reading it from inside the program could break the program's "
                "locks.",
                hint="Open the file in this session with ^O: any process can read it.",
            )

    def _rows_of(self, run: RunId) -> _Kept:
        kept = self._kept.get(run)
        if kept is None:
            raise UsageError("These rows are no longer kept.", hint="Run the statement again.")
        return kept

    def _take(self, kept: _Kept, part: _Part, found: LiveResult) -> None:
        """Add what came of one statement to its run."""
        if found.rows or found.status is LiveStatus.DONE:
            kept.rows[part.index] = found.rows
            kept.run = _with(kept.run, results=(*kept.run.results, _result(part, found)))
        if found.status in {LiveStatus.FAILED, LiveStatus.GONE}:
            holders = self._in_transaction_on(kept.run.connection)
            failure = _failure(part, _worded(found.status, found.failure, holders))
            kept.run = _with(kept.run, state=RunState.FAILED, failure=failure)
        elif found.status is LiveStatus.INTERRUPTED:
            note = (
                f"Stopped after {self.milliseconds} ms, since the program may wait for it. A copy can be asked for "
                "as long as you like: ≡, “Copy this database”."
            )
            kept.run = _with(kept.run, state=RunState.CANCELLED, notes=(*kept.run.notes, note))


@dataclass(frozen=True, slots=True)
class _Part:
    """One statement of a run, and where the run's text stands in the editor."""

    index: int
    statement: Statement
    line: int
    column: int

    def place(self, byte_offset: int | None) -> tuple[int, int]:
        """Line and column in the editor: of the error where SQLite names it, else of the statement's begin."""
        line, column = self.statement.line, self.statement.column
        if byte_offset is not None:
            inner = locate(self.statement.text, byte_offset)
            line, column = line + inner.line - 1, inner.column + (column - 1 if inner.line == 1 else 0)
        return line + self.line - 1, column + (self.column - 1 if line == 1 else 0)


def _window(kept: _Kept, result: int, rows: slice, columns: slice) -> Window:
    cells = tuple(tuple(map(cell_of, row[columns])) for row in kept.rows.get(result, [])[rows])
    return Window(kept.run.id, result, rows.start, columns.start, cells)


def _with(
    run: Run,
    *,
    state: RunState | None = None,
    results: tuple[Result, ...] | None = None,
    failure: StatementFailure | None = None,
    notes: tuple[str, ...] | None = None,
    elapsed: float | None = None,
) -> Run:
    return Run(
        run.id,
        run.connection,
        state or run.state,
        run.statement_count,
        run.results if results is None else results,
        run.dropped_results,
        failure or run.failure,
        run.notes if notes is None else notes,
        run.started_at,
        run.elapsed_seconds if elapsed is None else elapsed,
    )


def _result(part: _Part, found: LiveResult) -> Result:
    line, column = part.place(None)
    count = len(found.rows)
    return Result(
        index=part.index,
        statement=part.statement.text[:_STATEMENT_CHARACTERS],
        line=line,
        column=column,
        columns=found.columns,
        row_count=count,
        changed_rows=found.changes,
        size_bytes=0,
        state=RunState.DONE,
        elapsed_seconds=found.elapsed_seconds,
        stopped_at=f"{count:,} rows" if found.is_truncated else "",
    )


def _failure(part: _Part, failure: LiveFailure) -> StatementFailure:
    line, column = part.place(failure.offset)
    return StatementFailure(
        index=part.index,
        line=line,
        column=column,
        is_exact=failure.offset is not None,
        message=failure.message,
        code=failure.code,
        hint=failure.hint,
        lock=None,
    )


def _worded(status: LiveStatus, failure: LiveFailure, holders: Sequence[Connection] = ()) -> LiveFailure:
    """The same with what the user is told.

    Args:
        status: How it ended.
        failure: What the process said.
        holders: The program's connections there that are in a transaction.
    """
    return replace(failure, message=_words(status, failure), hint=_hint(status, failure, holders))


def _words(status: LiveStatus, failure: LiveFailure) -> str:
    if status is LiveStatus.GONE:
        return "The database is gone: its last connection in the program was closed."
    if status is LiveStatus.INTERRUPTED:
        return "Stopped, since the program may wait for it."
    return failure.message or "The program's process gave no reason."


def _hint(status: LiveStatus, failure: LiveFailure, holders: Sequence[Connection]) -> str:
    if status is LiveStatus.GONE:
        return "Nothing was opened in its place."
    if failure.code.startswith(_READONLY):
        return "Live SQL writes nothing unless you say yes."
    if failure.code.startswith(("SQLITE_LOCKED", "SQLITE_BUSY")):
        return _lock_hint(holders)
    return failure.hint


def _lock_hint(holders: Sequence[Connection]) -> str:
    """Who can be in the way, as far as that is known. A copy is no way out of it: it waits for the same end."""
    if not holders:
        return "The program has it locked at this moment. Try again."
    named = ", ".join(map(_holder, holders[:_MOST_HOLDERS]))
    others = len(holders) - _MOST_HOLDERS
    named += f" and {others} more" if others > 0 else ""
    return (
        f"{named} {'is' if len(holders) == 1 else 'are'} in a transaction. Try again after its end; a copy waits for "
        "that too."
    )


def _holder(connection: Connection) -> str:
    opener = connection.origin.opener if connection.origin is not None else None
    return f"{connection.id} ({spelled(opener)})" if opener is not None else str(connection.id)
