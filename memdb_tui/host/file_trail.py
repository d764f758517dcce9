"""Which files connections opened or made, as the host sees it: main files, ATTACH, VACUUM INTO."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from memdb_tui.explain import explain
from memdb_tui.explain.explanation import Explanation, Kind
from memdb_tui.host.caches import NOT_DECLARED, Declared
from memdb_tui.host.connection import HostConnection
from memdb_tui.model import CacheKind, Evidence, FileReason, FileTouch
from memdb_tui.sql.intent import FileTarget, FileVerb, file_target

_MOST_TOUCHES = 1000
_STATEMENT_CHARACTERS = 1000
_VERBS = ("ATTACH", "VACUUM")


class FileTrail:
    """The files touched, and what ATTACH declared about each schema."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._touches: deque[FileTouch] = deque(maxlen=_MOST_TOUCHES)

    def touches(self) -> tuple[FileTouch, ...]:
        """All of them, oldest first; at most 1,000."""
        with self._lock:
            return tuple(self._touches)

    def main_file(self, connection: HostConnection, path: str, *, existed: bool) -> None:
        """A connection's main database turned out to be a file."""
        origin = connection.origin
        self._add(
            FileTouch(
                path=path,
                connection=origin.id,
                string=origin.string,
                reason=FileReason.MAIN,
                statement="",
                meant_as_memory=origin.meant_as_memory,
                explanation=origin.reason,
                suggestion=origin.suggestion,
                existed=existed,
                at=time.time(),
                evidence=Evidence.OBSERVED,
                brief=origin.brief,
            )
        )

    @contextmanager
    def around(self, connection: HostConnection, sql: str) -> Iterator[None]:
        """Notice what an ATTACH or VACUUM INTO makes; on the owner's thread, around the statement."""
        target = _target(sql)
        if target is None:
            yield
            return
        meaning = _meaning(target, connection)
        existed = meaning is not None and meaning.path is not None and os.path.lexists(meaning.path)
        try:
            yield
        finally:
            # Also after a failure: an interrupted VACUUM INTO leaves its file behind.
            if meaning is not None and meaning.path is not None and os.path.lexists(meaning.path):
                self._add(_touch(connection, sql, target.verb, meaning, existed=existed))

    def _add(self, touch: FileTouch) -> None:
        with self._lock:
            self._touches.append(touch)


def _touch(connection: HostConnection, sql: str, verb: FileVerb, meaning: Explanation, *, existed: bool) -> FileTouch:
    is_vacuum = verb is FileVerb.VACUUM_INTO
    stray = meaning.meant_as_memory
    return FileTouch(
        path=meaning.path or "",
        connection=connection.id,
        string=connection.origin.string,
        reason=FileReason.VACUUM_INTO if is_vacuum else FileReason.ATTACH,
        statement=sql.strip()[:_STATEMENT_CHARACTERS],
        meant_as_memory=stray,
        explanation=meaning.reason if stray else f"{'VACUUM INTO' if is_vacuum else 'ATTACH'} asked for it.",
        suggestion=meaning.suggestion or "" if stray else "",
        existed=existed,
        at=time.time(),
        evidence=Evidence.OBSERVED,
        brief=meaning.brief if stray else "",
    )


def declared_by_attach(sql: str, connection: HostConnection) -> tuple[str, Declared] | None:
    """The schema name an ATTACH gives, and what its string says of the database; None for other statements."""
    target = _target(sql)
    if target is None or target.verb is not FileVerb.ATTACH or target.alias is None:
        return None
    meaning = _meaning(target, connection)
    if meaning is None:
        return target.alias, NOT_DECLARED
    return target.alias, declared_of(meaning)


def declared_of(meaning: Explanation) -> Declared:
    """What an explanation says of the database, as a cache."""
    name = meaning.database or ""
    match meaning.outcome:
        case "memory-shared":
            is_store = meaning.connect is not None and "vfs=memdb" in meaning.connect.database
            return Declared(CacheKind.MEMDB_STORE if is_store else CacheKind.SHARED_CACHE, name)
        case "file":
            return Declared(CacheKind.FILE, meaning.path or "")
        case "temporary":
            return Declared(CacheKind.TEMPORARY, "temporary")
    return Declared(CacheKind.PRIVATE, meaning.input)


def _meaning(target: FileTarget, connection: HostConnection) -> Explanation | None:
    if target.target is None:
        return None
    return explain(target.target, kind=Kind.SQLITE3_URI if connection.origin.is_uri else Kind.SQLITE3_PATH)


def may_name_a_file(sql: str) -> bool:
    """Whether a statement may be an ATTACH or a VACUUM INTO; most are told from those by their first letters."""
    return sql[:6].upper() in _VERBS


def _target(sql: str) -> FileTarget | None:
    return file_target(sql) if may_name_a_file(sql) else None
