"""Frozen values that cross layers: what the host sees, as the UI shows it.

Times are seconds since the epoch (`time.time()`), durations are seconds, sizes are bytes. Every value here can be
sent over the wire by `memdb_tui.protocol.codec`: its fields are plain types, enums, tuples, or values of this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

ConnectionId = NewType("ConnectionId", str)
"""`c1`, `c2`, …: one for each sqlite3 connection, never used again within a session."""

RunId = NewType("RunId", int)
"""One press of a run key: one or more statements on one connection."""


class Evidence(StrEnum):
    """How a thing shown is known. Observed beats declared beats inferred."""

    OBSERVED = "observed"
    DECLARED = "declared"
    INFERRED = "inferred"
    UNKNOWN = "not known"


class Outcome(StrEnum):
    """Where the main database of a connection lives."""

    MEMORY_SHARED = "memory-shared"
    MEMORY_PRIVATE = "memory-private"
    FILE = "file"
    TEMPORARY = "temporary"

    @property
    def words(self) -> str:
        """The outcome as the UI says it."""
        return _OUTCOME_WORDS[self]


_OUTCOME_WORDS = {
    Outcome.MEMORY_SHARED: "in memory, shared",
    Outcome.MEMORY_PRIVATE: "in memory, private",
    Outcome.FILE: "on disk",
    Outcome.TEMPORARY: "temporary",
}


class TransactionMode(StrEnum):
    """When a transaction begins. The words are the ones the UI shows."""

    AUTOCOMMIT = "autocommit"
    """Every statement commits itself unless BEGIN was typed (`isolation_level=None`)."""
    LEGACY = "as sqlite3"
    """sqlite3 sends an unseen BEGIN before INSERT, UPDATE, DELETE, REPLACE (`isolation_level=""`)."""
    MANUAL = "autocommit=False"
    """A transaction is always open, as PEP 249 says (Python 3.12 and later)."""


class TransactionState(StrEnum):
    """What `sqlite3_txn_state` says, with BEGIN before its first statement told apart."""

    NONE = "none"
    OPEN = "open"
    """BEGIN ran, nothing is locked yet."""
    READ = "read"
    WRITE = "write"


class CacheKind(StrEnum):
    """What it is that the members of a group share."""

    SHARED_CACHE = "shared-cache"
    MEMDB_STORE = "memdb-store"
    PRIVATE = "private"
    FILE = "file"
    TEMPORARY = "temporary"


class CreatedBy(StrEnum):
    """How a connection came to be; the words are the ones the UI shows."""

    NEW_ENGINE = "new engine"
    SAME_ENGINE_SAME_THREAD = "same engine, same thread"
    SAME_ENGINE_NEW_THREAD = "same engine, new thread"
    RAW = "raw sqlite3"


@dataclass(frozen=True, slots=True)
class AttachedSchema:
    """One database of a connection: `main`, or one that was attached."""

    name: str
    cache: str
    """The id of its `Cache` in the same snapshot."""
    file: str
    """The absolute path SQLite opened, empty when there is none."""
    transaction: TransactionState


@dataclass(frozen=True, slots=True)
class Connection:
    """One sqlite3 connection as it was when its owner last looked."""

    id: ConnectionId
    string: str
    """What the user gave; a bare name is spelled out as the URL it stands for."""
    created_by: CreatedBy
    engine: str
    """`e1`, `e2`, … for connections through SQLAlchemy, empty for raw ones."""
    pool: str
    """The pool's class name, empty for raw connections."""
    checkouts: int
    """How often the pool has handed it out and not got it back; 1 for raw ones, 0 when its pool has dropped it."""
    thread: str
    outcome: Outcome
    meant_as_memory: bool
    reason: str
    """Why the outcome is what it is, one sentence."""
    suggestion: str
    """The string that would have been right, empty where there is none to give."""
    mode: TransactionMode
    lock_wait_seconds: float
    """How long a statement that meets a lock is tried again; 0: not at all; infinity is `1e9`."""
    transaction: TransactionState
    transaction_since: float | None
    schemas: tuple[AttachedSchema, ...]
    has_temp_tables: bool
    running: str
    """The statement that runs now, shortened; empty when idle."""
    running_since: float | None
    holds_cursor: bool
    """A result is still being read, so a read lock is held."""
    closed: str
    """Why it is closed though nobody asked (by its pool, say); empty while it is open."""
    predicted: str = ""
    """The outcome its string was explained to have, `error` included; empty where nothing was predicted."""

    @property
    def is_mispredicted(self) -> bool:
        """SQLite did something else than the explanation said: a fault of this program."""
        return bool(self.predicted) and not self.closed and self.predicted != self.outcome.value

    @property
    def is_stray(self) -> bool:
        """Meant as memory, yet on disk."""
        return self.meant_as_memory and self.outcome is Outcome.FILE


