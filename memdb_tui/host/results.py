"""Rows of one statement, kept in the process that fetched them, handed out in windows.

Pages of rows are kept as `marshal` bytes: a sixth of the memory of Python objects, and nothing for the garbage
collector to walk.
"""

from __future__ import annotations

import marshal
import threading
from bisect import bisect_right

from memdb_tui.errors import QueryError
from memdb_tui.model import Cell, CellPart
from memdb_tui.protocol.values import cell_of, part_of

MAX_ROWS = 5_000_000
MAX_BYTES = 512 << 20
"""A result ends at 5,000,000 rows, or when all results of its run take 512 MiB, whatever comes first."""
WINDOW_BYTES = 256 << 10
"""What a window may take on the wire, about."""
PART_BYTES = 1 << 20
"""What a piece of one value may hold: characters of TEXT, or bytes of BLOB."""
_DECODED_BYTES = 8 << 20
"""How much is unpacked for one window: its cells may be long although it shows their beginnings alone."""
_MARSHAL_VERSION = 2
"""The last one without references between values: rows share none, and looking for them takes time."""

Row = tuple[object, ...]


class ResultRows:
    """The rows of one result; one thread appends, others read windows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: list[bytes] = []
        self._starts: list[int] = []
        self._decoded: tuple[int, list[Row]] = (-1, [])
        self.row_count = 0
        self.size_bytes = 0

    def append(self, rows: list[Row]) -> int:
        """Keep a page of rows; returns what it takes, in bytes."""
        page = marshal.dumps(rows, _MARSHAL_VERSION)
        with self._lock:
            self._starts.append(self.row_count)
            self._pages.append(page)
            self.row_count += len(rows)
            self.size_bytes += len(page)
        return len(page)

    def window(
        self, first_row: int, row_count: int, *, first_column: int = 0, column_count: int | None = None
    ) -> tuple[tuple[Cell, ...], ...]:
        """The rows of a rectangle, as many as are there and fit 256 KiB; at least one where there is one.

        Rows and columns are counted from 0.
        """
        last_column = None if column_count is None else first_column + max(0, column_count)
        cells: list[tuple[Cell, ...]] = []
        budget = WINDOW_BYTES
        for row in self._rows(first_row, row_count):
            shown = tuple([cell_of(value) for value in row[first_column:last_column]])
            budget -= sum([16 + len(cell.text) for cell in shown])
            if budget < 0 and cells:
                break
            cells.append(shown)
        return tuple(cells)

    def part(self, row: int, column: int, *, offset: int, size: int) -> CellPart:
        """A piece of one value, 1 MiB at most.

        Raises:
            QueryError: There is no such row or column.
        """
        if row >= 0:
            for found in self._rows(row, 1):
                if 0 <= column < len(found):
                    return part_of(found[column], offset, min(max(0, size), PART_BYTES))
        raise QueryError(f"The result has no cell in row {row + 1}, column {column + 1}.")

    def _rows(self, first_row: int, count: int) -> list[Row]:
        rows: list[Row] = []
        row = first_row
        budget = _DECODED_BYTES
        while len(rows) < count and budget > 0:
            with self._lock:
                if row >= self.row_count:
                    break
                index = bisect_right(self._starts, row) - 1
                page = self._page(index)
                start = self._starts[index]
                budget -= len(self._pages[index])
            taken = page[row - start : row - start + count - len(rows)]
            rows += taken
            row += len(taken)
        return rows

    def _page(self, index: int) -> list[Row]:
        if self._decoded[0] != index:
            self._decoded = (index, marshal.loads(self._pages[index]))  # noqa: S302 - written by append() above
        return self._decoded[1]
