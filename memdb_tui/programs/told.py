"""What the probe in a program tells, checked and typed: nothing of it is trusted before it has passed here."""

from __future__ import annotations

from collections.abc import Callable

from memdb_tui.errors import ProtocolError
from memdb_tui.frozen import dataclass
from memdb_tui.model import CodePlace, FoundBy
from memdb_tui.programs.fields import Fields

VERSION = 1
"""Of the wire; both sides refuse any other."""

_FOUND_BY = {"wrapper": FoundBy.WRAPPER, "hook": FoundBy.HOOK, "heap": FoundBy.HEAP}


@dataclass(frozen=True, slots=True)
class ToldProcess:
    """A process, as it introduces itself."""

    pid: int
    instance: str
    """The same as long as it is one program; another after exec."""
    parent_pid: int
    argv: tuple[str, ...]
    cwd: str
    executable: str
    python: str
    sqlite: str
    sqlalchemy: str
    started_at: float
    forked_from: int | None
    inherited: int
    """Connections up to this number were opened by the process it was forked from; they are not its own to close."""
    native: str
    """Empty where SQLite can be asked; else why it cannot."""
    use_uri: bool | None
    """Its SQLite takes `file:` names for URIs unasked (`SQLITE_USE_URI`); None where it does not know."""
    waiting: str
    notes: tuple[str, ...]

    def has_inherited(self, connection: str) -> bool:
        """Whether a connection was opened before the fork that this process came of.

        Args:
            connection: Its id there: `c3`.
        """
        number = connection.removeprefix("c")
        return number.isdecimal() and int(number) <= self.inherited


@dataclass(frozen=True, slots=True)
class ToldSchema:
    """One database of a connection, as SQLite named it there."""

    name: str
    file: str
    virtual: str
    pager: int | None
    memdb_bytes: int | None
    since: float | None = None
    """When it was first seen, seconds since 1970; None for that of the connection itself."""

    @property
    def is_named_store(self) -> bool:
        """A memdb that every connection of the process can open by its name: https://sqlite.org/src/file/src/memdb.c."""
        return self.memdb_bytes is not None and len(self.virtual) > 1 and self.virtual[0] in "/\\"


@dataclass(frozen=True, slots=True)
class ToldEngine:
    """The SQLAlchemy engine that opened a connection."""

    id: str
    url: str
    pool: str


@dataclass(frozen=True, slots=True)
class ToldConnection:
    """A connection; the fields mean what those of `memdb_tui.model.Origin` and `Connection` of that name mean."""

    id: str
    database: str | None
    keywords: tuple[tuple[str, str], ...] | None
    uri: bool | None
    cwd: str
    found_by: FoundBy
    thread: str
    stack: tuple[CodePlace, ...]
    opened_at: float | None
    closed_at: float | None
    closed_by: CodePlace | None
    is_closer_certain: bool
    """It was closed there; otherwise it may have been collected as garbage while that ran."""
    in_transaction: bool | None
    isolation: str | None
    is_isolation_known: bool
    engine: ToldEngine | None
    is_checked_out: bool | None
    schemas: tuple[ToldSchema, ...] | None
    """None where SQLite was not asked."""
    sqlite_count: int | None
    size_bytes: int | None
    observed_at: float | None
    unobserved: str
    statements: int | None
    last_statement: str
    has_opener_returned: bool | None
    existed: bool | None
    """Its main file was there before; None where that is not known, or there is no file."""

    @property
    def is_open(self) -> bool:
        """Nobody has closed it."""
        return self.closed_at is None

    @property
    def main(self) -> ToldSchema | None:
        """Its main database, None where SQLite was not asked."""
        return next((schema for schema in self.schemas or () if schema.name == "main"), None)

    def keyword(self, name: str) -> str:
        """A keyword of the call as Python writes it; empty where it was not given or is not known."""
        return dict(self.keywords or ()).get(name, "")

    @property
    def is_for_all_threads(self) -> bool:
        """Python lets any thread use it, not only the one that opened it; False where that is not known.

        https://docs.python.org/3/library/sqlite3.html#sqlite3.connect.
        """
        return self.keyword("check_same_thread") in {"False", "0"}


