"""The truth about connections, asked of SQLite without the host's own code."""

from __future__ import annotations

import _sqlite3
import ctypes
import sqlite3
from dataclasses import dataclass

_LIBRARY = ctypes.CDLL(_sqlite3.__file__)
_LIBRARY.sqlite3_file_control.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
_LIBRARY.sqlite3_txn_state.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
_LIBRARY.sqlite3_db_filename.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
_LIBRARY.sqlite3_db_filename.restype = ctypes.c_char_p
_LIBRARY.sqlite3_db_status.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]
_FILE_POINTER = 7
_CACHE_USED = 1


@dataclass(frozen=True)
class Truth:
    """One database of a connection, as SQLite has it at this moment."""

    file: str
    pager: int
    """The same for all that share a cache; for a memdb or a file its name says who shares."""
    transaction: int
    """0 none, 1 read, 2 write."""


def truth(raw: sqlite3.Connection, schemas: list[str]) -> dict[str, Truth]:
    """Ask about just these schemas; on the thread that owns the connection."""
    handle = ctypes.c_void_p.from_address(id(raw) + object.__basicsize__).value
    found = {}
    for schema in schemas:
        name = schema.encode()
        slot = ctypes.c_void_p()
        file = _LIBRARY.sqlite3_db_filename(handle, name)
        assert file is not None, f"there is no schema {schema}"
        assert _LIBRARY.sqlite3_file_control(handle, name, _FILE_POINTER, ctypes.addressof(slot)) == 0
        assert slot.value
        found[schema] = Truth(file.decode(), slot.value, _LIBRARY.sqlite3_txn_state(handle, name))
    return found


def cache_bytes(raw: sqlite3.Connection) -> int:
    """What the page caches of a connection take, each counted whole; on the thread that owns the connection."""
    handle = ctypes.c_void_p.from_address(id(raw) + object.__basicsize__).value
    current, highest = ctypes.c_int(), ctypes.c_int()
    assert _LIBRARY.sqlite3_db_status(handle, _CACHE_USED, ctypes.byref(current), ctypes.byref(highest), 0) == 0
    return current.value


def has_temp(raw: sqlite3.Connection) -> bool:
    """Whether the connection has a temporary database; on the thread that owns it."""
    handle = ctypes.c_void_p.from_address(id(raw) + object.__basicsize__).value
    return _LIBRARY.sqlite3_db_filename(handle, b"temp") is not None
