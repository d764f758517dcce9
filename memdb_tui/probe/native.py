"""What SQLite's C interface knows of a connection and Python's sqlite3 does not hand out.

Every function here takes the connection's mutex and then the shared cache's, with the GIL released. It may be called
only by the thread that owns the connection, between its statements: anything else deadlocks as soon as a Python
function runs inside a statement on the same cache.
"""

from __future__ import annotations

import sqlite3
import sys
from _struct import pack  # in C, what `struct` is made of

from .foreign import (
    Library,
    byref,
    c_char,
    c_char_p,
    c_int,
    c_void_p,
    of_python,
    py_object,
    sizeof,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_OK = sqlite3.SQLITE_OK
_ROW = 100
_FCNTL_FILE_POINTER = 7
_FCNTL_VFSNAME = 12
_DBSTATUS_CACHE_USED = 1
_DBSTATUS_CACHE_USED_SHARED = 11

_MEMDB = b"memdb("
_ANY_TABLE = b"EXPLAIN SELECT 1 FROM main.sqlite_master"
_TAKES_LOCK = b"TableLock"

Handle = c_void_p
"""A `sqlite3*`, ready to be handed to a function in C."""

_UNREAD = byref(c_int())
"""Takes the highest value, which nobody reads."""


_OBJECT = 16
_SSIZE = 19
_READ_ONLY = 1
_definitions: list[object] = []
"""Python keeps pointers to them, and to the names in them."""


def _reader(offset: int, kind: int) -> Callable[[sqlite3.Connection], Any]:
    """A getter of a field of connections, as those that a class in C has.

    Not `c_void_p.from_address(id(…))`: Python audits both, which calls every hook there is.

    Args:
        offset: Where the field is, in bytes.
        kind: What is there: https://docs.python.org/3/c-api/structures.html#member-types.
    """
    name = c_char_p(b"field")
    # A `PyMemberDef`, without documentation: https://docs.python.org/3/c-api/structures.html#c.PyMemberDef.
    packed = pack("PiniP", c_void_p.from_buffer(name).value, kind, offset, _READ_ONLY, 0)
    definition = (c_char * len(packed)).from_buffer_copy(packed)
    _definitions.extend((name, definition))
    new_member = of_python("PyDescr_NewMember")
    new_member.restype = py_object
    member = new_member(py_object(sqlite3.Connection), byref(definition))
    getter: Callable[[sqlite3.Connection], Any] = member.__get__
    return getter


def reader_of(value: object, connection: sqlite3.Connection) -> Callable[[sqlite3.Connection], Any] | None:
    """A getter of the field of connections in which this one has a value; None where none or several have it.

    The getter raises AttributeError where there is nothing.
    """
    size = sqlite3.Connection.__basicsize__ // sizeof(c_void_p)
    fields = (c_void_p * size).from_address(id(connection))
    found = [number for number, field in enumerate(fields) if field == id(value)]
    return _reader(found[0] * sizeof(c_void_p), _OBJECT) if len(found) == 1 else None


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

        library = Library(_sqlite3.__file__)
        text = c_char_p
        libversion = library.function("sqlite3_libversion")
        libversion.restype = text
        version = libversion().decode()
        if version != sqlite3.sqlite_version:
            raise ImportError(f"found SQLite {version}, but sqlite3 uses {sqlite3.sqlite_version}")
        # No `argtypes`: everything handed over is of a type that is passed on as it is, in half the time.
        self._file_control = library.function("sqlite3_file_control")
        self._txn_state = library.function("sqlite3_txn_state")
        self._db_status = library.function("sqlite3_db_status")
        self._free = library.function("sqlite3_free")
        self._free.restype = None
        self._db_filename = library.function("sqlite3_db_filename")
        self._db_filename.restype = text
        self._option_used = library.function("sqlite3_compileoption_used")
        self._changes = library.function("sqlite3_changes")
        self._prepare, self._step, self._finalize = (
            library.function("sqlite3_prepare_v2"),
            library.function("sqlite3_step"),
            library.function("sqlite3_finalize"),
        )
        self._column_text = library.function("sqlite3_column_text")
        self._column_text.restype = text
        # SQLite 3.39 and 3.38; without them a PRAGMA gives the names, and errors have no exact place.
        self._db_name = library.function_or_none("sqlite3_db_name")
        if self._db_name is not None:
            self._db_name.restype = text
        self._error_offset = library.function_or_none("sqlite3_error_offset")
        # The first field after the object header, in every CPython from 3.8 to 3.14.
        self._read_handle: Callable[[sqlite3.Connection], int] = _reader(object.__basicsize__, _SSIZE)

    def handle(self, connection: sqlite3.Connection) -> Handle:
        """The `sqlite3*`.

        Raises:
            sqlite3.ProgrammingError: The connection is closed.
        """
        handle = Handle(self._read_handle(connection))
        if not handle:
            raise sqlite3.ProgrammingError("Cannot operate on a closed database.")
        return handle

    def schema_names(self, handle: Handle) -> tuple[bytes, ...] | None:
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

    def has_attached(self, handle: Handle) -> bool:
        """Whether anything is attached; True where SQLite does not say (before 3.39).

        Source: https://sqlite.org/c3ref/db_name.html: `main` is the first, `temp` the second, whether there or not.
        """
        return self._db_name is None or self._db_name(handle, 2) is not None

    def filename(self, handle: Handle, schema: bytes) -> bytes | None:
        """The path of a schema's file, empty for memory, None where there is no such schema (or no temp table yet).

        Source: https://sqlite.org/c3ref/db_filename.html
        """
        found: bytes | None = self._db_filename(handle, schema)
        return found

    def pager(self, handle: Handle, schema: bytes) -> int | None:
        """The pager's file object: equal for connections on one shared cache, as long as both are open.

        Source: https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html#sqlitefcntlfilepointer
        """
        slot = c_void_p()
        found = self._file_control(handle, schema, _FCNTL_FILE_POINTER, byref(slot))
        return slot.value if found == _OK else None

    def main_pager(self, connection: sqlite3.Connection) -> int | None:
        """`pager()` of the main database, in as few steps as there can be: it is asked at every opening.

        Args:
            connection: Not closed.
        """
        slot = c_void_p()
        handle = Handle(self._read_handle(connection))
        found = self._file_control(handle, b"main", _FCNTL_FILE_POINTER, byref(slot))
        return slot.value if found == _OK else None

    def memdb_bytes(self, handle: Handle, schema: bytes) -> int | None:
        """The size of the store of a `vfs=memdb` database, None for every other database.

        Source: https://sqlite.org/src/file/src/memdb.c
        """
        slot = c_void_p()
        found = self._file_control(handle, schema, _FCNTL_VFSNAME, byref(slot))
        if found != _OK or not slot.value:
            return None
        name = c_char_p(slot.value).value or b""
        self._free(slot)
        # memdb(<address of the store>,<bytes>)
        _, _, size = name.removesuffix(b")").rpartition(b",")
        return int(size) if name.startswith(_MEMDB) and size.isdigit() else None

    def may_share(self, handle: Handle) -> bool | None:
        """Whether other connections can come to the cache of `main`, now or later; None where SQLite does not say.

        Only there does a statement lock the tables it reads: https://sqlite.org/opcode.html#TableLock. EXPLAIN runs
        nothing of it, and no trace callback sees it. An authorizer of the program does, as it sees `serialize`.
        """
        statement = c_void_p()
        if self._prepare(handle, _ANY_TABLE, -1, byref(statement), None) != _OK:
            return None
        operations = set()
        while (status := self._step(statement)) == _ROW:
            operations.add(self._column_text(statement, 1))
        self._finalize(statement)
        return _TAKES_LOCK in operations if status == sqlite3.SQLITE_DONE else None

    def uses_uris(self) -> bool:
        """Whether SQLite was compiled to take `file:` names for URIs unasked: https://sqlite.org/compile.html#use_uri."""
        return bool(self._option_used(b"USE_URI"))

    def transaction(self, handle: Handle, schema: bytes | None) -> int:
        """0 none, 1 read, 2 write; None for the strongest of all schemas: https://sqlite.org/c3ref/txn_state.html."""
        return max(0, int(self._txn_state(handle, schema)))

    def cache_bytes(self, handle: Handle) -> tuple[int, int]:
        """Memory of all page caches of a connection, whole, and divided among the connections that share each.

        Source: https://sqlite.org/c3ref/c_dbstatus_options.html#sqlitedbstatuscacheusedshared
        """
        current = c_int()
        answer = byref(current)
        self._db_status(handle, _DBSTATUS_CACHE_USED, answer, _UNREAD, 0)
        whole = current.value
        self._db_status(handle, _DBSTATUS_CACHE_USED_SHARED, answer, _UNREAD, 0)
        return whole, current.value

    def changes(self, handle: Handle) -> int:
        """Rows that the last INSERT, UPDATE or DELETE changed itself, those of its triggers left out.

        Source: https://sqlite.org/c3ref/changes.html
        """
        return int(self._changes(handle))

    def error_offset(self, handle: Handle) -> int | None:
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