@dataclass(frozen=True, slots=True)
class ToldUnfollowed:
    """A child that could not be followed."""

    command: str
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class ToldWaitingCopy:
    """A copy that waits for the thread that owns its connection."""

    connection: str
    thread: str


@dataclass(frozen=True, slots=True)
class ToldState:
    """What a process has open, and what has become of the rest."""

    seq: int
    at: float
    sqlite: str
    sqlalchemy: str
    waiting: str
    waiting_thread: str
    """The name of the thread that waits."""
    waiting_stack: tuple[CodePlace, ...]
    """Where it waits, or where the failure was raised that is looked at; the innermost first."""
    connections: tuple[ToldConnection, ...]
    dropped: int
    unfollowed: tuple[ToldUnfollowed, ...]
    native: str
    """As the process said it, once sqlite3 is imported there."""
    use_uri: bool | None
    becoming: str
    """The command of the program that it was about to become (exec), else empty."""
    waiting_copies: tuple[ToldWaitingCopy, ...]
    longest_block_seconds: float
    failures: tuple[str, ...]
    notes: tuple[str, ...]


NOTHING_TOLD = ToldState(
    seq=-1,
    at=0.0,
    sqlite="",
    sqlalchemy="",
    waiting="",
    waiting_thread="",
    waiting_stack=(),
    connections=(),
    dropped=0,
    unfollowed=(),
    native="",
    use_uri=None,
    becoming="",
    waiting_copies=(),
    longest_block_seconds=0.0,
    failures=(),
    notes=(),
)
"""What is known of a process that has only said who it is."""


def process_of(data: object) -> ToldProcess:
    """The answer to `hello`.

    Raises:
        ProtocolError: It is none, or of another version.
    """
    fields = Fields(data, "process")
    if fields.whole("version") != VERSION:
        raise ProtocolError(f"A process speaks version {fields.whole('version')}, not {VERSION}.")
    return ToldProcess(
        pid=fields.whole("pid"),
        instance=fields.text("instance"),
        parent_pid=fields.whole("ppid"),
        argv=fields.texts("argv"),
        cwd=fields.text("cwd"),
        executable=fields.text("executable"),
        python=fields.text("python"),
        sqlite=fields.text("sqlite"),
        sqlalchemy=fields.text("sqlalchemy"),
        started_at=fields.number("started_at"),
        forked_from=fields.whole_or_none("forked_from"),
        inherited=fields.whole("inherited"),
        native=fields.text("native"),
        use_uri=fields.flag_or_none("use_uri"),
        waiting=fields.text("waiting"),
        notes=fields.texts("notes"),
    )


def state_of(data: object) -> ToldState:
    """A state.

    Raises:
        ProtocolError: It is none.
    """
    return StateReader().read(data)


