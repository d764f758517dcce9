"""Which rows of a result the grid holds, and which it must ask for next. Pure.

The grid holds a bounded number of windows, the least recently used go first. It asks for one area at a time: what is
visible and missing first, then a screen ahead in the direction of movement, then a screen behind.
"""

from __future__ import annotations

from collections.abc import Sequence

from memdb_tui.frozen import dataclass
from memdb_tui.model import Cell, Window

HELD_BYTES = 4 * 1024 * 1024
"""About how much memory the held cells may take."""
WIDEST_AREA_COLUMNS = 64
"""How many columns an area has at most, unless more are visible."""

_CELL_BYTES = 200
"""A cell without its text."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a result, counted from 0."""

    first_row: int
    row_count: int
    first_column: int
    column_count: int

    @property
    def end_row(self) -> int:
        """The row after the last."""
        return self.first_row + self.row_count

    @property
    def end_column(self) -> int:
        """The column after the last."""
        return self.first_column + self.column_count


def area_of(window: Window) -> Area:
    """The cells that a window holds."""
    width = len(window.rows[0]) if window.rows else 0
    return Area(window.first_row, len(window.rows), window.first_column, width)


class HeldWindows:
    """The windows at hand: at most about `limit_bytes` of them, but always those of the area in use."""

    def __init__(self, limit_bytes: int = HELD_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._in_use = Area(0, 0, 0, 0)
        self._windows: list[tuple[Area, Window, int]] = []
        """Least recently used first."""

    @property
    def size_bytes(self) -> int:
        """About how much memory the held cells take."""
        return sum(cost for _, _, cost in self._windows)

    def add(self, window: Window) -> None:
        """Hold a window, and let go of the least recently used where there are too many."""
        if not window.rows or not window.rows[0]:
            return
        area = area_of(window)
        cost = sum(_CELL_BYTES + len(cell.text) for row in window.rows for cell in row)
        self._windows = [held for held in self._windows if not _contains(area, held[0])]
        self._windows.append((area, window, cost))
        excess = self.size_bytes - self._limit_bytes
        for held in self._windows[:-1]:
            if excess <= 0:
                break
            if not overlaps(self._in_use, held[0]):
                self._windows.remove(held)
                excess -= held[2]

    def use(self, area: Area) -> None:
        """Say which area is in use: its windows stay, those of the last area are let go last."""
        self._in_use = area
        used = [held for held in self._windows if overlaps(area, held[0])]
        if used and len(used) < len(self._windows):
            self._windows = [held for held in self._windows if not overlaps(area, held[0])] + used

    def cells(self, row: int, columns: range) -> Sequence[Cell | None]:
        """The row's cells of these columns, None for each that is not here."""
        found: list[Cell | None] = [None] * len(columns)
        missing = len(columns)
        for area, window, _ in reversed(self._windows):
            if not area.first_row <= row < area.end_row:
                continue
            cells = window.rows[row - area.first_row]
            if area.first_column <= columns.start and columns.stop <= area.end_column:
                return cells[columns.start - area.first_column : columns.stop - area.first_column]
            for column in range(max(columns.start, area.first_column), min(columns.stop, area.end_column)):
                if found[column - columns.start] is None:
                    found[column - columns.start] = cells[column - area.first_column]
                    missing -= 1
            if not missing:
                break
        return found

    def gap(self, area: Area) -> tuple[int, int] | None:
        """The first run of rows of the area that no window covers in all its columns: begin and end, None if none."""
        covering = sorted(
            (held.first_row, held.end_row)
            for held, _, _ in self._windows
            if held.first_column <= area.first_column and area.end_column <= held.end_column
        )
        row = area.first_row
        for first, end in covering:
            if first > row:
                return (row, min(first, area.end_row)) if row < area.end_row else None
            row = max(row, end)
        return (row, area.end_row) if row < area.end_row else None


class WindowFeed:
    """The windows at hand and the one request that may be under way."""

    def __init__(self) -> None:
        self.held = HeldWindows()
        self.is_up = False
        """The view last moved towards the first row."""
        self._asked: Area | None = None
        self._refused: Area | None = None

    def next(self, visible: Area, *, row_count: int, column_count: int) -> Area | None:
        """What to ask for now; from then on it is under way, and nothing else is asked for until it is over."""
        if self._asked is not None:
            return None
        self.held.use(surroundings(visible, row_count))
        area = next_area(self.held, visible, row_count=row_count, column_count=column_count, is_up=self.is_up)
        self._asked = None if area == self._refused else area
        return self._asked

    def has(self, visible: Area) -> bool:
        """Everything that is on the screen is here."""
        return self.held.gap(visible) is None

    def take(self, window: Window) -> None:
        """Hold a window that came; the request is over."""
        self._asked = None
        self.held.add(window)

    def refuse(self) -> None:
        """The request is over without a window, and is not made again before `retry` or another place."""
        self._refused, self._asked = self._asked, None

    def retry(self) -> None:
        """What was refused may be asked for again."""
        self._refused = None


def next_area(held: HeldWindows, visible: Area, *, row_count: int, column_count: int, is_up: bool) -> Area | None:
    """What to ask for now, None when everything that should be here is.

    Args:
        held: What is here.
        visible: What is on the screen.
        row_count: Rows of the whole result.
        column_count: Columns of the whole result.
        is_up: The view last moved towards the first row.
    """
    screen = visible.row_count
    if not screen or not visible.column_count:
        return None
    columns = _with_neighbours(visible, column_count)
    below = (visible.end_row, min(row_count, visible.end_row + screen))
    above = (max(0, visible.first_row - screen), visible.first_row)
    missing = held.gap(visible)
    if missing:
        return Area(missing[0], missing[1] - missing[0], *columns)
    for first, end in (above, below) if is_up else (below, above):
        wanted = Area(first, end - first, visible.first_column, visible.column_count)
        missing = held.gap(wanted)
        # Half a screen at a time, so that a held arrow key does not ask for single rows.
        if missing and (_reaches(missing, wanted, is_above=first < visible.first_row)):
            return Area(missing[0], missing[1] - missing[0], *columns)
    return None


def surroundings(visible: Area, row_count: int) -> Area:
    """The visible area with a screen above and a screen below: what is kept at hand."""
    first = max(0, visible.first_row - visible.row_count)
    end = min(row_count, visible.end_row + visible.row_count)
    return Area(first, end - first, visible.first_column, visible.column_count)


def _reaches(missing: tuple[int, int], wanted: Area, *, is_above: bool) -> bool:
    if is_above:
        return missing[1] - wanted.first_row >= (wanted.row_count + 1) // 2
    return wanted.end_row - missing[0] >= (wanted.row_count + 1) // 2


def _with_neighbours(visible: Area, column_count: int) -> tuple[int, int]:
    """The visible columns and as many again on either side, as first and count."""
    count = visible.column_count
    spare = max(0, min(count, (WIDEST_AREA_COLUMNS - count) // 2))
    first = max(0, visible.first_column - spare)
    end = min(column_count, visible.end_column + spare)
    return first, end - first


def _contains(outer: Area, inner: Area) -> bool:
    return (
        outer.first_row <= inner.first_row
        and inner.end_row <= outer.end_row
        and outer.first_column <= inner.first_column
        and inner.end_column <= outer.end_column
    )


def overlaps(one: Area, other: Area) -> bool:
    """They have cells in common."""
    return (
        one.first_row < other.end_row
        and other.first_row < one.end_row
        and one.first_column < other.end_column
        and other.first_column < one.end_column
    )
