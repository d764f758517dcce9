"""Tables, views and columns as a connection sees them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from urllib.parse import quote

from memdb_tui.errors import MemdbError, QueryError
from memdb_tui.explain.names import shared_memory_uri
from memdb_tui.host.caches import Declared
from memdb_tui.host.connection import HostConnection
from memdb_tui.host.observation import Observation, observe
from memdb_tui.model import CacheKind, DatabaseSchema, Table, TableColumn, TransactionState
from memdb_tui.sql.names import quote_identifier

_HIDDEN = frozenset({"sqlite_schema", "sqlite_temp_schema", "sqlite_master", "sqlite_temp_master"})
_GENERATED = frozenset({2, 3})
"""`hidden` of `PRAGMA table_xinfo` for virtual and stored generated columns."""
_HIDDEN_COLUMN = 1


def schema_of(connection: HostConnection) -> DatabaseSchema:
    """What a connection can see, without changing what it holds; its owner calls this.

    Raises:
        QueryError: SQLite would not say, for a lock most often; its words are in the message.
    """
    if connection.transaction is not TransactionState.OPEN:
        return DatabaseSchema(connection.id, read_tables(connection.raw))
    # After BEGIN a read of ours would take a lock that stays until the user ends the transaction, so others look at
    # the same databases. What nobody else can open cannot be in anybody's way either.
    look = connection.look
    declared = look.declared if look is not None else {}
    ways = {name: _way_in(said) for name, said in declared.items()}
    if not ways or not all(ways.values()):
        return DatabaseSchema(connection.id, read_tables(connection.raw))
    try:
        with closing(sqlite3.connect(str(ways.pop("main")), timeout=0, uri=True, isolation_level=None)) as other:
            for name, uri in ways.items():
                other.execute(f"ATTACH ? AS {quote_identifier(name)}", (uri,))
            if look is not None and _pagers(observe(other), declared) == _pagers(look.observation, declared):
                other.execute("PRAGMA read_uncommitted=1")
                return DatabaseSchema(connection.id, read_tables(other))
    except sqlite3.Error as error:
        raise _cannot_read(error) from error
    return DatabaseSchema(connection.id, read_tables(connection.raw))


def _pagers(observation: Observation, declared: Mapping[str, Declared]) -> dict[str, int | None]:
    """The pagers of shared caches: what a name means depends on the VFS of the connection that says it."""
    kinds = {name: said.kind for name, said in declared.items()}
    return {s.name: s.pager for s in observation.schemas if kinds.get(s.name) is CacheKind.SHARED_CACHE}


def _way_in(declared: Declared) -> str | None:
    """The URI by which another connection reads the same database; None where there is no other way in."""
    if declared.kind is CacheKind.FILE:
        return f"file:{quote(os.fsencode(declared.name))}?mode=ro"
    if declared.kind is CacheKind.MEMDB_STORE:
        return f"file:{quote(os.fsencode(declared.name))}?vfs=memdb"
    try:
        if declared.kind is CacheKind.SHARED_CACHE:
            return shared_memory_uri(declared.name)
    except MemdbError:
        return None
    return None


def read_tables(raw: sqlite3.Connection) -> tuple[Table, ...]:
    """All tables, views and virtual tables of all the connection's databases, with their columns.

    Only the owner may call this. It leaves no cursor open.

    Raises:
        QueryError: SQLite would not say, for a lock most often; its words are in the message.
    """
    try:
        with _cursor(raw) as cursor:
            listed = cursor.execute("PRAGMA table_list").fetchall()
            tables = [
                _table(cursor, str(schema), str(name), str(kind))
                for schema, name, kind, *_ in listed
                if name not in _HIDDEN
            ]
    except sqlite3.Error as error:
        raise _cannot_read(error) from error
    order = {"main": 0, "temp": 2}
    return tuple(sorted(tables, key=lambda t: (order.get(t.schema, 1), t.schema, t.name.casefold())))


def _cannot_read(error: sqlite3.Error) -> QueryError:
    return QueryError(
        f"The tables cannot be read now: {error}.", hint="Try again when the other transaction is over."
    )


def _table(cursor: sqlite3.Cursor, schema: str, name: str, kind: str) -> Table:
    try:
        rows = cursor.execute(f"PRAGMA {quote_identifier(schema)}.table_xinfo({quote_identifier(name)})").fetchall()
    except sqlite3.Error as error:
        # A view of a table that is gone, a virtual table whose module is missing: the others are still there.
        return Table(schema, name, kind, (), str(error))
    columns = tuple(
        TableColumn(
            name=str(column),
            declared_type=str(declared or ""),
            is_primary_key=bool(key),
            is_not_null=bool(not_null),
            is_generated=hidden in _GENERATED,
        )
        for _, column, declared, not_null, _, key, hidden in rows
        if hidden != _HIDDEN_COLUMN
    )
    return Table(schema, name, kind, columns, "")


@contextmanager
def _cursor(raw: sqlite3.Connection) -> Iterator[sqlite3.Cursor]:
    cursor = raw.cursor()
    try:
        yield cursor
    finally:
        cursor.close()
