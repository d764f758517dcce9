"""What the owner of a connection sees of it: SQLite's own word on files, pagers, stores and counts."""

from __future__ import annotations

import os

from .native import native, sharers

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from typing import Any

    from .native import Native

_MAIN = b"main"
_TEMP = b"temp"


class Sight:
    """A connection at one moment.

    Attributes:
        schemas: Of each database its name, file, name in memory, pager, and the size of its memdb store.
        count: How many connections SQLite counts on the cache of `main`; None where the figure would not be valid.
        size: Bytes in the caches of the connection, or in its memdb store; None where it was not asked.
    """

    __slots__ = ("count", "schemas", "size")

    def __init__(self, schemas: list[dict[str, Any]], count: int | None, size: int | None) -> None:
        self.schemas = schemas
        self.count = count
        self.size = size

    @property
    def main(self) -> dict[str, Any]:
        """The main database."""
        return self.schemas[0]


def see_opened(connection: sqlite3.Connection, *, may_share: bool) -> Sight | None:
    """Look at a connection that was opened just now; only on the thread that opened it.

    Args:
        connection: Nothing is attached to it yet.
        may_share: Others may be on its cache, so that counting them is worth its time.

    Returns:
        None where SQLite cannot be asked.
    """
    library = native()
    if library is None:
        return None
    handle = library.handle(connection)
    main = _schema(library, handle, _MAIN)
    count = size = None
    if may_share:
        size, divided = library.cache_bytes(handle)
        count = sharers(size, divided)
    return Sight([main], count, size if main["memdb"] is None else main["memdb"])


def see(connection: sqlite3.Connection) -> Sight | None:
    """Look at a connection; only on the thread that owns it, between its statements.

    Returns:
        None where SQLite cannot be asked.
    """
    library = native()
    if library is None:
        return None
    handle = library.handle(connection)
    # Before SQLite 3.39 the names of what is attached are only to be had by a statement: not on this connection.
    names = library.schema_names(handle) or (_MAIN, _TEMP)
    has_temp = library.filename(handle, _TEMP) is not None
    schemas = [_schema(library, handle, name) for name in names if name != _TEMP]
    whole, divided = library.cache_bytes(handle)
    count = None if has_temp or len(schemas) != 1 else sharers(whole, divided)
    return Sight(schemas, count, whole if schemas[0]["memdb"] is None else schemas[0]["memdb"])


def _schema(library: Native, handle: int, name: bytes) -> dict[str, Any]:
    file = library.filename(handle, name) or b""
    # A memdb always has a name of its own here; a database of any other memory has none.
    store_bytes = library.memdb_bytes(handle, name) if file else None
    text = os.fsdecode(file) if file else ""
    return {
        "name": "main" if name is _MAIN else name.decode("utf-8", "surrogateescape"),
        "file": text if store_bytes is None else "",
        "virtual": "" if store_bytes is None else text,
        "pager": library.pager(handle, name),
        "memdb": store_bytes,
    }
