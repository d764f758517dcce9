"""What the grid knows of a result's columns: their names, the kinds of value seen, the width they need. Pure."""

from __future__ import annotations

from memdb_tui.model import CellKind, Window
from memdb_tui.ui.cell_text import NUMBER_SIGNS, header_width, type_sign, wanted_width
from memdb_tui.ui.grid_layout import (
    WIDEST_COLUMN,
    WIDEST_LAST_COLUMN,
    ColumnLayout,
    shown_widths,
    widened,
)

WIDEST_NAME = 24
"""A column is at least as wide as its name, up to this."""
_USUAL_SIGN = "#"
"""Room is kept for a sign, so that columns need not widen for it."""


class GridColumns:
    """The columns of one result; learns from every window, so that columns widen and never narrow."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.signs: dict[int, str] = {}
        """The type sign of each column of which cells were seen."""
        self._kinds: dict[int, set[CellKind]] = {}
        self._needs = tuple(header_width(name, _USUAL_SIGN, WIDEST_NAME) for name in names)
        self._room = 0
        self.layout = ColumnLayout.of(shown_widths(self._needs, 0))

    def __len__(self) -> int:
        """How many columns there are."""
        return len(self.names)

    def is_number(self, column: int) -> bool:
        """Only numbers were seen in the column: its header stands to the right."""
        return self.signs.get(column, "") in NUMBER_SIGNS

    def fit(self, room: int) -> bool:
        """Lay the columns out for so many terminal cells; whether something moved."""
        self._room = room
        return self._lay_out()

    def learn(self, window: Window) -> bool:
        """Take note of the window's cells; whether something moved."""
        seen = []
        for offset, cells in enumerate(zip(*window.rows, strict=True)):
            column = window.first_column + offset
            kinds = self._kinds.setdefault(column, set())
            kinds.update(cell.kind for cell in cells)
            self.signs[column] = sign = type_sign(kinds)
            limit = WIDEST_LAST_COLUMN if column == len(self.names) - 1 else WIDEST_COLUMN
            width = max(wanted_width(cell, limit) for cell in cells)
            seen.append(max(width, header_width(self.names[column], sign, WIDEST_NAME)))
        self._needs = widened(self._needs, window.first_column, seen)
        return self._lay_out()

    def _lay_out(self) -> bool:
        widths = shown_widths(self._needs, self._room)
        if widths == self.layout.widths:
            return False
        self.layout = ColumnLayout.of(widths)
        return True
