"""Runs of SQL, their results and failures, windows of their rows, and schemas."""

from __future__ import annotations

from enum import StrEnum

from memdb_tui.frozen import dataclass
from memdb_tui.model.names import ConnectionId, Evidence, RunId


class RunState(StrEnum):
    """Where a run, or one of its results, stands."""

    RUNNING = "running"
    WAITING = "waiting for a lock"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Nothing more will come."""
        return self in {RunState.DONE, RunState.FAILED, RunState.CANCELLED}


@dataclass(frozen=True, slots=True)
class Result:
    """What one statement gave."""

    index: int
    """Which statement of the run, from 1."""
    statement: str
    """Its text, shortened."""
    line: int
    column: int
    """Where it begins in the text that was run, from 1."""
    columns: tuple[str, ...]
    """Column names; empty for a statement that returns no rows."""
    row_count: int
    changed_rows: int | None
    """For INSERT, UPDATE, DELETE, REPLACE: how many rows; else None."""
    size_bytes: int
    """What the rows take in the host's memory."""
    state: RunState
    elapsed_seconds: float
    stopped_at: str
    """Why reading ended before the end ("1,000,000 rows"), empty when it did not."""


@dataclass(frozen=True, slots=True)
class LockHolder:
    """A connection that can hold the lock somebody waits for."""

    connection: ConnectionId | None
    """None when it was not opened here."""
    description: str
    """What it holds: "write transaction", "an open cursor", "a connection not opened here", "process 123"."""
    since: float | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class LockReport:
    """Who can be in the way of a statement that failed with LOCKED or BUSY."""

    table: str
    """The table SQLite names, empty when it names none."""
    holders: tuple[LockHolder, ...]


@dataclass(frozen=True, slots=True)
class StatementFailure:
    """Why a run stopped."""

    index: int
    """Which statement of the run, from 1."""
    line: int
    column: int
    """In the text that was run, from 1; the statement's begin where SQLite names no place."""
    is_exact: bool
    """SQLite named the place itself."""
    message: str
    """SQLite's, or Python's, own words."""
    code: str
    """`SQLITE_ERROR`, `SQLITE_LOCKED_SHAREDCACHE`, …; empty where SQLite was not reached."""
    hint: str
    """What to do, empty where there is nothing to say."""
    lock: LockReport | None


@dataclass(frozen=True, slots=True)
class Run:
    """One press of a run key, as it stands."""

    id: RunId
    connection: ConnectionId
    state: RunState
    statement_count: int
    results: tuple[Result, ...]
    """The results kept, oldest first: of more than 1,000 the first 999 and that of the last statement."""
    dropped_results: int
    """Statements that ran well and whose results are not kept."""
    failure: StatementFailure | None
    notes: tuple[str, ...]
    """What else must be said, whole sentences."""
    started_at: float
    elapsed_seconds: float
    waits_for: LockReport | None = None
    """Who can be in the way while it waits for a lock; else None."""
    waiting_since: float | None = None
    """When that waiting began."""


class CellKind(StrEnum):
    """SQLite's storage classes, and TEXT that is not UTF-8."""

    NULL = "null"
    INTEGER = "integer"
    REAL = "real"
    TEXT = "text"
    BLOB = "blob"
    BAD_TEXT = "bad-text"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a result, or its beginning."""

    kind: CellKind
    text: str
    """Numbers as SQLite writes them, TEXT as it is, BLOB and bad TEXT as hex; at most 1 KiB of it; empty for NULL."""
    length: int
    """Characters of TEXT, bytes of BLOB and bad TEXT, whole; 0 for other kinds."""
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of a result: `rows[r][c]` is row `first_row + r`, column `first_column + c`, from 0."""

    run: RunId
    result: int
    first_row: int
    first_column: int
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class CellPart:
    """A piece of one whole value."""

    kind: CellKind
    text: str
    """TEXT as it is; BLOB and bad TEXT as hex, two digits a byte."""
    offset: int
    """In characters of TEXT, in bytes of BLOB and bad TEXT."""
    length: int
    """Of the whole value, in the same unit."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column as `PRAGMA table_xinfo` tells it."""

    name: str
    declared_type: str
    is_primary_key: bool
    is_not_null: bool
    is_generated: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table, a view, or a virtual table, with its columns."""

    schema: str
    name: str
    kind: str
    """`table`, `view`, `virtual`, as `PRAGMA table_list` says."""
    columns: tuple[TableColumn, ...]
    problem: str
    """SQLite's words where its columns cannot be read, else empty."""


@dataclass(frozen=True, slots=True)
class DatabaseSchema:
    """What a connection can see: tables and views of all its databases."""

    connection: ConnectionId
    tables: tuple[Table, ...]
