"""The rows of a screen: text as long as it is only added to, cells as soon as something else happens to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pyte.screens import Char, StaticDefaultDict
from rich.cells import get_character_cell_size

from memdb_tui.programs.kept_lines import KeptLine, Run, line_of
from memdb_tui.programs.terminal_looks import look_of

StyledRun = tuple[str, Char]
"""Text of characters one cell wide, and the cell it looks like."""
_BLANK = Char(" ")
_FIRST_WITHOUT_WIDTH = "\u0300"


class Row(StaticDefaultDict[int, Char]):
    """The cells of a line that something was written to, or, which is a hundred times cheaper, its text."""

    def __init__(self) -> None:
        super().__init__(_BLANK)
        self._runs: list[StyledRun] | None = []
        """Its text; None once it is made of cells."""
        self._length = 0
        self.wraps = False
        """It was full, and the next line went on with it."""

    @property
    def is_blank(self) -> bool:
        """Nothing of it is seen."""
        if self._runs is not None:
            return all(not text.strip(" ") and char == _BLANK for text, char in self._runs)
        return all(char == _BLANK for char in self.values())

    def is_appendable(self, x: int) -> bool:
        """It is text that ends at this cell."""
        return self._runs is not None and self._length == x

    def append(self, text: str, like: Char) -> None:
        """Adds text at its end; for text alone."""
        if self._runs is not None:
            self._runs.append((text, like))
            self._length += len(text)

    def to_cells(self) -> None:
        """Makes cells of its text."""
        if self._runs is None:
            return
        x = 0
        for text, char in self._runs:
            for sign in text:
                self[x] = char_of(sign, char)
                x += 1
        self._runs = None

    def put(self, text: str, like: Char, x: int) -> int:
        """Puts text at a cell, for cells alone; returns the cell behind it."""
        for sign in text:
            cells = 1 if sign < _FIRST_WITHOUT_WIDTH else get_character_cell_size(sign)
            if cells:
                self[x] = char_of(sign, like)
            elif x:
                before = x - 1 if self[x - 1].data else x - 2
                self[before] = char_of(self[before].data + sign, like)
            if cells > 1:
                self[x + 1] = char_of("", like)
            x += cells
        return x

    def kept(self, columns: int) -> KeptLine:
        """The line as it is kept."""
        if self._runs is not None:
            return kept_line(self._runs, wraps=self.wraps)
        width = min(max(self, default=-1) + 1, columns)
        # A line that was full, and has been cut since, ends there.
        return line_of(self._cell_runs(width, columns), wraps=self.wraps and width >= columns - 1)

    def _cell_runs(self, width: int, columns: int) -> Iterable[Run]:
        """The cells with their looks; halves of wide characters that lost the other half are blanks."""
        x = 0
        while x < width:
            char = self.get(x, _BLANK)
            sign = char.data or " "
            cells = 1
            if sign >= _FIRST_WITHOUT_WIDTH and get_character_cell_size(sign[0]) > 1:
                if x + 1 < columns and self.get(x + 1, _BLANK).data == "":
                    cells = 2
                else:
                    sign = " "
            yield sign, look_of(char)
            x += cells


class Rows(defaultdict[int, Row]):
    """Rows by their place from the top. Whoever takes one by subscription, as pyte does, gets cells."""

    def __init__(self) -> None:
        super().__init__(Row)

    def __getitem__(self, y: int) -> Row:
        """The row, made of cells."""
        row = super().__getitem__(y)
        row.to_cells()
        return row

    def row(self, y: int) -> Row:
        """The row as it is."""
        return super().__getitem__(y)


@lru_cache(maxsize=8192)
def char_of(sign: str, like: Char) -> Char:
    """A cell with this character that looks like another."""
    return like._replace(data=sign)


def kept_line(runs: Sequence[StyledRun], *, wraps: bool) -> KeptLine:
    """A line of these parts as it is kept."""
    if len(runs) == 1 and not look_of(runs[0][1]):
        text = runs[0][0]
        return KeptLine(text if wraps else text.rstrip(" "), (), (), wraps)
    return line_of([(text, look_of(char)) for text, char in runs], wraps=wraps)
