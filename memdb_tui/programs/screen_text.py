"""What a program wrote to its terminal, as lines: those on its screen, and those that have scrolled out."""

from __future__ import annotations

import codecs
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from pyte.streams import Stream
from rich.cells import get_character_cell_size

from memdb_tui.programs.kept_lines import KeptLine, Run, joined_text, rewrapped
from memdb_tui.programs.terminal_rows import StyledRun
from memdb_tui.programs.terminal_screen import TerminalScreen

MOST_LINES = 10_000
_LEAST_COLUMNS = 2
_LONGEST_SEQUENCE = 256
"""A control sequence that has not ended by then is none."""
_LONGEST_STRING = 16 * 1024 * 1024
"""A string for the terminal (a title, a picture) that has not ended by then has been cut off."""
_MOST_NUMBER = 9999
_MOST_NUMBERS = 32

_SEQUENCE = re.compile(
    r"""
    \x1b\[ (?P<parameters>[0-?]*) (?P<between>[ -/]*) (?P<final>[@-~])
    | \x1b (?P<string>[\]PX^_])
    | \x1b (?P<charset>[()]) (?P<set>[!-~])
    | \x1b [*+\-./\ #%] [!-~]
    | \x1b (?P<escape>[0-OQ-WYZ\\`-~])
    """,
    re.VERBOSE,
)
_BEGINNING = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[()*+\-./ #%]?)\Z")
"""A control sequence that may still be coming."""
_STRING_END = re.compile(r"[\x07\x18\x1a\x9c]|\x1b\\?")
_TEXT = re.compile(r"[^\x00-\x1f\x7f-\x9f]+")
_COLORED_TEXT = r"[^\x00-\x08\x0a-\x1f\x7f-\x9f]*+(?:\x1b\[[0-9;:]*+m[^\x00-\x08\x0a-\x1f\x7f-\x9f]*+)*+"
_SIMPLE_LINES = re.compile(rf"(?:{_COLORED_TEXT}\r\n)++")
"""Lines of nothing but text and colours."""
_SGR = re.compile(r"\x1b\[([0-9;:]*)m")

_NO_NUMBERS = frozenset({"save_cursor", "restore_cursor"})
_TWO_NUMBERS = frozenset({"cursor_position", "set_margins"})
_ANY_NUMBERS = frozenset({"set_mode", "reset_mode"})
_OWN_CSI = {"S": "scroll_up", "T": "scroll_down", "b": "repeat", "s": "save_cursor", "u": "restore_cursor"}
_PRIVATE = {"h": "set_mode", "l": "reset_mode", "J": "erase_in_display", "K": "erase_in_line"}
_CURSOR_KEYS, _PASTE = 1, 2004
_ALTERNATE_SCREENS = frozenset({47, 1047, 1049})
_CURSOR_SAVED = frozenset({1048, 1049})


class ScreenText:
    """A terminal's screen and the lines that scrolled out of it, at most `MOST_LINES` of them.

    Lines have numbers that stay theirs until the width changes: those no longer kept are counted. While a program has
    the alternate screen (an editor, a pager), that is what there is.

    Args:
        columns: Width, in cells.
        rows: Height of the screen.
        answer: Gets what a terminal answers when a program asks it where the cursor is, say.
    """

    def __init__(self, columns: int, rows: int, *, answer: Callable[[bytes], None] = lambda _answer: None) -> None:
        self._kept: deque[KeptLine] = deque(maxlen=MOST_LINES)
        self._unkept = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        """The beginning of a control sequence whose end has not come yet."""
        self._string_left: int | None = None
        """Characters that a string for the terminal may still have; None outside of one."""
        self._answer = answer
        new = partial(TerminalScreen, max(_LEAST_COLUMNS, columns), max(1, rows), answer=self._reply)
        self._main = new(on_scrolled_out=self._keep)
        self._alternate = new(on_scrolled_out=None)
        self._screen = self._main
        self._sends_cursor_keys = False
        self._brackets_pastes = False

    # What there is.

    @property
    def columns(self) -> int:
        """Width, in cells."""
        return self._screen.columns

    @property
    def rows(self) -> int:
        """Height of the screen."""
        return self._screen.lines

    @property
    def is_alternate(self) -> bool:
        """The program has the alternate screen."""
        return self._screen is self._alternate

    @property
    def first_line(self) -> int:
        """The number of the first line that is kept: how many are not."""
        return 0 if self.is_alternate else self._unkept

    @property
    def end_line(self) -> int:
        """The number after the last line that has something on it."""
        if self.is_alternate:
            return self.rows
        on_screen = self._main.row_count()
        return self._screen_top + on_screen if on_screen else self._last_kept_with_text()

    @property
    def bottom_line(self) -> int:
        """The number after the screen's last line, blank or not."""
        return self._screen_top + self.rows

    @property
    def cursor(self) -> tuple[int, int] | None:
        """The cursor's line number and cell; None while the program hides it."""
        cursor = self._screen.cursor
        if cursor.hidden:
            return None
        return self._screen_top + cursor.y, min(cursor.x, self.columns - 1)

    @property
    def sends_cursor_keys(self) -> bool:
        """The program wants arrow keys in their application form."""
        return self._sends_cursor_keys

    @property
    def brackets_pastes(self) -> bool:
        """The program wants to be told where a paste begins and ends."""
        return self._brackets_pastes

    def runs(self, number: int) -> Iterator[Run]:
        """A line in parts of one look each, as rich writes styles; nothing for a number that has no line."""
        return self._line(number).runs()

    def text(self, number: int) -> str:
        """A line's text."""
        return self._line(number).text

    def text_between(self, first: int, end: int) -> str:
        """The lines from one number up to another, as text: what was wrapped is one line again."""
        return joined_text([self._line(number) for number in range(max(first, self.first_line), end)])

    def wraps(self, number: int) -> bool:
        """The next line goes on with this one."""
        return self._line(number).wraps

    def _line(self, number: int) -> KeptLine:
        top = self._screen_top
        if number >= top:
            return self._screen.kept(number - top) if number - top < self.rows else KeptLine("")
        return self._kept[number - self._unkept] if number >= self._unkept else KeptLine("")

    @property
    def _screen_top(self) -> int:
        return 0 if self.is_alternate else self._unkept + len(self._kept)

    def _last_kept_with_text(self) -> int:
        end = self._screen_top
        while end > self._unkept and not self._kept[end - self._unkept - 1].text:
            end -= 1
        return end

    # What comes.

    def feed(self, data: bytes) -> None:
        """Takes what the program wrote next; sequences and characters may come in pieces."""
        text = self._rest + self._decoder.decode(data)
        self._rest = ""
        at = 0
        while at < len(text):
            at = self._take(text, at) if self._string_left is None else self._skip_string(text, at)

    def resize(self, columns: int, rows: int) -> None:
        """Takes another size. Lines are wrapped anew, but for the cursor's and those below, which are cut."""
        columns, rows = max(_LEAST_COLUMNS, columns), max(1, rows)
        if columns != self.columns:
            self._main.scroll_out_above_cursor()
            lines = tuple(rewrapped(self._kept, columns))
            self._kept.clear()
            self._keep(lines)
        for screen in (self._main, self._alternate):
            screen.resize(rows, columns)
        room = rows - max(self._main.cursor.y + 1, self._main.row_count())
        returning = [self._kept.pop() for _ in range(min(room, len(self._kept)))]
        self._main.scroll_in(returning[::-1])

    def _take(self, text: str, at: int) -> int:
        """Takes something from a place of the text; returns the place behind it."""
        sign = text[at]
        if (at == 0 or text[at - 1] == "\n") and (end := self._take_simple_lines(text, at)) > at:
            return end
        if found := _TEXT.match(text, at):
            self._screen.draw(found[0])
            return found.end()
        if sign != "\x1b":
            if name := Stream.basic.get(sign):
                getattr(self._screen, name)()
            return at + 1
        if found := _SEQUENCE.match(text, at):
            self._obey(found)
            return found.end()
        if len(text) - at < _LONGEST_SEQUENCE and _BEGINNING.match(text, at):
            self._rest = text[at:]
            return len(text)
        return at + 1

    def _skip_string(self, text: str, at: int) -> int:
        """Leaves out what is for a terminal's title, clipboard or pictures: none of it is for this one."""
        if self._string_left is None:
            raise AssertionError
        end = _STRING_END.search(text, at)
        self._string_left -= (len(text) if end is None else end.start()) - at
        if end is None:
            if self._string_left < 0:
                self._string_left = None
            return len(text)
        if end[0] == "\x1b" and end.end() == len(text):
            self._rest = "\x1b"
            return len(text)
        self._string_left = None
        # Another control sequence ends the string too.
        return end.start() if end[0] == "\x1b" else end.end()

    def _take_simple_lines(self, text: str, at: int) -> int:
        """Whole lines of text and colours go past the cell-by-cell way, which is thirty times slower."""
        screen = self._screen
        if not (screen.is_plain and screen.is_untouched_below()):
            return at
        found = _SIMPLE_LINES.match(text, at)
        if found is None:
            return at
        lines: list[tuple[list[StyledRun], bool]] = []
        end = at
        for line in found[0].split("\r\n")[:-1]:
            if len(line) <= screen.columns and line.isascii() and line.isprintable():
                lines.append(([(line, screen.cursor.attrs)] if line else [], False))
            elif (parts := self._simple_parts(line)) is not None:
                lines += parts
            else:
                break
            end += len(line) + 2
        screen.put_lines(lines)
        return end

    def _simple_parts(self, line: str) -> list[tuple[list[StyledRun], bool]] | None:
        """A line in pieces as wide as the screen; None where cells are not characters."""
        screen = self._screen
        if not line.isascii() and any(get_character_cell_size(sign) != 1 for sign in _SGR.sub("", line)):
            return None
        if "\x1b" not in line:
            if "\t" in line:
                if line.endswith("\t"):
                    return None
                line = line.expandtabs(8)
                if len(line) > screen.columns or not screen.has_usual_tabs:
                    return None
        elif "\t" in line:
            return None
        return self._colored_parts(line)

    def _colored_parts(self, line: str) -> list[tuple[list[StyledRun], bool]]:
        screen = self._screen
        columns = screen.columns
        pieces: list[tuple[list[StyledRun], bool]] = []
        piece: list[StyledRun] = []
        room = columns
        # Text and the parameters of the sequence behind it, in turn.
        for index, part in enumerate(_SGR.split(line)):
            if index % 2:
                screen.set_look(part)
                continue
            start = 0
            while start < len(part):
                if not room:
                    pieces.append((piece, True))
                    piece, room = [], columns
                taken = part[start : start + room]
                piece.append((taken, screen.cursor.attrs))
                room -= len(taken)
                start += len(taken)
        return [*pieces, (piece, False)]

    # Control sequences.

    def _obey(self, found: re.Match[str]) -> None:
        if found["final"]:
            if not found["between"]:
                self._obey_csi(found["parameters"], found["final"])
        elif found["string"]:
            self._string_left = _LONGEST_STRING
        elif found["charset"]:
            self._screen.define_charset(found["set"], found["charset"])
        elif found["escape"] and (name := Stream.escape.get(found["escape"])):
            if name == "reset":
                self._show(self._main)
                self._sends_cursor_keys = self._brackets_pastes = False
            if found["escape"] == "E":
                self._screen.carriage_return()
            getattr(self._screen, name)()

    def _obey_csi(self, parameters: str, final: str) -> None:
        if final == "m":
            self._screen.set_look(parameters)
            return
        is_private = parameters.startswith("?")
        fields = parameters.removeprefix("?").split(";")[:_MOST_NUMBERS]
        if not all(field.isdecimal() or not field for field in fields):
            return
        numbers = [min(int(field or 0), _MOST_NUMBER) for field in fields]
        name = _PRIVATE.get(final) if is_private else _OWN_CSI.get(final) or Stream.csi.get(final)
        if name is None:
            return
        if name in _ANY_NUMBERS:
            getattr(self._screen, name)(*numbers, private=is_private)
            if is_private:
                self._set_private(numbers, is_set=name == "set_mode")
            return
        most = 0 if name in _NO_NUMBERS else 2 if name in _TWO_NUMBERS else 1
        getattr(self._screen, name)(*numbers[:most])

    def _set_private(self, modes: list[int], *, is_set: bool) -> None:
        for mode in modes:
            if mode == _CURSOR_KEYS:
                self._sends_cursor_keys = is_set
            elif mode == _PASTE:
                self._brackets_pastes = is_set
            if mode in _CURSOR_SAVED and is_set:
                self._screen.save_cursor()
            if mode in _ALTERNATE_SCREENS:
                if is_set and not self.is_alternate:
                    self._alternate.reset()
                self._show(self._alternate if is_set else self._main)
            if mode in _CURSOR_SAVED and not is_set:
                self._screen.restore_cursor()

    def _show(self, screen: TerminalScreen) -> None:
        """Goes to a screen; how it looks and behaves is the terminal's, not a screen's."""
        if screen is not self._screen:
            before, self._screen = self._screen, screen
            screen.mode = before.mode
            screen.cursor.hidden, screen.cursor.attrs = before.cursor.hidden, before.cursor.attrs

    def _reply(self, answer: str) -> None:
        self._answer(answer.encode())

    # What is kept.

    def _keep(self, lines: Sequence[KeptLine]) -> None:
        self._unkept += max(0, len(self._kept) + len(lines) - MOST_LINES)
        self._kept.extend(lines)
