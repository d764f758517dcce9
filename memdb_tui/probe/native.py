"""What SQLite's C interface knows of a connection and Python's sqlite3 does not hand out.

Every function here takes the connection's mutex and then the shared cache's, with the GIL released. It may be called
only by the thread that owns the connection, between its statements: anything else deadlocks as soon as a Python
function runs inside a statement on the same cache.
"""

from __future__ import annotations

import _thread
import ctypes
import sqlite3
import sys

_OK = sqlite3.SQLITE_OK
_FCNTL_FILE_POINTER = 7
_FCNTL_VFSNAME = 12
_DBSTATUS_CACHE_USED = 1
_DBSTATUS_CACHE_USED_SHARED = 11

_MEMDB = b"memdb("


class _Slots(_thread._local):  # noqa: SLF001 - as `threading` itself has it, which need not be imported
    """Where SQLite writes an answer, for each thread one: making it costs more than asking."""

    def __init__(self) -> None:
        self.pointer = ctypes.c_void_p()
        self.address = ctypes.addressof(self.pointer)


class Native:
    """The loaded SQLite library, the very one that Python's sqlite3 uses.

    A handle is what `handle()` gave for a connection just now; it is good until the owner does anything else with it.

    Raises:
        OSError, AttributeError, ImportError: It cannot be reached, as where `_sqlite3` is linked into Python itself.
    """

    def __init__(self) -> None:
        if sys.implementation.name != "cpython":
            raise ImportError("only CPython's sqlite3 connections can be asked")
        import _sqlite3  # noqa: PLC0415 - missing where sqlite3 is not CPython's own

        library = ctypes.CDLL(_sqlite3.__file__)
        pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
        library.sqlite3_libversion.restype = text
        version = library.sqlite3_libversion().decode()
        if version != sqlite3.sqlite_version:
            raise ImportError(f"found SQLite {version}, but sqlite3 uses {sqlite3.sqlite_version}")
        self._slots = _Slots()
        self._file_control = library.sqlite3_file_control
        self._file_control.argtypes = [pointer, text, number, pointer]
        self._txn_state = library.sqlite3_txn_state
        self._txn_state.argtypes = [pointer, text]
        self._db_status = library.sqlite3_db_status
        self._db_status.argtypes = [pointer, number, pointer, pointer, number]
        self._free = library.sqlite3_free
        self._free.argtypes = [pointer]
        self._free.restype = None
        self._db_filename = library.sqlite3_db_filename
        self._db_filename.argtypes = [pointer, text]
        self._db_filename.restype = text
        self._option_used = library.sqlite3_compileoption_used
        self._option_used.argtypes = [text]
        self._changes = library.sqlite3_changes
        self._changes.argtypes = [pointer]
        # SQLite 3.39 and 3.38; without them a PRAGMA gives the names, and errors have no exact place.
        self._db_name = getattr(library, "sqlite3_db_name", None)
        if self._db_name is not None:
            self._db_name.argtypes = [pointer, number]
            self._db_name.restype = text
        self._error_offset = getattr(library, "sqlite3_error_offset", None)
        if self._error_offset is not None:
            self._error_offset.argtypes = [pointer]

    def handle(self, connection: sqlite3.Connection) -> int:
        """The `sqlite3*`: the first field after the object header, in every CPython from 3.8 to 3.14.

        Raises:
            sqlite3.ProgrammingError: The connection is closed.
        """
        handle = ctypes.c_void_p.from_address(id(connection) + object.__basicsize__).value
        if not handle:
            raise sqlite3.ProgrammingError("Cannot operate on a closed database.")
        return handle

    def schema_names(self, handle: int) -> tuple[bytes, ...] | None:
        """`main`, `temp` (whether or not it is there yet), then what is attached; None before SQLite 3.39.

        Unlike `PRAGMA database_list` this works while another connection has a schema locked.
        Source: https://sqlite.org/c3ref/db_name.html
        """
        if self._db_name is None:
            return None
        names: list[bytes] = []
        while (name := self._db_name(handle, len(names))) is not None:
            names.append(name)
        return tuple(names)

    def filename(self, handle: int, schema: bytes) -> bytes | None:
        """The path of a schema's file, empty for memory, None where there is no such schema (or no temp table yet).

        Source: https://sqlite.org/c3ref/db_filename.html
        """
        found: bytes | None = self._db_filename(handle, schema)
        return found

    def pager(self, handle: int, schema: bytes) -> int | None:
        """The pager's file object: equal for connections on one shared cache, as long as both are open.

        Source: https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html#sqlitefcntlfilepointer
        """
        slot = self._slots
        found = self._file_control(handle, schema, _FCNTL_FILE_POINTER, slot.address)
        return slot.pointer.value if found == _OK else None

    def memdb_bytes(self, handle: int, schema: bytes) -> int | None:
        """The size of the store of a `vfs=memdb` database, None for every other database.

        Source: https://sqlite.org/src/file/src/memdb.c
        """
        slot = ctypes.c_void_p()
        found = self._file_control(handle, schema, _FCNTL_VFSNAME, ctypes.addressof(slot))
        if found != _OK or not slot.value:
            return None
        name = ctypes.string_at(slot.value)
        self._free(slot.value)
        # memdb(<address of the store>,<bytes>)
        _, _, size = name.removesuffix(b")").rpartition(b",")
        return int(size) if name.startswith(_MEMDB) and size.isdigit() else None

    def uses_uris(self) -> bool:
        """Whether SQLite was compiled to take `file:` names for URIs unasked: https://sqlite.org/compile.html#use_uri."""
        return bool(self._option_used(b"USE_URI"))

    def transaction(self, handle: int, schema: bytes | None) -> int:
        """0 none, 1 read, 2 write; None for the strongest of all schemas: https://sqlite.org/c3ref/txn_state.html."""
        return max(0, int(self._txn_state(handle, schema)))

    def cache_bytes(self, handle: int) -> tuple[int, int]:
        """Memory of all page caches of a connection, whole, and divided among the connections that share each.

        Source: https://sqlite.org/c3ref/c_dbstatus_options.html#sqlitedbstatuscacheusedshared
        """
        return self._status(handle, _DBSTATUS_CACHE_USED), self._status(handle, _DBSTATUS_CACHE_USED_SHARED)

    def _status(self, handle: int, which: int) -> int:
        current, highest = ctypes.c_int(), ctypes.c_int()
        self._db_status(handle, which, ctypes.addressof(current), ctypes.addressof(highest), 0)
        return current.value

    def changes(self, handle: int) -> int:
        """Rows that the last INSERT, UPDATE or DELETE changed itself, those of its triggers left out.

        Source: https://sqlite.org/c3ref/changes.html
        """
        return int(self._changes(handle))

    def error_offset(self, handle: int) -> int | None:
        """Where in the last failed statement the error is, in bytes of its UTF-8; None where SQLite names no place.

        Source: https://sqlite.org/c3ref/errcode.html
        """
        if self._error_offset is None:
            return None
        offset = int(self._error_offset(handle))
        return offset if offset >= 0 else None


_loaded: list[Native | str] = []


def native() -> Native | None:
    """The library, or None where it cannot be reached; `native_problem()` says why."""
    loaded = _loaded[0] if _loaded else _load()
    return loaded if isinstance(loaded, Native) else None


def native_problem() -> str:
    """Why SQLite cannot be asked directly, empty when it can."""
    loaded = _loaded[0] if _loaded else _load()
    return "" if isinstance(loaded, Native) else loaded


def _load() -> Native | str:
    try:
        found: Native | str = Native()
    except (OSError, AttributeError, ImportError) as error:
        found = f"SQLite's library cannot be asked here ({error}); what shares a cache is taken from the names."
    _loaded.append(found)
    return _loaded[0]


def sharers(whole_bytes: int, divided_bytes: int) -> int | None:
    """How many connections share a cache, from its memory whole and divided by their number.

    SQLite divides integers, so several numbers can fit a small cache with many connections: then the answer is None.
    """
    if divided_bytes <= 0 or whole_bytes < divided_bytes:
        return None
    fewest = whole_bytes // (divided_bytes + 1) + 1
    most = whole_bytes // divided_bytes
    return most if fewest == most else None
