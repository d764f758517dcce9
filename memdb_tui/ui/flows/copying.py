"""Copying cells, rows and results through the terminal."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from textual.app import App

from memdb_tui.model import Cell, CellKind, CellPart, Result, RunId
from memdb_tui.ui.bridge import Bridge
from memdb_tui.ui.copying import cell_value, result_text, row_text
from memdb_tui.ui.widgets.database_pane import DatabasePane
from memdb_tui.ui.wording import count, size

_PART = 1 << 18
_MOST_CHARACTERS = 1 << 20
"""More than this is not handed to a terminal: many drop what is longer."""
_ROWS_AT_ONCE = 500


class Copying:
    """Copies what a grid shows, whole values included.

    Args:
        app: Writes to the terminal's clipboard, and says so.
        bridge: The way to the host.
    """

    def __init__(self, app: App[object], bridge: Bridge) -> None:
        self._app = app
        self._bridge = bridge

    def copy_text(self, text: str, what: str) -> None:
        """Hands text to the terminal; whether it takes it, a terminal does not say."""
        if not text:
            self._app.notify("There is nothing to copy here.", severity="warning")
            return
        self._app.copy_to_clipboard(text)
        self._app.notify(
            f"{what} went to the terminal (OSC 52). If it does not arrive, the terminal refuses: "
            "allow clipboard access in its settings, in tmux with `set -g set-clipboard on`.",
            title="Copied",
        )

    async def copy(self, pane: DatabasePane, scope: str) -> None:
        """Copies a cell, a row, or the result of the pane's grid."""
        result, run = pane.shown_result, pane.run_shown
        if result is None or run is None or not result.columns or result.row_count == 0:
            self._app.notify("There are no rows to copy here.", severity="warning")
            return
        cursor = pane.grid.cursor
        if scope == "cell":
            cell = await self._whole(run.id, result, cursor.row, cursor.column)
            self.copy_text(cell_value(cell), _cell_words(cell))
        elif scope == "row":
            cells = [await self._whole(run.id, result, cursor.row, c) for c in range(len(result.columns))]
            self.copy_text(row_text(cells), f"Row {cursor.row + 1:,}{_cut_words(cells)}")
        else:
            await self._copy_result(run.id, result)

    async def view_cell(self, request: DatabasePane.CellRequested) -> None:
        """Shows the whole value of a cell, read in parts."""
        from memdb_tui.ui.screens.cell_viewer import CellViewer  # noqa: PLC0415 - not on the first screen

        run = request.pane.run_shown
        if run is None:
            return
        result, row, column = request.result, request.row, request.column

        def fetch(offset: int, size_wanted: int) -> Awaitable[CellPart]:
            return self._bridge.session_of(run.id).cell_part(
                run.id, result.index, row=row, column=column, offset=offset, size=size_wanted
            )

        name = result.columns[column]
        await self._app.push_screen_wait(CellViewer(f"{name}, row {row + 1:,}", fetch))

    async def _copy_result(self, run: RunId, result: Result) -> None:
        rows: list[tuple[Cell, ...]] = []
        taken = 0
        while len(rows) < result.row_count and taken < _MOST_CHARACTERS:
            window = await self._bridge.session_of(run).window(
                run,
                result.index,
                first_row=len(rows),
                row_count=_ROWS_AT_ONCE,
                first_column=0,
                column_count=len(result.columns),
            )
            if not window.rows:
                break
            for offset, row in enumerate(window.rows):
                whole = [
                    cell if cell.is_whole else await self._whole(run, result, window.first_row + offset, column)
                    for column, cell in enumerate(row)
                ]
                taken += sum(len(cell.text) for cell in whole)
                rows.append(tuple(whole))
                if taken >= _MOST_CHARACTERS:
                    break
        what = f"The result ({count(len(rows), 'row')})"
        if len(rows) < result.row_count:
            what = f"The first {count(len(rows), 'row')} of {result.row_count:,} (at most {size(_MOST_CHARACTERS)})"
        what += _cut_words([cell for row in rows for cell in row])
        self.copy_text(result_text(result.columns, rows), what)

    async def _whole(self, run: RunId, result: Result, row: int, column: int) -> Cell:
        """The whole value of a cell, as far as a terminal would take it."""
        text, offset = "", 0
        while True:
            part = await self._bridge.session_of(run).cell_part(
                run, result.index, row=row, column=column, offset=offset, size=_PART
            )
            text += part.text
            is_bytes = part.kind in {CellKind.BLOB, CellKind.BAD_TEXT}
            offset = part.offset + (len(part.text) // 2 if is_bytes else len(part.text))
            if not part.text or offset >= part.length or len(text) >= _MOST_CHARACTERS:
                return Cell(part.kind, text, part.length, is_whole=offset >= part.length)


def _cell_words(cell: Cell) -> str:
    """What of a cell went to the clipboard."""
    if cell.is_whole:
        return f"The cell ({count(len(cell_value(cell)), 'character')})"
    is_bytes = cell.kind in {CellKind.BLOB, CellKind.BAD_TEXT}
    taken = len(cell.text) // 2 if is_bytes else len(cell.text)
    return f"Only the first {taken:,} of the cell's {count(cell.length, 'byte' if is_bytes else 'character')}"


def _cut_words(cells: Sequence[Cell]) -> str:
    """Says how many values were too long to be copied whole; nothing where none was."""
    cut = sum(not cell.is_whole for cell in cells)
    return f", {count(cut, 'long value')} cut at {size(_MOST_CHARACTERS)}," if cut else ""
