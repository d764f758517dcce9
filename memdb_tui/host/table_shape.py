"""What the schema of a database says, as far as comparing needs it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from memdb_tui.frozen import dataclass
from memdb_tui.sql.names import quote_identifier

_GENERATED = frozenset({2, 3})
"""`hidden` of `PRAGMA table_xinfo` for virtual and stored generated columns."""
_BUILT_IN_COLLATIONS = frozenset({"BINARY", "NOCASE", "RTRIM"})
_ROWID_NAMES = ("rowid", "_rowid_", "oid")
"""The names of the row's number, each as long as no column has it: https://sqlite.org/rowidtable.html."""


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table and how its rows are told apart."""

    name: str
    columns: tuple[str, ...]
    """Without generated ones: what they hold follows from the others."""
    primary_key: tuple[str, ...]
    """Empty where none was declared."""
    rowid: str
    """A name that reaches the row's number, empty where there is none."""
    unread: str
    """Why its rows cannot be compared, a sentence; empty where they can."""


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """A row of `sqlite_schema`."""

    kind: str
    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Database:
    """Everything in `main`; under `folded` names, since SQLite tells no case apart in ASCII letters."""

    objects: Mapping[tuple[str, str], SchemaObject]
    tables: Mapping[str, TableShape]
    is_utf8: bool


def folded(name: str) -> str:
    """A name as SQLite compares names."""
    return "".join([letter.lower() if letter.isascii() else letter for letter in name])


def read_database(raw: sqlite3.Connection) -> Database:
    """Read the schema.

    Raises:
        sqlite3.Error: SQLite would not say.
    """
    rows = raw.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").fetchall()
    objects = [SchemaObject(str(kind), str(name), str(sql)) for kind, name, sql in rows]
    kinds = {folded(str(row[1])): row[2] for row in raw.execute("PRAGMA main.table_list")} if _HAS_LIST else {}
    tables = {folded(o.name): _shape(raw, o, kinds.get(folded(o.name), "")) for o in objects if o.kind == "table"}
    (encoding,) = raw.execute("PRAGMA encoding").fetchone()
    return Database({(o.kind, folded(o.name)): o for o in objects}, tables, is_utf8=encoding == "UTF-8")


_HAS_LIST = sqlite3.sqlite_version_info >= (3, 37)
"""`PRAGMA table_list` is there, which knows the shadow tables of virtual ones."""


def _shape(raw: sqlite3.Connection, table: SchemaObject, kind: str) -> TableShape:
    if kind == "virtual" or [word.upper() for word in table.sql.split(None, 2)[:2]] == ["CREATE", "VIRTUAL"]:
        return _unread(table, "A virtual table is not compared: its rows are its module's answers.")
    if kind == "shadow":
        return _unread(table, "A virtual table keeps its own data here, which is not compared.")
    quoted = quote_identifier(table.name)
    try:
        rows = raw.execute(f"PRAGMA main.table_xinfo({quoted})").fetchall()
    except sqlite3.Error as error:
        return _unread(table, f"Its columns cannot be read: {error}.")
    columns = tuple(str(row[1]) for row in rows if row[6] not in _GENERATED)
    key = tuple(str(row[1]) for row in sorted(rows, key=lambda row: row[5]) if row[5])
    rowid = _rowid(raw, quoted, {folded(str(row[1])) for row in rows})
    if not rowid:
        _stand_in_for_collations(raw, quoted)
    return TableShape(table.name, columns, key, rowid, "")


def _unread(table: SchemaObject, why: str) -> TableShape:
    return TableShape(table.name, (), (), "", why)


def _rowid(raw: sqlite3.Connection, quoted: str, columns: set[str]) -> str:
    name = next((name for name in _ROWID_NAMES if name not in columns), "")
    if name:
        try:
            raw.execute(f"SELECT {name} FROM main.{quoted} LIMIT 0").close()
        except sqlite3.Error:
            # WITHOUT ROWID: https://sqlite.org/withoutrowid.html.
            return ""
    return name


def _stand_in_for_collations(raw: sqlite3.Connection, quoted: str) -> None:
    """Define the collations of the program that order a table WITHOUT ROWID: it cannot be read where one is missing.

    What they say does not matter, since rows are sorted anew.
    """
    for _, index, _, origin, _ in raw.execute(f"PRAGMA main.index_list({quoted})").fetchall():
        if origin == "pk":
            for row in raw.execute(f"PRAGMA main.index_xinfo({quote_identifier(str(index))})").fetchall():
                if row[4] not in _BUILT_IN_COLLATIONS:
                    raw.create_collation(str(row[4]), _no_order)


def _no_order(_one: str, _other: str) -> int:
    return 0
