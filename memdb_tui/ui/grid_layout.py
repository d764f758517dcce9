"""The maths of the grid: where columns stand, how they widen, how the cursor and the view move. Pure.

Positions and widths are terminal cells, rows and columns count from 0. A column's *slot* is its width with the
padding on both sides.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from enum import Enum, auto
from itertools import accumulate

from memdb_tui.frozen import dataclass

PADDING = 1
"""Blank cells on either side of a value."""
WIDEST_COLUMN = 40
"""What a column may take while others stand to its right."""
WIDEST_LAST_COLUMN = 400
"""What the last column may take of the room that is left."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the grid."""

    row: int = 0
    column: int = 0


class Move(Enum):
    """Where a key takes the cursor."""

    UP = auto()
    DOWN = auto()
    LEFT = auto()
    RIGHT = auto()
    PAGE_UP = auto()
    PAGE_DOWN = auto()
    FIRST_ROW = auto()
    LAST_ROW = auto()
    FIRST_COLUMN = auto()
    LAST_COLUMN = auto()


def moved(cursor: Cursor, move: Move, *, row_count: int, column_count: int, page_rows: int) -> Cursor:
    """The cursor after the move, kept inside the grid; `Cursor(0, 0)` in an empty one."""
    page = max(1, page_rows)
    down, right = {
        Move.UP: (-1, 0),
        Move.DOWN: (1, 0),
        Move.LEFT: (0, -1),
        Move.RIGHT: (0, 1),
        Move.PAGE_UP: (-page, 0),
        Move.PAGE_DOWN: (page, 0),
        Move.FIRST_ROW: (-row_count, 0),
        Move.LAST_ROW: (row_count, 0),
        Move.FIRST_COLUMN: (0, -column_count),
        Move.LAST_COLUMN: (0, column_count),
    }[move]
    row, column = cursor.row + down, cursor.column + right
    return Cursor(row=max(0, min(row, row_count - 1)), column=max(0, min(column, column_count - 1)))


def scrolled_into_view(first: int, length: int, *, scroll: int, room: int) -> int:
    """The scroll position nearest to `scroll` that shows it all, or its beginning when it is too long."""
    if first < scroll or length >= room:
        return first
    return max(scroll, first + length - room)


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """Columns side by side; `starts` has one more entry than `widths`: the end of the last."""

    widths: tuple[int, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, widths: Iterable[int]) -> ColumnLayout:
        """A layout of columns of these widths, without their padding."""
        kept = tuple(widths)
        return cls(widths=kept, starts=tuple(accumulate((w + 2 * PADDING for w in kept), initial=0)))

    @property
    def total(self) -> int:
        """The width of all slots together."""
        return self.starts[-1]

    def slot(self, column: int) -> tuple[int, int]:
        """Where the column's slot begins, and how wide it is."""
        return self.starts[column], self.starts[column + 1] - self.starts[column]

    def visible(self, scroll: int, room: int) -> range:
        """The columns of which something stands within `room` cells from `scroll`."""
        if room <= 0 or scroll >= self.total:
            return range(0)
        first = bisect_right(self.starts, max(0, scroll)) - 1
        end = bisect_right(self.starts, scroll + room - 1)
        return range(first, min(end, len(self.widths)))

    def column_at(self, x: int) -> int | None:
        """The column whose slot covers `x`, None beside the columns."""
        if not 0 <= x < self.total:
            return None
        return bisect_right(self.starts, x) - 1


def widened(needs: tuple[int, ...], first_column: int, seen: Sequence[int]) -> tuple[int, ...]:
    """The needs with those of the columns from `first_column` on raised to what was seen; never lowered."""
    part = needs[first_column : first_column + len(seen)]
    raised = tuple(map(max, part, seen))
    if raised == part:
        return needs
    return needs[:first_column] + raised + needs[first_column + len(part) :]


def shown_widths(needs: Sequence[int], room: int) -> tuple[int, ...]:
    """The widths to draw: each column at most `WIDEST_COLUMN`, but the last may take what is left of `room`."""
    widths = [max(1, min(need, WIDEST_COLUMN)) for need in needs]
    if widths and needs[-1] > WIDEST_COLUMN:
        taken = sum(widths[:-1]) + 2 * PADDING * len(widths)
        widths[-1] = min(needs[-1], WIDEST_LAST_COLUMN, max(WIDEST_COLUMN, room - taken))
    return tuple(widths)


def gutter_width(row_count: int) -> int:
    """How wide the row numbers are, with a blank on either side."""
    return len(str(max(1, row_count))) + 2