class StateReader:
    """Reads the states of one process: of a thousand connections few have changed since the state before."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[object, ToldConnection]] = {}

    def read(self, data: object) -> ToldState:
        """A state; connections that are as they were are the same objects as before.

        Raises:
            ProtocolError: It is none.
        """
        now: dict[str, tuple[object, ToldConnection]] = {}

        def connection(each: object) -> ToldConnection:
            name = each.get("id") if isinstance(each, dict) else None
            known = self._known.get(name) if isinstance(name, str) else None
            found = known[1] if known is not None and known[0] == each else _connection(each)
            now[found.id] = each, found
            return found

        state = _state(Fields(data, "state"), connection)
        self._known = now
        return state


def _state(fields: Fields, connection: Callable[[object], ToldConnection]) -> ToldState:
    return ToldState(
        seq=fields.whole("seq"),
        at=fields.number("at"),
        sqlite=fields.text("sqlite"),
        sqlalchemy=fields.text("sqlalchemy"),
        waiting=fields.text("waiting"),
        waiting_thread=fields.text("thread"),
        waiting_stack=fields.each("waiting_places", _place),
        connections=fields.each("connections", connection),
        dropped=fields.whole_or_none("dropped") or 0,
        unfollowed=fields.each("unfollowed", _unfollowed),
        native=fields.text("native"),
        use_uri=fields.flag_or_none("use_uri"),
        becoming=fields.text("becoming"),
        waiting_copies=fields.each("waiting_copies", _waiting_copy),
        longest_block_seconds=fields.number("longest_block_seconds"),
        failures=fields.texts("failures"),
        notes=fields.texts("notes"),
    )


def _connection(data: object) -> ToldConnection:
    fields = Fields(data, "connection")
    found = _FOUND_BY.get(fields.text("found"))
    if found is None or not fields.text("id"):
        raise ProtocolError("A connection does not say what it is.")
    return ToldConnection(
        id=fields.text("id"),
        database=fields.text_or_none("database"),
        keywords=fields.pairs_or_none("keywords"),
        uri=fields.flag_or_none("uri"),
        cwd=fields.text("cwd"),
        found_by=found,
        thread=fields.one_or_none("thread", _thread) or "",
        stack=fields.each("stack", _place),
        opened_at=fields.number_or_none("opened_at"),
        closed_at=fields.number_or_none("closed_at"),
        closed_by=fields.one_or_none("closed_by", _place),
        is_closer_certain=fields.flag("closed_for_certain"),
        in_transaction=fields.flag_or_none("in_transaction"),
        isolation=fields.text_or_none("isolation"),
        is_isolation_known=fields.flag("isolation_known"),
        engine=fields.one_or_none("engine", _engine),
        is_checked_out=fields.flag_or_none("checked_out"),
        schemas=fields.each_or_none("schemas", _schema),
        sqlite_count=fields.whole_or_none("count"),
        size_bytes=fields.whole_or_none("size"),
        observed_at=fields.number_or_none("observed_at"),
        unobserved=fields.text("unobserved"),
        statements=fields.whole_or_none("statements"),
        last_statement=fields.text("last_statement"),
        has_opener_returned=fields.flag_or_none("opener_returned"),
        existed=fields.flag_or_none("existed"),
    )


def _thread(data: object) -> str:
    fields = Fields(data, "thread")
    return fields.text("name") or f"thread {fields.whole_or_none('ident') or '?'}"


def _engine(data: object) -> ToldEngine:
    fields = Fields(data, "engine")
    return ToldEngine(fields.text("id"), fields.text("url"), fields.text("pool"))


def _schema(data: object) -> ToldSchema:
    fields = Fields(data, "schema")
    return ToldSchema(
        name=fields.text("name"),
        file=fields.text("file"),
        virtual=fields.text("virtual"),
        pager=fields.whole_or_none("pager"),
        memdb_bytes=fields.whole_or_none("memdb"),
        since=fields.number_or_none("since"),
    )


def _unfollowed(data: object) -> ToldUnfollowed:
    fields = Fields(data, "child")
    return ToldUnfollowed(fields.text("command"), fields.text("reason"), fields.number("at"))


def _waiting_copy(data: object) -> ToldWaitingCopy:
    fields = Fields(data, "waiting copy")
    thread = fields.text("thread")
    # The number of one without a name, as of a connection's own thread.
    return ToldWaitingCopy(fields.text("connection"), f"thread {thread}" if thread.isdecimal() else thread)


def _place(data: object) -> CodePlace:
    match data:
        case [str(path), int(line), str(function)]:
            return CodePlace(path, line, function)
        case [str(path), None, str(function)]:
            return CodePlace(path, 0, function)
    raise ProtocolError("A place in the source is not a path, a line and a function.")
