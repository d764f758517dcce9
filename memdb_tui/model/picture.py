"""Connections, the caches behind them, the files they touched: the picture at one moment."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from memdb_tui.frozen import dataclass
from memdb_tui.model.names import ConnectionId, Evidence
from memdb_tui.model.programs import CodePlace, Origin, Program


class Outcome(StrEnum):
    """Where the main database of a connection lives."""

    MEMORY_SHARED = "memory-shared"
    MEMORY_PRIVATE = "memory-private"
    FILE = "file"
    TEMPORARY = "temporary"
    UNKNOWN = "unknown"
    """Of a program's connection whose opening nobody saw, and which cannot be asked."""

    @property
    def words(self) -> str:
        """The outcome as the UI says it."""
        return _OUTCOME_WORDS[self]


_OUTCOME_WORDS = {
    Outcome.MEMORY_SHARED: "in memory, shared",
    Outcome.MEMORY_PRIVATE: "in memory, private",
    Outcome.FILE: "on disk",
    Outcome.TEMPORARY: "temporary",
    Outcome.UNKNOWN: "where is not known",
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
    UNKNOWN = "not known"
    """Of a program's connection that cannot be asked from outside its thread."""


class CacheKind(StrEnum):
    """What it is that the members of a group share."""

    SHARED_CACHE = "shared-cache"
    MEMDB_STORE = "memdb-store"
    PRIVATE = "private"
    MEMORY = "memory"
    """In memory; whether another connection could come to it is not known."""
    FILE = "file"
    TEMPORARY = "temporary"


class CreatedBy(StrEnum):
    """How a connection came to be; the words are the ones the UI shows."""

    NEW_ENGINE = "new engine"
    SAME_ENGINE_SAME_THREAD = "same engine, same thread"
    SAME_ENGINE_NEW_THREAD = "same engine, new thread"
    RAW = "raw sqlite3"
    COPY = "a copy"
    """A copy of a program's database, in this session's own process."""
    PROGRAM = "the program"
    """A program that is looked into opened it."""


ENDED_WITH_PROCESS = "closed by the end of its process"
"""Why a connection is closed that nobody closed before its process was over."""


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
    origin: Origin | None = None
    """Where it came from, for a connection of a program; None for those of this session."""
    database: str = ""
    """The first argument that `sqlite3.connect` got for a raw one of this session; else empty."""
    is_uri: bool = False
    """With that argument it got `uri=True`."""

    @property
    def is_mispredicted(self) -> bool:
        """SQLite did something else than the explanation said: a fault of this program."""
        return bool(self.predicted) and not self.closed and self.predicted != self.outcome.value

    @property
    def can_hold_lock(self) -> bool:
        """It may stand in another's way now: it is in a transaction, runs something, or is not known to be idle."""
        is_idle = self.transaction is TransactionState.NONE and not self.holds_cursor and not self.running
        return not self.closed and not is_idle

    @property
    def has_ended_with_process(self) -> bool:
        """Nobody closed it: its process is over."""
        return self.closed == ENDED_WITH_PROCESS

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
    process: str = ""
    """The id of the `Program` it lives in, empty for this session's own process."""

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
    existed: bool | None
    """The file was there before; None where nobody looked. Such a file is never taken for one that it made."""
    at: float
    evidence: Evidence
    brief: str = ""
    """Why there is a file in at most 24 cells, empty where there is nothing so short to say."""
    opener: CodePlace | None = None
    """The program's own line that opened the connection; None where it is not known, and for this session's own."""


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
    programs: tuple[Program, ...] = ()
    """The processes of programs that are looked into, in the order they were met."""

    def open_only(self) -> Snapshot:
        """The same without connections that are closed, and without caches that nobody has open."""
        connections = tuple(c for c in self.connections if not c.closed)
        names = {c.id for c in connections}
        caches = tuple(c for c in self.caches if any(member.connection in names for member in c.members))
        return replace(self, connections=connections, caches=caches)

    @property
    def has_known_caches(self) -> bool:
        """Which connections share a cache is known; else some that stand apart may be on one."""
        return all(cache.evidence is not Evidence.UNKNOWN for cache in self.caches)

    def program(self, wanted: str) -> Program | None:
        """The program's process of that id, None where there is none."""
        return next((p for p in self.programs if p.id == wanted), None)

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

    def in_transaction_on(self, wanted: str) -> tuple[Connection, ...]:
        """A program's connections on the cache of a connection's main database that are in a transaction."""
        cache = self.cache_of(wanted)
        members = () if cache is None else (self.connection(member.connection) for member in cache.members)
        return tuple(
            each
            for each in members
            if each is not None and not each.closed and each.transaction is TransactionState.OPEN
        )
