"""What a connection's owner sees when it looks at its connection."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass

from memdb_tui.host.native import MemdbStore, native, sharers
from memdb_tui.model import TransactionState

_STATES = (TransactionState.NONE, TransactionState.READ, TransactionState.WRITE)


@dataclass(frozen=True, slots=True)
class SchemaObservation:
    """One database of a connection."""

    name: str
    file: str
    """The absolute path of a real file, empty for every kind of memory and for temporary databases."""
    virtual_name: str
    """What SQLite calls a database without a file: `/m` for a memdb, else empty."""
    pager: int | None
    store: MemdbStore | None
    transaction: TransactionState


@dataclass(frozen=True, slots=True)
class Observation:
    """A connection at one moment, seen by the thread that owns it, between its statements."""

    schemas: tuple[SchemaObservation, ...]
    has_temp: bool
    in_transaction: bool
    cache_bytes: int | None
    sqlite_count: int | None
    """How many connections SQLite counts on the cache of `main`; None where the figure would not be valid."""

    @property
    def transaction(self) -> TransactionState:
        """The strongest state over all databases; OPEN when only BEGIN ran."""
        states = [schema.transaction for schema in self.schemas]
        for state in (TransactionState.WRITE, TransactionState.READ):
            if state in states:
                return state
        return TransactionState.OPEN if self.in_transaction else TransactionState.NONE


def observe(connection: sqlite3.Connection) -> Observation:
    """Look at a connection; only its owner may call this, between its statements.

    Raises:
        sqlite3.Error: The connection is closed, or SQLite would not answer.
    """
    # A row factory or a text factory of the connection's must not change what is read here.
    cursor = connection.cursor()
    cursor.row_factory = None
    listed = cursor.execute("PRAGMA database_list").fetchall()
    cursor.close()
    in_transaction = connection.in_transaction
    schemas = []
    has_temp = False
    for _, raw_name, raw_file in listed:
        name, file = _text(raw_name), _text(raw_file)
        if name == "temp":
            has_temp = True
            continue
        schemas.append(_observe_schema(connection, name, file, in_transaction=in_transaction))
    cache_bytes, count = _cache_use(connection, single=len(schemas) == 1 and not has_temp)
    return Observation(tuple(schemas), has_temp, in_transaction, cache_bytes, count)


def _observe_schema(
    connection: sqlite3.Connection, name: str, file: str, *, in_transaction: bool
) -> SchemaObservation:
    library = native()
    if library is None:
        state = TransactionState.OPEN if in_transaction else TransactionState.NONE
        is_file = os.path.isabs(file) and os.path.exists(file)  # noqa: PTH110, PTH117 - SQLite's own string
        return SchemaObservation(
            name, file if is_file else "", "" if is_file else file, pager=None, store=None, transaction=state
        )
    store = library.memdb_store(connection, name)
    return SchemaObservation(
        name,
        file="" if store else file,
        virtual_name=file if store else "",
        pager=library.pager(connection, name),
        store=store,
        transaction=_STATES[max(0, library.transaction(connection, name))],
    )


def _cache_use(connection: sqlite3.Connection, *, single: bool) -> tuple[int | None, int | None]:
    library = native()
    if library is None or not single:
        return None, None
    whole, divided = library.cache_bytes(connection)
    return whole, sharers(whole, divided)


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
