"""A moment's visit to a database of the program: by its name, over a connection that knows where it arrived."""

from __future__ import annotations

import sqlite3

from .native import native, sharers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Connect(Protocol):
        """`sqlite3.connect` as it was before any wrapper, and as ours: not recorded."""

        def __call__(
            self,
            database: str,
            *,
            timeout: float,
            uri: bool,
            isolation_level: None,
            cached_statements: int,
        ) -> sqlite3.Connection:
            """A connection, on the calling thread."""


_ONLY_US = 1


class Gone(Exception):  # noqa: N818 - a state of the database, no fault
    """The database has died: no connection of the program keeps it any more."""


class Target:
    """What leads to an in-memory database of the program.

    Args:
        uri: What a connection of ours opens, with `uri=True`: a shared name or a memdb store, never a file.
        pager: The pager that was observed behind it; None where none was, and once the last known member has closed:
            SQLite uses the address again, most often for the very next database.
        is_store: It is a `vfs=memdb` store: https://sqlite.org/src/file/src/memdb.c.
        has_known_members: Whether a connection of the program that is known to be open is on it now.
    """

    __slots__ = ("has_known_members", "is_store", "pager", "uri")

    def __init__(self, uri: str, *, pager: int | None, is_store: bool, has_known_members: Callable[[], bool]) -> None:
        self.uri = uri
        self.pager = pager
        self.is_store = is_store
        self.has_known_members = has_known_members


def store_uri(virtual_name: str) -> str:
    """The URI of a memdb store by the name SQLite shows for it, `/m`: https://sqlite.org/uri.html."""
    escaped = virtual_name.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file:{escaped}?vfs=memdb"


class Visit:
    """A connection of ours to a target, open within a `with` block and only there.

    Opening a name that has just died makes an empty database: so what is asked first is whether this is the database
    that was meant and whether anybody else is on it. Everything is done on the calling thread. One visit at a time:
    SQLite would count two of ours as company for each other.

    What it can still do to the program: while it is open it keeps the database alive, so a program that closes its
    last connection and opens the name again within that moment finds its tables still there.

    Raises:
        Gone: The database is not there any more; nothing was left in its place.
        sqlite3.Error: It cannot be opened.
    """

    def __init__(self, target: Target, connect: Connect) -> None:
        self._target = target
        self._connect = connect
        self._raw: sqlite3.Connection | None = None
        self.sqlite_count: int | None = None
        """How many connections SQLite counts on the cache without ours; None where it cannot be asked."""

    def __enter__(self) -> sqlite3.Connection:
        """The connection, in the database that was meant."""
        target = self._target
        if target.pager is None and not target.is_store and not target.has_known_members():
            # Nothing would tell it from another database that has the name by now. A dead name is not even opened.
            raise Gone
        raw = self._connect(
            target.uri,
            timeout=0,
            uri=True,
            isolation_level=None,
            # Nothing of ours may hold a statement, and with it the schema, after its cursor is closed.
            cached_statements=0,
        )
        try:
            self._make_sure(raw)
        except BaseException:
            raw.close()
            raise
        self._raw = raw
        return raw

    def __exit__(self, *_: object) -> None:
        """Close it."""
        if self._raw is not None:
            self._raw.close()
            self._raw = None

    def is_alone(self) -> bool:
        """The program's last connection has gone meanwhile. Between statements of the visit only."""
        return self._raw is not None and _count(self._raw) == _ONLY_US

    def _make_sure(self, raw: sqlite3.Connection) -> None:
        target = self._target
        library = native()
        if library is None:
            if not target.has_known_members() and _is_empty(raw):
                raise Gone
            return
        handle = library.handle(raw)
        if target.is_store:
            # Its connections have a cache each, so nothing counts them; the name alone says which store it is.
            if not library.memdb_bytes(handle, b"main") and not target.has_known_members():
                raise Gone
            return
        if target.pager is not None and library.pager(handle, b"main") != target.pager:
            raise Gone
        count = _count(raw)
        if count == _ONLY_US:
            raise Gone
        self.sqlite_count = None if count is None else count - 1


def _count(raw: sqlite3.Connection) -> int | None:
    """How many connections share the cache, this one included; None where it cannot be told."""
    library = native()
    if library is None:
        return None
    handle = library.handle(raw)
    count = sharers(*library.cache_bytes(handle))
    if count == _ONLY_US:
        # The two figures are read one after the other: a cache that doubles between them looks as if it were alone.
        count = sharers(*library.cache_bytes(handle))
    return count


def _is_empty(raw: sqlite3.Connection) -> bool:
    cursor = raw.cursor()
    try:
        return cursor.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None
    except sqlite3.Error:
        # Somebody has it locked: so there is somebody.
        return False
    finally:
        cursor.close()
