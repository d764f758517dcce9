"""What the owner of a connection sees of it: SQLite's own word on files, pagers, stores and counts."""

from __future__ import annotations

from .bare import fsdecode
from .files_before import may_choose_vfs
from .native import native, sharers
from .record import Sight, told_schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from typing import Any

    from .native import Handle, Native

_MAIN = b"main"
_TEMP = b"temp"


def see_opened(connection: sqlite3.Connection, database: str | None) -> Sight | None:
    """Look at a connection that was opened just now; only on the thread that opened it.

    Args:
        connection: Nothing is attached to it yet.
        database: What it was opened with, None where that is not known: what is out of the question is not asked.

    Returns:
        None where SQLite cannot be asked.
    """
    library = native()
    if library is None:
        return None
    sight = Sight()
    handle = library.handle(connection)
    sight.pager = library.pager(handle, _MAIN)
    name = library.filename(handle, _MAIN)
    store_bytes = library.memdb_bytes(handle, _MAIN) if may_choose_vfs(database) else None
    if name or store_bytes is not None:
        _name(sight, name or b"", store_bytes)
    return sight


def count(connection: sqlite3.Connection, sight: Sight) -> None:
    """See how many connections are on the cache of one that was opened just now, and what it takes."""
    library = native()
    if library is not None:
        whole, divided = library.cache_bytes(library.handle(connection))
        sight.count = 1 if whole == divided > 0 else sharers(whole, divided)
        if sight.memdb is None:
            sight.size = whole


def see(connection: sqlite3.Connection) -> Sight | None:
    """Look at a connection; only on the thread that owns it, between its statements.

    Returns:
        None where SQLite cannot be asked.
    """
    library = native()
    if library is None:
        return None
    sight = Sight()
    handle = library.handle(connection)
    sight.pager = library.pager(handle, _MAIN)
    _name(sight, library.filename(handle, _MAIN) or b"", library.memdb_bytes(handle, _MAIN))
    # Before SQLite 3.39 the names of what is attached are only to be had by a statement: not on this connection.
    names = library.schema_names(handle) or ()
    sight.attached = tuple(_attached(library, handle, name) for name in names if name not in {_MAIN, _TEMP})
    whole, divided = library.cache_bytes(handle)
    if not sight.attached and library.filename(handle, _TEMP) is None:
        sight.count = sharers(whole, divided)
    if sight.memdb is None:
        sight.size = whole
    return sight


def _name(sight: Sight, name: bytes, store_bytes: int | None) -> None:
    """Put the name where it belongs: a memdb has one before SQLite 3.53, any other memory never has one."""
    if store_bytes is None:
        sight.file = fsdecode(name)
    else:
        sight.virtual = fsdecode(name)
        sight.memdb = sight.size = store_bytes


def _attached(library: Native, handle: Handle, name: bytes) -> dict[str, Any]:
    file = library.filename(handle, name)
    text = fsdecode(file) if file else ""
    store_bytes = library.memdb_bytes(handle, name)
    return told_schema(
        name.decode("utf-8", "surrogateescape"),
        file=text if store_bytes is None else "",
        virtual="" if store_bytes is None else text,
        pager=library.pager(handle, name),
        memdb=store_bytes,
    )