@dataclass(frozen=True, slots=True)
class Member:
    """A connection's database in a cache."""

    connection: ConnectionId
    schema: str


@dataclass(frozen=True, slots=True)
class Cache:
    """Connections that see the same pages."""

    id: str
    """A letter (`A`, `B`, … `AA`), kept as long as the cache lives."""
    kind: CacheKind
    name: str
    """The shared name, the memdb name, or the path; for private ones what the string says."""
    members: tuple[Member, ...]
    sqlite_count: int | None
    """How many connections SQLite itself counts; None where it cannot be asked."""
    size_bytes: int | None
    evidence: Evidence

    @property
    def foreign_count(self) -> int:
        """How many of the connections SQLite counts were not opened here."""
        own = len({member.connection for member in self.members})
        return max(0, (self.sqlite_count or own) - own)


class FileReason(StrEnum):
    """How a connection came to touch a file."""

    MAIN = "main"
    ATTACH = "attach"
    VACUUM_INTO = "vacuum-into"


@dataclass(frozen=True, slots=True)
class FileTouch:
    """A connection opened or made a file, as the host saw it."""

    path: str
    connection: ConnectionId
    string: str
    reason: FileReason
    statement: str
    """The SQL that did it, empty for a main file."""
    meant_as_memory: bool
    """The string (or the attached name) says memory: the file is a stray."""
    explanation: str
    """Why there is a file, one sentence."""
    suggestion: str
    existed: bool
    """The file was there before."""
    at: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What stays the same while a host lives."""

    pid: int
    cwd: str
    python_version: str
    sqlite_version: str
    sqlalchemy_version: str
    """Empty while SQLAlchemy is not imported there."""
    temporary_folders: tuple[str, ...]
    """Where SQLite of that process puts its temporary files, in the order it tries them."""
    has_manual_mode: bool
    """This Python knows `autocommit=False`."""
    native: str
    """Empty when SQLite itself can be asked (observed); else why it cannot."""
    started_at: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole picture at one moment; the newest replaces those before it."""

    seq: int
    facts: HostFacts
    connections: tuple[Connection, ...]
    caches: tuple[Cache, ...]
    touches: tuple[FileTouch, ...]

    def connection(self, wanted: str) -> Connection | None:
        """The connection of that id, None when it is gone."""
        return next((c for c in self.connections if c.id == wanted), None)

    def cache(self, wanted: str) -> Cache | None:
        """The cache of that id, None when it is gone."""
        return next((c for c in self.caches if c.id == wanted), None)

    def cache_of(self, wanted: str) -> Cache | None:
        """The cache of a connection's main database, None when either is gone."""
        connection = self.connection(wanted)
        if connection is None:
            return None
        return next((self.cache(s.cache) for s in connection.schemas if s.name == "main"), None)


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
    """The results kept, oldest first: each statement's while there are at most 1,000 of them."""
    dropped_results: int
    """Statements that ran well and whose results are not kept."""
    failure: StatementFailure | None
    notes: tuple[str, ...]
    """What else must be said, whole sentences."""
    started_at: float
    elapsed_seconds: float


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


