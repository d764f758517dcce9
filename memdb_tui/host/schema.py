"""Tables, views and columns as a connection sees them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from memdb_tui.errors import QueryError
from memdb_tui.model import Table, TableColumn
from memdb_tui.sql.names import quote_identifier

_HIDDEN = frozenset({"sqlite_schema", "sqlite_temp_schema", "sqlite_master", "sqlite_temp_master"})
_GENERATED = frozenset({2, 3})
"""`hidden` of `PRAGMA table_xinfo` for virtual and stored generated columns."""
_HIDDEN_COLUMN = 1


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
        raise QueryError(
            f"The tables cannot be read now: {error}.", hint="Try again when the other transaction is over."
        ) from error
    order = {"main": 0, "temp": 2}
    return tuple(sorted(tables, key=lambda t: (order.get(t.schema, 1), t.schema, t.name.casefold())))


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
