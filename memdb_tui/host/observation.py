"""What a connection's owner sees when it looks at its connection."""

from __future__ import annotations

import os
import sqlite3

from memdb_tui.frozen import dataclass
from memdb_tui.host.turns import counting
from memdb_tui.model import TransactionState
from memdb_tui.probe.native import Handle, Native, native, sharers

_STATES = (TransactionState.NONE, TransactionState.READ, TransactionState.WRITE)
_MAIN = b"main"
_TEMP = b"temp"
_HIDES_STORE_NAMES = sqlite3.sqlite_version_info >= (3, 53)
"""SQLite no longer tells the name of a memdb: only the string that opened it does. Seen with 3.53.4."""


@dataclass(frozen=True, slots=True)
class SchemaObservation:
    """One database of a connection."""

    name: str
    file: str
    """The absolute path of a real file, empty for every kind of memory and for temporary databases."""
    virtual_name: str
    """What SQLite calls a database without a file: `/m` for a memdb, else empty."""
    pager: int | None
    store_bytes: int | None
    """The size of a memdb's store, None for every other kind."""
    transaction: TransactionState

    @property
    def is_named_store(self) -> bool:
        """A memdb that every connection of the process can open by its name: https://sqlite.org/src/file/src/memdb.c."""
        return self.store_bytes is not None and len(self.virtual_name) > 1 and self.virtual_name[0] in "/\\"


@dataclass(frozen=True, slots=True)
class Observation:
    """A connection at one moment, seen by the thread that owns it, between its statements."""

    schemas: tuple[SchemaObservation, ...]
    has_temp: bool
    transaction: TransactionState
    """The strongest state over all databases, that of temp included; OPEN when only BEGIN ran."""
    cache_bytes: int | None
    sqlite_count: int | None
    """How many connections SQLite counts on the cache of `main`; None where the figure would not be valid."""


NOTHING_SEEN = Observation((), has_temp=False, transaction=TransactionState.NONE, cache_bytes=None, sqlite_count=None)


def observe(connection: sqlite3.Connection) -> Observation:
    """Look at a connection; only its owner may call this, between its statements.

    Raises:
        sqlite3.ProgrammingError: The connection is closed.
        sqlite3.Error: SQLite would not answer; only where its library cannot be asked directly.
    """
    library = native()
    if library is None:
        return _observe_by_pragma(connection)
    handle = library.handle(connection)
    has_temp = library.filename(handle, _TEMP) is not None
    strongest = _STATES[library.transaction(handle, None)]
    state = _with_begun(strongest, connection)
    names = [_MAIN]
    if library.has_attached(handle):
        listed = library.schema_names(handle) or [name for name, _ in _database_list(connection)]
        names = [name for name in listed if name != _TEMP]
    if has_temp or len(names) != 1:
        states = [_STATES[library.transaction(handle, name)] for name in names]
        schemas = [_observe_schema(library, handle, *each) for each in zip(names, states, strict=True)]
        return Observation(tuple(schemas), has_temp, state, None, None)
    main = _observe_schema(library, handle, _MAIN, strongest)
    with counting(main.pager):
        whole, divided = library.cache_bytes(handle)
    return Observation((main,), has_temp, state, whole, sharers(whole, divided))


def is_as_seen(connection: sqlite3.Connection, seen: Observation) -> bool:
    """Whether a connection still has its one database and the transaction state that were seen, and no other.

    In a tenth of the time that `observe` takes; False wherever that is not told so simply. To be called as `observe`.

    Raises:
        sqlite3.ProgrammingError: The connection is closed.
    """
    library = native()
    if library is None or seen.has_temp or len(seen.schemas) != 1:
        return False
    handle = library.handle(connection)
    return (
        _with_begun(_STATES[library.transaction(handle, None)], connection) is seen.transaction
        and not library.has_attached(handle)
        and library.filename(handle, _TEMP) is None
    )


def _with_begun(state: TransactionState, connection: sqlite3.Connection) -> TransactionState:
    """The state of a connection's databases, or OPEN where only BEGIN ran."""
    return TransactionState.OPEN if state is TransactionState.NONE and connection.in_transaction else state


def _observe_schema(library: Native, handle: Handle, name: bytes, state: TransactionState) -> SchemaObservation:
    file = library.filename(handle, name) or b""
    # A memdb has a name of its own here before SQLite 3.53; a database of any other memory never has one.
    store_bytes = library.memdb_bytes(handle, name) if file or _HIDES_STORE_NAMES else None
    text = os.fsdecode(file)
    return SchemaObservation(
        name.decode("utf-8", "surrogateescape"),
        file=text if store_bytes is None else "",
        virtual_name="" if store_bytes is None else text,
        pager=library.pager(handle, name),
        store_bytes=store_bytes,
        transaction=state,
    )


def _observe_by_pragma(connection: sqlite3.Connection) -> Observation:
    """What can be seen without SQLite's library: names, files, and whether a transaction is open."""
    state = TransactionState.OPEN if connection.in_transaction else TransactionState.NONE
    listed = _database_list(connection)
    schemas = []
    for raw_name, raw_file in listed:
        if raw_name == _TEMP:
            continue
        is_file = os.path.isabs(raw_file) and os.path.exists(raw_file)  # noqa: PTH110, PTH117 - SQLite's own bytes
        file = os.fsdecode(raw_file)
        schemas.append(
            SchemaObservation(
                raw_name.decode("utf-8", "surrogateescape"),
                file=file if is_file else "",
                virtual_name="" if is_file else file,
                pager=None,
                store_bytes=None,
                transaction=state,
            )
        )
    has_temp = any(name == _TEMP for name, _ in listed)
    return Observation(tuple(schemas), has_temp, state, None, None)


def _database_list(connection: sqlite3.Connection) -> list[tuple[bytes, bytes]]:
    # A cursor of its own: the row factory of the connection must not change what is read here.
    cursor = connection.cursor()
    cursor.row_factory = None
    try:
        listed = cursor.execute("PRAGMA database_list").fetchall()
    finally:
        cursor.close()
    return [(_bytes(name), _bytes(file)) for _, name, file in listed]


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return b"" if value is None else os.fsencode(str(value))