@dataclass(frozen=True, slots=True)
class Given:
    """What a DATABASE typed by the user is taken for."""

    text: str
    string: str
    """What to open for it."""
    label: str
    question: str
    """What to ask first, empty where nothing is in doubt."""
    as_memory: str
    """What opens a shared in-memory database instead, empty where there is no such doubt."""
    as_file: str
    """What opens the file instead, empty where there is no such doubt."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a connection string."""

    code: str
    """Stable, documented in the guide page on findings."""
    severity: str
    """`error`, `warning` or `note`."""
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Station:
    """One layer on a string's way to SQLite."""

    name: str
    came_in: str
    went_out: str
    lost: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """What a string will do, told before it is opened."""

    string: str
    outcome: str
    """`memory-shared`, `memory-private`, `file`, `temporary` or `error`."""
    database: str
    """The shared name, empty where there is none."""
    path: str
    """The absolute path, empty where there is none."""
    path_exists: bool
    creates_file: bool
    meant_as_memory: bool
    reason: str
    error: str
    """SQLite's, sqlite3's or SQLAlchemy's words, empty where it opens."""
    pool: str
    connect: str
    """The call of `sqlite3.connect` it leads to, as Python, empty where none is reached."""
    suggestion: str
    alternatives: tuple[str, ...]
    as_raw: str
    """The same for sqlite3 alone, as a string this session can open; empty where there is none."""
    as_url: str
    """The same through SQLAlchemy, empty where there is none."""
    findings: tuple[Finding, ...]
    stations: tuple[Station, ...]

    @property
    def is_stray(self) -> bool:
        """Meant as memory, yet a file."""
        return self.meant_as_memory and self.outcome == Outcome.FILE.value


@dataclass(frozen=True, slots=True)
class Consent:
    """Opening the string would make, or open, a file though that was not clearly asked for."""

    string: str
    path: str
    exists: bool
    """The file is there: opening makes none, but uses this one."""
    meant_as_memory: bool
    reason: str
    suggestion: str
    """What would keep it in memory, empty where there is nothing to suggest."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of a request to open: a connection, or a question that must be answered first."""

    connection: ConnectionId | None
    consent: Consent | None


@dataclass(frozen=True, slots=True)
class Tried:
    """How far opening what was typed came without a question."""

    given: Given
    opened: Opened | None
    """None where a question comes first, or it was refused."""
    error: str
    """Why it was refused, a whole sentence; empty where it was not."""
    hint: str


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing a connection did."""

    closed: bool
    """False: a checkout went back to its pool, and the connection lives on."""
    message: str


class FileKind(StrEnum):
    """What a file is, by its header or by what a connection does with it."""

    DATABASE = "database"
    JOURNAL = "journal"
    WAL = "wal"
    SHARED_MEMORY = "shm"
    TEMPORARY = "temporary"
    OTHER = "other"


class FileRole(StrEnum):
    """What the file is to the session."""

    STRAY = "stray"
    ASKED_FOR = "asked for"
    TEMPORARY = "temporary"
    OTHER = "other"


class FileChange(StrEnum):
    """What happened to a file last, or over its life."""

    MADE = "made"
    CHANGED = "changed"
    REMOVED = "removed"
    MADE_AND_REMOVED = "made and removed"
    OPENED = "opened"
    """It was there before, and a connection of this session opened it."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file the session made, changed or removed, with who did it and how that is known."""

    path: str
    kind: FileKind
    role: FileRole
    change: FileChange
    size_bytes: int | None
    """None when it is gone or cannot be asked."""
    at: float
    """When it was first seen."""
    made_by: tuple[ConnectionId, ...]
    """Several when each of them can have made it; empty when not known."""
    string: str
    """The connection's string."""
    statement: str
    """The SQL that made it, where there was one."""
    evidence: Evidence
    reason: str
    """A sentence: why the file is there."""
    suggestion: str
    """For a stray: the string that makes none."""
    was_there: bool
    """It lay there before the session."""

    @property
    def is_side_file(self) -> bool:
        """A journal, WAL or shm: it comes and goes with its database."""
        return self.kind in {FileKind.JOURNAL, FileKind.WAL, FileKind.SHARED_MEMORY}


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A folder under watch."""

    path: str
    is_recursive: bool
    problem: str
    """Why it is not watched, or not wholly; empty when it is."""


@dataclass(frozen=True, slots=True)
class FilesView:
    """What the Files pane shows."""

    entries: tuple[FileEntry, ...]
    """Files of this session's connections and every SQLite file, newest first."""
    others: tuple[FileEntry, ...]
    """The rest, folded by default, newest first, at most 200."""
    other_count: int
    watched: tuple[WatchedFolder, ...]
    is_live: bool
    """The observer runs."""

    @property
    def strays(self) -> tuple[FileEntry, ...]:
        """The stray databases among the entries, gone ones included, newest first; their journals are not counted."""
        return tuple(e for e in self.entries if e.role is FileRole.STRAY and not e.is_side_file)
