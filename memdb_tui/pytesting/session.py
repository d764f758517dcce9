"""The fixture `memdb_session`: what is known of this process's connections, as frozen values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from memdb_tui.model import (
    Cache,
    CacheKind,
    CodePlace,
    Connection,
    ConnectionId,
    Evidence,
    FileKind,
    FileTouch,
    Leak,
    LeakKind,
    Outcome,
)
from memdb_tui.programs.grouping import Letters
from memdb_tui.programs.picture import ProgramsPicture, connection_id
from memdb_tui.programs.places import is_fixtures_own, spelled
from memdb_tui.programs.told import ToldConnection
from memdb_tui.pytesting.on_disk import files_on_disk
from memdb_tui.pytesting.recording import PROCESS, census, picture_now, start_recording, told_now


@dataclass(frozen=True, slots=True)
class SessionConnection:
    """A connection of the process."""

    id: ConnectionId
    string: str
    """The engine's URL where there is one, else what `sqlite3.connect` was given; empty where it is not known."""
    uri: bool | None
    """The `uri` argument; None where nobody saw the call."""
    keywords: tuple[tuple[str, str], ...] | None
    """The other arguments as Python writes them; None where nobody saw the call."""
    thread: str
    opened_at: CodePlace | None
    """The line of the project that opened it."""
    opened: float | None
    """When, in seconds since the epoch; None for one that is older than the recording."""
    closed: float | None
    """When, in seconds since the epoch; None while it is open."""
    cache: str
    """The id of its `SessionCache`."""
    outcome: Outcome
    is_stray: bool
    """Its string says memory, yet it is on disk."""
    suggestion: str
    """The string that would have been right, empty where nothing is wrong."""


@dataclass(frozen=True, slots=True)
class SessionCache:
    """Connections that see the same pages."""

    id: str
    kind: CacheKind
    database: str
    """The shared name, the memdb name or the path; for private ones what the string says."""
    members: tuple[ConnectionId, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class SessionFile:
    """A file of a connection's main database: the database itself, or its journal, WAL or shm while that is there."""

    path: str
    kind: FileKind
    stray: bool
    """The string says memory."""
    made_by: ConnectionId
    """The connection that opened it first."""
    evidence: Evidence
    reason: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class SessionReport:
    """All there is to say of the process's connections at one moment."""

    connections: tuple[SessionConnection, ...]
    caches: tuple[SessionCache, ...]
    files: tuple[SessionFile, ...]
    leaks: tuple[Leak, ...]
    """What was left open, or is checked out although the function that opened it has returned, and databases that
    were lost: such a database died, and its name was opened again, empty."""
    died: tuple[Leak, ...]
    """Every shared in-memory database that is gone with its last connection, on purpose or not."""


class MemdbSession:
    """The connections that were open when the test began, and those opened since."""

    def __init__(self) -> None:
        start_recording()
        self._over, self._older = census.now()
        self._letters = Letters("")

    def report(self) -> SessionReport:
        """Everything as it is now."""
        told, state = told_now(without=self._over)
        picture = picture_now(told, state, letters=self._letters)
        older = frozenset(connection_id(PROCESS, each) for each in self._older)
        return _report(picture, state.connections, older=older)

    @property
    def connections(self) -> tuple[SessionConnection, ...]:
        """The connections now, closed ones too, in the order they were opened."""
        return self.report().connections

    @property
    def caches(self) -> tuple[SessionCache, ...]:
        """Which connections see the same pages."""
        return self.report().caches

    @property
    def files(self) -> tuple[SessionFile, ...]:
        """Files that connections have opened as their main database."""
        return self.report().files

    @property
    def leaks(self) -> tuple[Leak, ...]:
        """What the test has left open or checked out so far, and in-memory databases that it lost.

        A checkout counts as soon as the function that opened the connection has returned. The pool does not say
        whether another function uses the connection by now: read this when nothing should be checked out.

        A database dies with its last connection; that is also its proper end. It was lost only if its name was opened
        again afterwards, and was empty. `died` lists every database that ended.
        """
        return self.report().leaks

    @property
    def died(self) -> tuple[Leak, ...]:
        """The shared in-memory databases that are gone, each with the line that closed its last connection."""
        return self.report().died


def _report(
    picture: ProgramsPicture, connections: Iterable[ToldConnection], *, older: frozenset[ConnectionId]
) -> SessionReport:
    told = {connection_id(PROCESS, connection.id): connection for connection in connections}
    # The picture needs it, to know that the database lives; it is nothing of the test's.
    hidden = {name for name, connection in told.items() if is_fixtures_own(connection.stack)}
    leaks = [leak for program in picture.programs for leak in program.leaks if leak.connection not in older]
    leaks += [
        leak
        for leak in map(_not_given_back, picture.connections)
        if leak is not None and leak.connection not in older
    ]
    return SessionReport(
        connections=tuple(
            _connection(connection, told[connection.id])
            for connection in picture.connections
            if connection.id not in hidden
        ),
        caches=tuple(
            SessionCache(
                id=cache.id,
                kind=cache.kind,
                database=cache.name,
                members=tuple(dict.fromkeys(name for name in _members(cache) if name not in hidden)),
                evidence=cache.evidence,
            )
            for cache in picture.caches
            if not hidden.issuperset(_members(cache))
        ),
        files=tuple(file for touch in picture.touches for file in _files(touch)),
        leaks=tuple(leak for leak in leaks if leak.kind is not LeakKind.DIED or leak.reopened_by is not None),
        died=tuple(leak for leak in leaks if leak.kind is LeakKind.DIED),
    )


def _not_given_back(connection: Connection) -> Leak | None:
    """A test knows where it should have given everything back, as a program that runs does not."""
    origin = connection.origin
    if origin is None or origin.opener is None or connection.closed:
        return None
    if not origin.is_checked_out or not origin.has_opener_returned:
        return None
    message = (
        f"{connection.id} is checked out of its {connection.pool or 'pool'}, though {origin.opener.function} has "
        f"returned: {spelled(origin.opener)} opened it."
    )
    return Leak(LeakKind.CHECKED_OUT, connection.id, message)


def _members(cache: Cache) -> tuple[ConnectionId, ...]:
    return tuple(member.connection for member in cache.members)


def _connection(connection: Connection, told: ToldConnection) -> SessionConnection:
    origin = connection.origin
    return SessionConnection(
        id=connection.id,
        string=connection.string,
        uri=told.uri,
        keywords=told.keywords,
        thread=connection.thread,
        opened_at=None if origin is None else origin.opener,
        opened=told.opened_at,
        closed=told.closed_at,
        cache=next((schema.cache for schema in connection.schemas if schema.name == "main"), ""),
        outcome=connection.outcome,
        is_stray=connection.is_stray,
        suggestion=connection.suggestion,
    )


def _files(touch: FileTouch) -> Iterable[SessionFile]:
    main = (touch.path, FileKind.DATABASE)
    for path, kind in dict.fromkeys((main, *files_on_disk(touch.path))):
        yield SessionFile(
            path=path,
            kind=kind,
            stray=touch.meant_as_memory,
            made_by=touch.connection,
            evidence=touch.evidence,
            reason=touch.explanation,
            suggestion=touch.suggestion,
        )
