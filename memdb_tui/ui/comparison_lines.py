"""In what two databases differ, as lines to read and as text to copy. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from memdb_tui.model import Cell, CellKind
from memdb_tui.model.comparison import Change, Comparison, RowDifference, SchemaDifference, TableComparison
from memdb_tui.ui.rows import Clip, Part, Row
from memdb_tui.ui.wording import clip, count, printable

_CELL_CHARACTERS = 40
_SIGNS = {Change.ADDED: "+", Change.REMOVED: "−", Change.CHANGED: "±"}
_STYLES = {Change.ADDED: "$success", Change.REMOVED: "$secondary", Change.CHANGED: "$primary"}


def comparison_rows(comparison: Comparison) -> list[Row]:
    """The schema first, then the tables that differ, then in one line those that do not."""
    if comparison.is_same:
        tables = count(len(comparison.tables), "table")
        return [Row((Part(f"The two are the same: schema, and every row of {tables}.", "bold $foreground"),))]
    rows: list[Row] = []
    if comparison.schema:
        rows.append(Row((Part("Schema", "bold $primary"),)))
        for difference in comparison.schema:
            rows += _schema_rows(difference)
        rows.append(Row(()))
    differing = [table for table in comparison.tables if not table.is_same]
    if len(differing) > 1:
        # Those below the first would be seen only by who scrolls past its rows.
        rows += [_heading_row(table) for table in differing]
        rows.append(Row(()))
    for table in differing:
        rows += _table_rows(table)
        rows.append(Row(()))
    same = [printable(table.name) for table in comparison.tables if table.is_same]
    if same:
        rows.append(Row((Part(f"The same in both: {', '.join(same)}", "$muted"),)))
    return rows


def comparison_text(comparison: Comparison) -> str:
    """The same as plain text."""
    return "\n".join(
        " ".join(part.text for part in (*row.left, *row.right)).rstrip() for row in comparison_rows(comparison)
    )


def _schema_rows(difference: SchemaDifference) -> Iterator[Row]:
    style = _STYLES[difference.change]
    name = printable(difference.name)
    yield Row(
        (
            Part(f"  {_SIGNS[difference.change]}", f"bold {style}"),
            Part(f"{difference.kind} {name}", "bold"),
            Part(difference.change.value, "$muted"),
        )
    )
    for sign, sql in (("−", difference.before), ("+", difference.after)):
        if sql:
            yield Row((Part(f"      {sign}", "$faint"), Part(printable(sql), "$muted")))


def _heading_row(table: TableComparison) -> Row:
    """A table's name, and how many of its rows differ in which way."""
    numbers = [
        Part(f"{_SIGNS[change]}{number:,}", f"bold {_STYLES[change]}", gap=2)
        for change, number in (
            (Change.ADDED, table.rows_added),
            (Change.REMOVED, table.rows_removed),
            (Change.CHANGED, table.rows_changed),
        )
        if number
    ]
    whole = (
        [Part(f"the whole table {table.change}", "$muted", gap=2)]
        if table.change not in {None, Change.CHANGED}
        else []
    )
    return Row((Part(printable(table.name), "bold $primary"), *whole, *numbers))


def _table_rows(table: TableComparison) -> Iterator[Row]:
    yield _heading_row(table)
    for words, columns in (("only in the first", table.only_before), ("only in the second", table.only_after)):
        if columns:
            yield Row((Part(f"    columns {words}: {printable(', '.join(columns))}", "$muted"),))
    if table.not_compared:
        yield Row((Part(f"    {printable(table.not_compared)}", "$secondary"),))
    for difference in table.differences:
        yield _difference_row(difference, table)
    shown, found = len(table.differences), table.rows_added + table.rows_removed + table.rows_changed
    if shown < found:
        yield Row((Part(f"    and {count(found - shown, 'more row')}", "$muted"),))
    if table.stopped_at:
        yield Row((Part(f"    Reading stopped at {table.stopped_at}: what follows was not compared.", "$secondary"),))


def _difference_row(difference: RowDifference, table: TableComparison) -> Row:
    key = ", ".join(
        f"{printable(name)}={_value(cell)}" for name, cell in zip(table.key_columns, difference.key, strict=False)
    )
    if difference.change is Change.CHANGED:
        changed = [
            f"{printable(name)}: {_value(before)} → {_value(after)}"
            for name, before, after in zip(table.columns, difference.before, difference.after, strict=False)
            if before != after
        ]
        words = " · ".join(changed)
    else:
        cells = difference.after or difference.before
        # The key stands before it.
        named = [each for each in zip(table.columns, cells, strict=False) if each[0] not in table.key_columns]
        words = " · ".join(f"{printable(name)}: {_value(cell)}" for name, cell in named)
        if not table.columns:
            words = ", ".join(map(_value, cells))
    return Row(
        (
            Part(f"    {_SIGNS[difference.change]}", f"bold {_STYLES[difference.change]}"),
            Part(key, "$foreground"),
            Part(words, "$muted", gap=2, clip=Clip.END, least=20),
        )
    )


def _value(cell: Cell) -> str:
    match cell.kind:
        case CellKind.NULL:
            return "null"
        case CellKind.TEXT:
            return repr(clip(printable(cell.text), _CELL_CHARACTERS))
        case CellKind.BLOB | CellKind.BAD_TEXT:
            return f"x'{clip(cell.text, _CELL_CHARACTERS)}'"
    return cell.text
