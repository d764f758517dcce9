"""What goes to the clipboard."""

from __future__ import annotations

import csv
import io
import json
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memdb_tui.model import Cell, CellKind
from memdb_tui.ui.copying import CopyForm, cell_value, distinct, result_text, row_text


def text(value: str) -> Cell:
    return Cell(kind=CellKind.TEXT, text=value, length=len(value), is_whole=True)


NULL = Cell(kind=CellKind.NULL, text="", length=0, is_whole=True)
ONE = Cell(kind=CellKind.INTEGER, text="1", length=0, is_whole=True)
BLOB = Cell(kind=CellKind.BLOB, text="00ff", length=2, is_whole=True)
BAD = Cell(kind=CellKind.BAD_TEXT, text="6180", length=2, is_whole=True)
rows_of_text = st.lists(st.lists(st.none() | st.text(max_size=8), min_size=2, max_size=2), max_size=5)


def as_cells(rows: list[list[str | None]]) -> list[list[Cell]]:
    return [[NULL if value is None else text(value) for value in row] for row in rows]


@given(rows_of_text)
def test_tsv_can_be_read_back(rows: list[list[str | None]]) -> None:
    escapes = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}

    def read(field: str) -> str | None:
        if field == "\\N":
            return None
        pieces = iter(field)
        return "".join(escapes[next(pieces)] if sign == "\\" else sign for sign in pieces)

    lines = result_text(("a", "b"), as_cells(rows)).split("\n")
    assert lines[0] == "a\tb"
    assert [[read(field) for field in line.split("\t")] for line in lines[1:-1]] == rows


@given(rows_of_text)
def test_csv_is_read_by_the_csv_module(rows: list[list[str | None]]) -> None:
    shown = result_text(("a", "b,c"), as_cells(rows), CopyForm.CSV)
    if "\x00" in shown:
        return
    read = list(csv.reader(io.StringIO(shown, newline="")))
    assert read == [["a", "b,c"], *([value or "" for value in row] for row in rows)]


def test_csv_tells_null_from_the_empty_text() -> None:
    assert result_text(("a", "b"), [[NULL, text("")]], CopyForm.CSV) == 'a,b\n,""\n'


@given(rows_of_text)
def test_json_lines_are_json(rows: list[list[str | None]]) -> None:
    shown = result_text(("a", "b"), as_cells(rows), CopyForm.JSON_LINES)
    assert [list(json.loads(line).values()) for line in shown.split("\n")[:-1]] == rows


def test_json_keeps_columns_of_one_name_apart_and_numbers_as_they_are() -> None:
    infinite = Cell(kind=CellKind.REAL, text="-Inf", length=0, is_whole=True)
    line = result_text(("a", "a"), [[ONE, infinite]], CopyForm.JSON_LINES)
    assert line == '{"a": 1, "a_2": -9.0e+999}\n'
    assert json.loads(line)["a_2"] == float("-inf")


def test_markdown_is_one_table() -> None:
    shown = result_text(("a|b", "c"), [[text("x|y\nz"), NULL]], CopyForm.MARKDOWN)
    assert shown == "| a\\|b | c |\n| --- | --- |\n| x\\|y<br>z | *NULL* |\n"


@pytest.mark.parametrize("cell", [BLOB, BAD])
def test_bytes_are_literals_that_sqlite_reads_back(cell: Cell) -> None:
    connection = sqlite3.connect(":memory:")
    try:
        row = connection.execute(f"SELECT hex({cell_value(cell)}), typeof({cell_value(cell)})").fetchone()
    finally:
        connection.close()
    assert row == (cell.text.upper(), "blob" if cell is BLOB else "text")


def test_a_row_is_one_line() -> None:
    assert row_text((ONE, text("a\tb\nc"), NULL, text("\\N"), BLOB)) == "1\ta\\tb\\nc\t\\N\t\\\\N\tx'00ff'"


def test_one_cell_is_its_value() -> None:
    assert [cell_value(cell) for cell in (ONE, NULL, text("a\tb"), BLOB)] == ["1", "NULL", "a\tb", "x'00ff'"]


@given(st.lists(st.sampled_from(["a", "a_2", "a_3", "b", ""])))
def test_distinct_names_are_distinct_and_keep_the_first(names: list[str]) -> None:
    given = distinct(names)
    assert len(set(given)) == len(names)
    assert all(new == old or old in names[:at] for at, (new, old) in enumerate(zip(given, names, strict=True)))
