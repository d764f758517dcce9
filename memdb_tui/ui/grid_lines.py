"""The lines of the grid as pieces of text, each with what it is; the widget gives them their styles. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from memdb_tui.model import Cell, Result, RunState
from memdb_tui.ui.cell_text import PLACEHOLDER, Tone, header_parts, is_number, padded, shown, tone
from memdb_tui.ui.grid_columns import GridColumns
from memdb_tui.ui.grid_layout import PADDING
from memdb_tui.ui.wording import count

Piece = tuple[str, Tone]
"""Text with what it is."""

_PAD = " " * PADDING


def header_pieces(columns: GridColumns, visible: range) -> list[Piece]:
    """Names and type signs of the visible columns, each filling its slot."""
    pieces: list[Piece] = []
    for column in visible:
        width = columns.layout.widths[column]
        name, sign = header_parts(columns.names[column], columns.signs.get(column, ""), width)
        if columns.is_number(column):
            pieces += [
                (_PAD + padded(name, width - len(sign), is_right=True), Tone.HEADER),
                (sign + _PAD, Tone.FAINT),
            ]
        else:
            rest = padded(name + sign, width)[len(name) :]
            pieces += [(_PAD + name, Tone.HEADER), (rest + _PAD, Tone.FAINT)]
    return pieces


def row_pieces(cells: Sequence[Cell | None], columns: GridColumns, visible: range) -> list[Piece]:
    """One piece for each visible column's cell, filling its slot; a cell that is not here is a dot."""
    pieces: list[Piece] = []
    for cell, column in zip(cells, visible, strict=True):
        width = columns.layout.widths[column]
        if cell is None:
            is_right = columns.is_number(column)
            pieces.append((_PAD + padded(PLACEHOLDER, width, is_right=is_right) + _PAD, Tone.FAINT))
        else:
            is_right = is_number(cell) or (not cell.text and columns.is_number(column))
            pieces.append((_PAD + padded(shown(cell, width), width, is_right=is_right) + _PAD, tone(cell)))
    return pieces


def why_empty(result: Result) -> str:
    """What to say where a result shows no rows."""
    if not result.columns:
        if result.changed_rows is None:
            return "This statement returns no rows."
        return f"This statement returns no rows; it changed {count(result.changed_rows, 'row')}."
    if not result.state.is_over:
        return "No row yet."
    if result.state is RunState.DONE:
        return "0 rows"
    return f"0 rows, {result.state.value} before the first"
