"""pyte's screen, set right where programs of today need it."""

from __future__ import annotations

import copy
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache

from pyte import charsets, modes
from pyte.screens import Char, Margins, Screen
from rich.cells import get_character_cell_size

from memdb_tui.programs.kept_lines import KeptLine
from memdb_tui.programs.terminal_looks import char_looking, rendition
from memdb_tui.programs.terminal_rows import Rows, StyledRun, char_of, kept_line

_BLANK = Char(" ")
_TAB_CELLS = 8
_KNOWN_MODES = {False: {modes.IRM, modes.LNM}, True: {modes.DECAWM >> 5, modes.DECTCEM >> 5}}
"""Those that pyte has and that are harmless. It resizes itself to 132 columns for one of the others."""
_MOST_MARKS = 8
"""Characters without width that a cell keeps: the rest of a tower of accents is left out."""


class TerminalScreen(Screen):
    """Cells, a cursor, and what control sequences do to them.

    Wide characters take as many cells as the UI will draw them in, lines know whether they wrap, erasing leaves no
    underline, saved cursors do not pile up, and a line that leaves at the top is handed on.

    Args:
        columns: Width, in cells.
        lines: Height.
        on_scrolled_out: Gets the lines that leave at the top; None where nothing is kept.
        answer: Gets what the terminal answers to a program that asks it something.
    """

    def __init__(
        self,
        columns: int,
        lines: int,
        *,
        on_scrolled_out: Callable[[Sequence[KeptLine]], None] | None,
        answer: Callable[[str], None],
    ) -> None:
        self._on_scrolled_out = on_scrolled_out
        self._answer = answer
        self.last_drawn = ""
        super().__init__(columns, lines)
        self.buffer: Rows = Rows()  # type: ignore[assignment]  # pyte's type does not allow for a subclass

    # Reading it.

    def kept(self, y: int) -> KeptLine:
        """A row as it would be kept."""
        row = self.buffer.get(y)
        return KeptLine("") if row is None else row.kept(self.columns)

    def row_count(self) -> int:
        """Rows down to the last that is not blank."""
        return max((y for y, row in self.buffer.items() if y < self.lines and not row.is_blank), default=-1) + 1

    def is_untouched_below(self) -> bool:
        """The cursor is at the beginning of a blank line, and nothing but blank lines follow."""
        cursor = self.cursor
        return cursor.x == 0 and all(row.is_blank for y, row in self.buffer.items() if y >= cursor.y)

    @property
    def is_plain(self) -> bool:
        """Text goes from left to right, from top to bottom, as it comes."""
        return (
            self.margins is None
            and not self.charset
            and self.g0_charset is charsets.LAT1_MAP
            and modes.IRM not in self.mode
            and modes.DECAWM in self.mode
        )

    @property
    def has_usual_tabs(self) -> bool:
        """Tabs go to every eighth cell, and leave what is written nowhere: no coloured ground shows there."""
        is_usual = self.tabstops == set(range(_TAB_CELLS, self.columns, _TAB_CELLS))
        return is_usual and self.cursor.attrs == _BLANK

    # What control sequences do.

    def draw(self, data: str) -> None:
        """Puts text at the cursor."""
        charset = self.g1_charset if self.charset else self.g0_charset
        if charset is not charsets.LAT1_MAP:
            data = data.translate(charset)
        at = 0
        while at < len(data):
            at = self._append(data, at) or self._draw_cell(data, at)
        self.last_drawn = data[-1:]

    def _append(self, data: str, at: int) -> int:
        """Puts as much as has room at a line's end where nothing follows; returns the place behind it, 0 for none."""
        cursor = self.cursor
        room = self.columns - cursor.x
        if room <= 0 or not data.isascii():
            return 0
        row = self.buffer.row(cursor.y)
        if not row.is_appendable(cursor.x):
            return 0
        text = data[at : at + room]
        row.append(text, cursor.attrs)
        cursor.x += len(text)
        return at + len(text)

    def _draw_cell(self, data: str, at: int) -> int:
        """Puts one character; returns the place behind it."""
        cursor = self.cursor
        sign = data[at]
        width = 1 if "\x20" <= sign < "\u0300" else get_character_cell_size(sign)
        if width == 0:
            self._add_mark(sign)
            return at + 1
        if cursor.x + width > self.columns:
            if modes.DECAWM in self.mode:
                self.buffer.row(cursor.y).wraps = True
                cursor.x = 0
                self.index()
                if data.isascii():
                    # As text at the end of a line, if it is that.
                    return self._append(data, at) or self._draw_cell(data, at)
            else:
                cursor.x = self.columns - width
        if modes.IRM in self.mode:
            self.insert_characters(width)
        row = self.buffer[cursor.y]
        row[cursor.x] = char_of(sign, cursor.attrs)
        if width > 1:
            row[cursor.x + 1] = char_of("", cursor.attrs)
        cursor.x += width
        return at + 1

    def put_lines(self, lines: Sequence[tuple[list[StyledRun], bool]]) -> None:
        """Puts whole lines below the cursor, as `draw` and line feeds would; for `is_untouched_below` alone.

        Args:
            lines: The parts of each line, none longer than the screen is wide and each character a cell wide, and
                whether the next line goes on with it.
        """
        room = self.lines - 1 - self.cursor.y
        leaving = max(0, len(lines) - room)
        rows = min(leaving, self.cursor.y)
        self._scroll_out(rows)
        self.cursor.y -= rows
        straight = leaving - rows
        if straight and self._on_scrolled_out is not None:
            self._on_scrolled_out([kept_line(runs, wraps=wraps) for runs, wraps in lines[:straight]])
        self.last_drawn = next(
            (runs[-1][0][-1] for runs, _ in reversed(lines) if runs and runs[-1][0]), self.last_drawn
        )
        for runs, wraps in lines[straight:]:
            self.buffer.pop(self.cursor.y, None)
            if runs:
                row = self.buffer.row(self.cursor.y)
                row.wraps = wraps
                for text, char in runs:
                    row.append(text, char)
            self.cursor.y += 1

    def index(self) -> None:
        """One line down; at the bottom everything moves up."""
        top, bottom = self.margins or Margins(0, self.lines - 1)
        if self.cursor.y == bottom:
            if top == 0:
                self._scroll_out(1)
            else:
                self._move_up(top, bottom)
        elif self.cursor.y < self.lines - 1:
            self.cursor.y += 1

    def delete_lines(self, count: int | None = None) -> None:
        """Takes lines out from the cursor's on; those below move up."""
        top, bottom = self.margins or Margins(0, self.lines - 1)
        if top <= self.cursor.y <= bottom:
            self._move_up(self.cursor.y, bottom, count or 1)
            self.carriage_return()

    def scroll_up(self, count: int = 1) -> None:
        """Everything moves up, the cursor stays."""
        top, bottom = self.margins or Margins(0, self.lines - 1)
        for _ in range(min(count or 1, bottom - top + 1)):
            if top == 0:
                self._scroll_out(1)
            else:
                self._move_up(top, bottom)

    def scroll_down(self, count: int = 1) -> None:
        """Everything moves down, the cursor stays."""
        top, bottom = self.margins or Margins(0, self.lines - 1)
        y, self.cursor.y = self.cursor.y, top
        for _ in range(min(count or 1, bottom - top + 1)):
            self.reverse_index()
        self.cursor.y = y

    def repeat(self, count: int = 1) -> None:
        """Puts the last character again."""
        self.draw(self.last_drawn * min(count or 1, self.columns * self.lines))

    def set_look(self, parameters: str) -> None:
        """Sets how text looks, from the parameters of an SGR sequence."""
        self.cursor.attrs = _looking(self.cursor.attrs, parameters)

    def erase_characters(self, count: int | None = None) -> None:
        """Blanks from the cursor on."""
        self._erase(self.cursor.y, range(self.cursor.x, min(self.columns, self.cursor.x + (count or 1))))

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:  # noqa: FBT001, FBT002 - pyte's signature
        """Blanks in the cursor's line: 0 to its end, 1 from its beginning, 2 all of it."""
        del private
        # Behind a full line there is nothing to blank: its last character stays.
        x, columns = self.cursor.x, self.columns
        cells = {0: range(x, columns), 1: range(min(x + 1, columns)), 2: range(columns)}
        self._erase(self.cursor.y, cells.get(how, range(0)))

    def erase_in_display(self, how: int = 0, *args: object, **kwargs: object) -> None:
        """Blanks: 0 to the screen's end, 1 from its beginning, 2 all of it; 3 means kept lines, which are kept."""
        del args, kwargs
        y = self.cursor.y
        rows = {0: range(y + 1, self.lines), 1: range(y), 2: range(self.lines)}
        for blanked in rows.get(how, range(0)):
            self._erase(blanked, range(self.columns))
        if how in {0, 1}:
            self.erase_in_line(how)

    def set_mode(self, *codes: int, private: bool = False, **kwargs: object) -> None:
        """Sets those modes that are known here."""
        del kwargs
        super().set_mode(*_KNOWN_MODES[private].intersection(codes), private=private)

    def reset_mode(self, *codes: int, private: bool = False, **kwargs: object) -> None:
        """Resets those modes that are known here."""
        del kwargs
        super().reset_mode(*_KNOWN_MODES[private].intersection(codes), private=private)

    def save_cursor(self) -> None:
        """Remembers cursor and look; there is one place for them."""
        self.savepoints.clear()
        super().save_cursor()

    def restore_cursor(self) -> None:
        """Takes up what was saved last, as often as wanted."""
        saved = self.savepoints[-1:]
        kept = [point._replace(cursor=copy.copy(point.cursor)) for point in saved]
        is_hidden = self.cursor.hidden
        super().restore_cursor()
        self.cursor.hidden = is_hidden
        self.savepoints[:] = kept

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        """Takes another size. Rows leave at the top only as far as the cursor's would be lost."""
        lines, columns = lines or self.lines, columns or self.columns
        self.margins = None
        leaving = max(0, self.cursor.y - lines + 1)
        self._scroll_out(leaving)
        self.cursor.y -= leaving
        for y in [y for y in self.buffer if y >= lines]:
            del self.buffer[y]
        if columns < self.columns:
            for row in map(self.buffer.__getitem__, list(self.buffer)):
                for x in [x for x in row if x >= columns]:
                    del row[x]
        self.lines, self.columns = lines, columns
        self.tabstops = set(range(_TAB_CELLS, columns, _TAB_CELLS))
        self.cursor.x = min(self.cursor.x, columns)
        for point in self.savepoints:
            point.cursor.x, point.cursor.y = min(point.cursor.x, columns - 1), min(point.cursor.y, lines - 1)

    def scroll_out_above_cursor(self) -> None:
        """Every line above the one the cursor is in leaves at the top."""
        count = self.cursor.y
        while count and self.kept(count - 1).wraps:
            count -= 1
        self._scroll_out(count)
        self.cursor.y -= count

    def scroll_in(self, lines: Sequence[KeptLine]) -> None:
        """Lines that had left come back at the top; there must be room for them below."""
        count = len(lines)
        for y in sorted(self.buffer, reverse=True):
            self.buffer[y + count] = self.buffer.pop(y)
        for y, line in enumerate(lines):
            row = self.buffer.row(y)
            row.wraps = line.wraps
            x = 0
            for text, look in line.runs():
                like = char_looking(look)
                if text.isascii() and row.is_appendable(x):
                    row.append(text, like)
                    x += len(text)
                    continue
                row.to_cells()
                x = row.put(text, like, x)
        self.cursor.y += count

    def write_process_input(self, data: str) -> None:
        """Answers the program."""
        self._answer(data)

    # Rows.

    def _scroll_out(self, count: int) -> None:
        """So many rows leave at the top, the others, down to the lower margin, move up."""
        bottom = self.margins.bottom if self.margins is not None else self.lines - 1
        if count and self._on_scrolled_out is not None:
            self._on_scrolled_out([self.kept(y) for y in range(count)])
        self._move_up(0, bottom, count)

    def _move_up(self, top: int, bottom: int, count: int = 1) -> None:
        if not count:
            return
        for y in range(top, bottom + 1):
            row = self.buffer.pop(y + count, None) if y + count <= bottom else None
            self.buffer.pop(y, None)
            if row is not None:
                self.buffer[y] = row

    def _erase(self, y: int, cells: range) -> None:
        """Blanks, in the colour of the ground that is set."""
        background = self.cursor.attrs.bg
        if background == _BLANK.bg and len(cells) == self.columns:
            self.buffer.pop(y, None)
            return
        if background == _BLANK.bg and y not in self.buffer:
            return
        row = self.buffer[y]
        if self.columns - 1 in cells:
            row.wraps = False
        blank = _BLANK._replace(bg=background)
        for x in cells:
            if blank == _BLANK:
                row.pop(x, None)
            else:
                row[x] = blank

    def _add_mark(self, sign: str) -> None:
        """Adds an accent to the character before the cursor; joiners and the like are left out."""
        if not unicodedata.combining(sign) or not self.cursor.x:
            return
        row = self.buffer[self.cursor.y]
        x = self.cursor.x - 1
        if x and row.get(x, _BLANK).data == "":
            x -= 1
        last = row.get(x, _BLANK)
        if last.data and len(last.data) < _MOST_MARKS:
            row[x] = char_of(unicodedata.normalize("NFC", last.data + sign), last)


@lru_cache(maxsize=4096)
def _looking(char: Char, parameters: str) -> Char:
    """The look after an SGR sequence, as pyte reads it."""
    codes = rendition(parameters)
    if not codes:
        return char
    pen = Screen(1, 1)
    pen.cursor.attrs = char
    pen.select_graphic_rendition(*codes)
    return pen.cursor.attrs
