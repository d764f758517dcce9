"""A small app around the grid, with windows cut from rows that SQLite gave."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from textual.app import App, ComposeResult

from memdb_tui.model import Cell, CellKind, Result, RunId, RunState, Window
from memdb_tui.ui.theme import THEMES
from memdb_tui.ui.widgets.result_grid import ResultGrid

RUN = RunId(1)
MIXED_SQL = """
SELECT value AS id, 'name ' || value AS name, value / 4.0 AS share, NULL AS empty,
       CASE value % 3 WHEN 0 THEN 'text' WHEN 1 THEN value ELSE x'00ff' END AS anything
FROM generate_series
"""


def to_cell(value: object) -> Cell:
    """A value as sqlite3 gives it, as a cell of a window."""
    match value:
        case None:
            return Cell(kind=CellKind.NULL, text="", length=0, is_whole=True)
        case int():
            return Cell(kind=CellKind.INTEGER, text=str(value), length=0, is_whole=True)
        case float():
            return Cell(kind=CellKind.REAL, text=repr(value), length=0, is_whole=True)
        case bytes():
            return Cell(kind=CellKind.BLOB, text=value[:512].hex(), length=len(value), is_whole=len(value) <= 512)
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "surrogateescape")
        return Cell(kind=CellKind.BAD_TEXT, text=raw.hex(), length=len(raw), is_whole=True)
    return Cell(kind=CellKind.TEXT, text=text[:1024], length=len(text), is_whole=len(text) <= 1024)


def query(sql: str, parameters: Sequence[object] = ()) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    """Column names and rows of a statement on an empty in-memory database."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        cursor = connection.execute(sql, parameters)
        names = tuple(column[0] for column in cursor.description)
        return names, [tuple(map(to_cell, row)) for row in cursor]
    finally:
        connection.close()


def series(count: int) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    """Rows of every kind of value."""
    numbers = "VALUES (1) UNION ALL SELECT value + 1 FROM generate_series"
    counted = f"WITH RECURSIVE generate_series(value) AS ({numbers} LIMIT {count})"
    return query(f"{counted} {MIXED_SQL}")


def result_of(names: tuple[str, ...], row_count: int, index: int = 1) -> Result:
    """A finished result."""
    return Result(
        index=index,
        statement="SELECT",
        line=1,
        column=1,
        columns=names,
        row_count=row_count,
        changed_rows=None,
        size_bytes=0,
        state=RunState.DONE,
        elapsed_seconds=0.0,
        stopped_at="",
    )


class GridHost(App[None]):
    """Answers the grid's requests from rows; a row past the end of the rows begins them again."""

    def __init__(self, names: tuple[str, ...], rows: list[tuple[Cell, ...]], *, row_count: int | None = None) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self.rows = rows
        self.shown_result = result_of(names, len(rows) if row_count is None else row_count)
        self.requests: list[ResultGrid.WindowRequested] = []
        self.messages: list[ResultGrid.GridMessage] = []
        self.is_answering = True
        self.most_rows = 10_000

    def compose(self) -> ComposeResult:
        yield ResultGrid()

    def on_mount(self) -> None:
        self.grid.focus()
        self.grid.show_result(RUN, self.shown_result)

    @property
    def grid(self) -> ResultGrid:
        return self.query_one(ResultGrid)

    def grow(self, row_count: int, state: RunState = RunState.RUNNING) -> None:
        self.shown_result = replace(self.shown_result, row_count=row_count, state=state)
        self.grid.show_result(RUN, self.shown_result)

    def answer(self, request: ResultGrid.WindowRequested) -> None:
        end = min(self.shown_result.row_count, request.first_row + min(request.row_count, self.most_rows))
        columns = slice(request.first_column, request.first_column + request.column_count)
        rows = tuple(self.rows[row % len(self.rows)][columns] for row in range(request.first_row, end))
        self.grid.show_window(
            Window(
                run=request.run_id,
                result=request.result_index,
                first_row=request.first_row,
                first_column=request.first_column,
                rows=rows,
            )
        )

    def on_result_grid_window_requested(self, message: ResultGrid.WindowRequested) -> None:
        self.requests.append(message)
        if self.is_answering:
            self.answer(message)

    def on_result_grid_cell_open_requested(self, message: ResultGrid.CellOpenRequested) -> None:
        self.messages.append(message)

    def on_result_grid_copy_requested(self, message: ResultGrid.CopyRequested) -> None:
        self.messages.append(message)

    def screen_lines(self) -> list[str]:
        """What the grid draws."""
        return [self.grid.render_line(y).text for y in range(self.grid.size.height)]
