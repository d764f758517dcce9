"""The lines of the schema pane: tables, views and columns of a connection's databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from functools import partial

from rich.cells import cell_len

from memdb_tui.frozen import dataclass
from memdb_tui.model import DatabaseSchema, Table, TableColumn
from memdb_tui.sql.tokens import TokenKind, tokenize
from memdb_tui.ui.rows import Clip, Part, Row, clip_cells
from memdb_tui.ui.widgets.line_list import Line
from memdb_tui.ui.wording import count, printable

_KIND_MARKS = {"table": "▦", "view": "◇", "virtual": "◈"}
_SEPARATOR = "\0"
_MOST_TYPE_CELLS = 16


@dataclass(frozen=True, slots=True)
class SchemaListing:
    """What is shown of a schema."""

    open_tables: frozenset[str] = field(default_factory=frozenset)
    """The keys of the tables whose columns are listed."""
    filter_text: str = ""
    """Only tables and columns with this text in their name, without regard to case; a blank one shows everything."""


def table_key(table: Table) -> str:
    """The key of a table's line."""
    return f"{table.schema}{_SEPARATOR}{table.name}"


def column_key(table: Table, column: TableColumn) -> str:
    """The key of a column's line."""
    return f"{table_key(table)}{_SEPARATOR}{column.name}"


def table_key_of(key: str) -> str:
    """The key of the table that a line belongs to."""
    return _SEPARATOR.join(key.split(_SEPARATOR)[:2])


def is_column(key: str) -> bool:
    """The line stands for a column."""
    return key.count(_SEPARATOR) > 1


def sql_name(name: str) -> str:
    """The name as SQL takes it: as it is where SQLite reads it as one identifier, else in double quotes."""
    kinds = [token.kind for token in tokenize(name)]
    return name if kinds == [TokenKind.IDENTIFIER] else '"' + name.replace('"', '""') + '"'


def text_to_insert(key: str) -> str:
    """What stands for a line in SQL: a column's name, or a table's, with its schema unless that is `main`."""
    schema, *rest = key.split(_SEPARATOR)
    if len(rest) > 1 or schema == "main":
        return sql_name(rest[-1])
    return f"{sql_name(schema)}.{sql_name(rest[0])}"


def schema_state(schema: DatabaseSchema) -> str:
    """What stands beside the pane's name: `3 tables · 1 view`."""
    views = sum(table.kind == "view" for table in schema.tables)
    parts = [count(len(schema.tables) - views, "table")]
    return " · ".join(parts + ([count(views, "view")] if views else []))


def schema_lines(schema: DatabaseSchema, listing: SchemaListing) -> list[Line]:
    """The lines of a schema: each database's name where there are several, its tables, the columns of open ones.

    A filter opens the tables in which a column matches.
    """
    if not schema.tables:
        return _empty_lines()
    wanted = listing.filter_text.strip().casefold()
    lines: list[Line] = []
    types = {column.declared_type for table in schema.tables for column in table.columns}
    type_cells = min(max(cell_len(_type(declared)) for declared in {*types, ""}), _MOST_TYPE_CELLS)
    of_schema: dict[str, list[Table]] = {}
    for table in schema.tables:
        of_schema.setdefault(table.schema, []).append(table)
    for name, tables in of_schema.items():
        of_tables = [line for table in tables for line in _table(table, listing, wanted, type_cells=type_cells)]
        if of_tables and (len(of_schema) > 1 or name != "main"):
            lines.append(Line(f"#{name}", partial(_schema_heading, name)))
        lines += of_tables
    if not lines:
        nothing = f"Nothing here has “{printable(listing.filter_text.strip())}” in its name."
        row = Row((Part(nothing, "$muted", clip=Clip.END),))
        lines.append(Line("#none", partial(_same, row)))
    return lines


def _table(table: Table, listing: SchemaListing, wanted: str, *, type_cells: int) -> Iterator[Line]:
    key = table_key(table)
    is_named = wanted in table.name.casefold()
    matching = table.columns if is_named else tuple(c for c in table.columns if wanted in c.name.casefold())
    if not is_named and not matching:
        return
    is_open = key in listing.open_tables or (bool(wanted) and not is_named)
    yield Line(key, partial(_table_row, table, is_open=is_open), is_selectable=True)
    if table.problem:
        yield Line(f"{key}{_SEPARATOR}#problem", partial(_problem_row, table), owner=key)
    if is_open:
        for column in matching:
            build = partial(_column_row, column, type_cells=type_cells)
            yield Line(column_key(table, column), build, is_selectable=True)


def _same(row: Row) -> Row:
    return row


def _schema_heading(name: str) -> Row:
    return Row((Part(printable(name), "bold $secondary", clip=Clip.END),))


def _table_row(table: Table, *, is_open: bool) -> Row:
    style = "bold $error" if table.problem else "bold"
    words = "" if table.problem else count(len(table.columns), "column")
    kind = "" if table.kind == "table" else table.kind
    return Row(
        (
            Part("▼" if is_open else "►", "$muted"),
            Part(_KIND_MARKS.get(table.kind, "▦"), "$primary"),
            Part(printable(table.name), style, clip=Clip.END),
        ),
        (Part(" · ".join(filter(None, (kind, words))), "$faint", gap=2, rank=2, shorter=(kind, "")),),
    )


def _problem_row(table: Table) -> Row:
    return Row((Part("    ×", "bold $error"), Part(printable(table.problem), "$error", clip=Clip.END)))


def _type(declared: str) -> str:
    return printable(declared) or "any"


def _column_row(column: TableColumn, *, type_cells: int) -> Row:
    marks = [
        word
        for word, is_set in (
            ("PK", column.is_primary_key),
            ("NOT NULL", column.is_not_null),
            ("generated", column.is_generated),
        )
        if is_set
    ]
    style = "$secondary" if column.is_primary_key else "$foreground"
    declared = clip_cells(_type(column.declared_type), type_cells)
    declared += " " * (type_cells - cell_len(declared))
    return Row(
        (Part("   "), Part(printable(column.name), style, clip=Clip.END)),
        (
            Part(" ".join(marks), "$secondary", gap=2, rank=2, shorter=("PK" if column.is_primary_key else "",)),
            Part(declared, "$muted", gap=2, rank=3, shorter=("",)),
        ),
    )


def _empty_lines() -> list[Line]:
    texts = (
        ("No tables yet.", "$foreground"),
        ("This database is empty. CREATE TABLE makes", "$muted"),
        ("one; it appears here as soon as it is run.", "$muted"),
    )
    return [
        Line(f"#{number}", partial(_same, Row((Part(f" {text}", style, clip=Clip.END),))))
        for number, (text, style) in enumerate(texts)
    ]
