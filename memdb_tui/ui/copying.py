"""Values as text for the clipboard: one cell, a row, a result as TSV, CSV, Markdown or JSON lines. Pure.

Every form tells NULL from text and bytes from text. Bytes are written as SQLite's own literals, so that they can be
pasted into SQL: BLOB as `x'00ff'`, TEXT that is not UTF-8 as `CAST(x'80' AS TEXT)`
(https://sqlite.org/lang_expr.html#literal_values_constants_). The functions take whole cells: those of which only the
beginning has come must be fetched first.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum

from memdb_tui.model import Cell, CellKind


class CopyScope(StrEnum):
    """What is to be copied."""

    CELL = "cell"
    ROW = "row"
    RESULT = "result"


class CopyForm(StrEnum):
    """How rows are written."""

    TSV = "TSV"
    CSV = "CSV"
    MARKDOWN = "Markdown"
    JSON_LINES = "JSON lines"


_TSV_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_TSV_NULL = "\\N"
_INFINITIES = {"Inf": "9.0e+999", "-Inf": "-9.0e+999"}


def cell_value(cell: Cell) -> str:
    """One value alone: TEXT and numbers as they are, `NULL`, bytes as a literal."""
    return "NULL" if cell.kind is CellKind.NULL else _plain(cell)


def row_text(cells: Sequence[Cell]) -> str:
    r"""One row as a line of TSV without its end: NULL is `\N`, and `\\ \t \n \r` stand for what they name."""
    return "\t".join(_TSV_NULL if c.kind is CellKind.NULL else _plain(c).translate(_TSV_ESCAPES) for c in cells)


def result_text(columns: Sequence[str], rows: Iterable[Sequence[Cell]], form: CopyForm = CopyForm.TSV) -> str:
    """The rows under their column names, each line ended by a line feed."""
    return "".join(f"{line}\n" for line in _LINES[form](columns, rows))


def _tsv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterable[str]:
    yield "\t".join(name.translate(_TSV_ESCAPES) for name in columns)
    yield from map(row_text, rows)


def _csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterable[str]:
    """RFC 4180; NULL is nothing at all, the empty text a pair of double quotes."""
    yield ",".join(map(_csv_field, columns))
    for row in rows:
        yield ",".join("" if cell.kind is CellKind.NULL else _csv_field(_plain(cell)) for cell in row)


def _csv_field(text: str) -> str:
    if text and not any(sign in text for sign in ',"\r\n'):
        return text
    return '"' + text.replace('"', '""') + '"'


def _markdown_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterable[str]:
    yield "| " + " | ".join(map(_markdown_field, columns)) + " |"
    yield "|" + " --- |" * len(columns)
    for row in rows:
        fields = ("*NULL*" if c.kind is CellKind.NULL else _markdown_field(_plain(c)) for c in row)
        yield "| " + " | ".join(fields) + " |"


def _markdown_field(text: str) -> str:
    for sign in "\\|*_`<[":
        text = text.replace(sign, "\\" + sign)
    return text.replace("\r\n", "<br>").replace("\n", "<br>").replace("\r", "<br>")


def _json_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterable[str]:
    names = [json.dumps(name, ensure_ascii=False) for name in distinct(columns)]
    for row in rows:
        yield "{" + ", ".join(f"{name}: {_json_value(c)}" for name, c in zip(names, row, strict=True)) + "}"


def _json_value(cell: Cell) -> str:
    if cell.kind is CellKind.NULL:
        return "null"
    if cell.kind in {CellKind.INTEGER, CellKind.REAL}:
        return _INFINITIES.get(cell.text, cell.text)
    return json.dumps(_plain(cell), ensure_ascii=False)


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The names, those that were there already with `_2`, `_3`, … behind."""
    taken = Counter(names)
    used: set[str] = set()
    kept = []
    for name in names:
        given, number = name, 1
        while given in used or (given != name and given in taken):
            number += 1
            given = f"{name}_{number}"
        used.add(given)
        kept.append(given)
    return tuple(kept)


def _plain(cell: Cell) -> str:
    if cell.kind is CellKind.BLOB:
        return f"x'{cell.text}'"
    if cell.kind is CellKind.BAD_TEXT:
        return f"CAST(x'{cell.text}' AS TEXT)"
    return cell.text


_LINES = {
    CopyForm.TSV: _tsv_lines,
    CopyForm.CSV: _csv_lines,
    CopyForm.MARKDOWN: _markdown_lines,
    CopyForm.JSON_LINES: _json_lines,
}
