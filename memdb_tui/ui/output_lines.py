"""What the output pane says of a program, and how its lines are cut into parts; pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Protocol

from rich.cells import get_character_cell_size

from memdb_tui.frozen import dataclass
from memdb_tui.model.exit_words import exit_words
from memdb_tui.ui.rows import wrap_cells
from memdb_tui.ui.wording import count, printable

Run = tuple[str, str]
"""Text and its look, as rich writes styles; empty for plain text."""
TYPING_WORDS = ("typing: keys go to the program · ^G leaves", "typing · ^G leaves", "typing")
_MOST_WORD_LINES = 4


class OutputScreen(Protocol):
    """The lines a program has written, by number; those no longer kept are counted, so that numbers stay."""

    @property
    def is_alternate(self) -> bool:
        """The program has the whole screen, as editors have; its lines are all there is."""

    @property
    def columns(self) -> int:
        """The width that lines are wrapped to, in cells."""

    @property
    def first_line(self) -> int:
        """The number of the first line kept: how many are not."""

    @property
    def end_line(self) -> int:
        """The number after the last line with text."""

    @property
    def bottom_line(self) -> int:
        """The number after the screen's last line, blank or not."""

    @property
    def cursor(self) -> tuple[int, int] | None:
        """The cursor's line and cell; None while it is hidden."""

    @property
    def sends_cursor_keys(self) -> bool:
        """The program wants arrow keys in their application form."""

    @property
    def brackets_pastes(self) -> bool:
        """The program wants to be told where a paste begins and ends."""

    def runs(self, number: int) -> Iterator[Run]:
        """A line in parts of one look each."""

    def text(self, number: int) -> str:
        """A line's text."""

    def wraps(self, number: int) -> bool:
        """The next line goes on with this one."""

    def text_between(self, first: int, end: int) -> str:
        """Lines as text; what was wrapped is one line again."""


@dataclass(frozen=True, slots=True)
class ProgramState:
    """The program whose output is shown."""

    name: str
    """Short, for the title: `app.py`."""
    command: str
    """As it was typed: `python app.py`."""
    pid: int | None = None
    """None while it has not been started."""
    status: int | None = None
    """Its exit status, as `subprocess` has it: negative for signals. None while it runs."""
    problem: str = ""
    """Why it could not be started, a sentence or two; empty where it could."""

    @property
    def is_running(self) -> bool:
        """It has been started and has not ended."""
        return self.pid is not None and self.status is None

    @property
    def has_failed(self) -> bool:
        """It ended, and not with 0."""
        return bool(self.status)


def bottom_forms(
    state: ProgramState, *, line_count: int, new_count: int, is_alternate: bool = False
) -> tuple[str, ...]:
    """What the lower border says, in longer and shorter words."""
    new = f"{count(new_count, 'new line')} ↓ End" if new_count else ""
    if state.pid is None:
        return ("× could not be started",) if state.problem else ("not started",)
    lines = "full screen" if is_alternate else count(line_count, "line")
    if state.status is None:
        forms = (("running", f"pid {state.pid}", lines, new), ("running", lines, new), ("running", new))
    else:
        end = f"{'× ' if state.has_failed else ''}{exit_words(state.status)}"
        forms = ((end, f"pid {state.pid}", lines, new), (end, lines, new), (end, new))
    return tuple(" · ".join(part for part in form if part) for form in forms)


def empty_words(state: ProgramState, width: int, *, is_typing: bool = False) -> list[tuple[str, str]]:
    """What stands in place of output, with styles: what is empty, why, and the next key."""
    command = printable(state.command)
    if state.pid is None:
        words = [printable(state.problem) or f"{command} has not been started."]
    elif state.status is not None:
        words = [f"{command} has written nothing.", f"It ended with {exit_words(state.status)}."]
        if state.status < 0:
            words[1] = f"It was {exit_words(state.status)}."
    else:
        key = "Keys go to it; ^G leaves." if is_typing else "Enter types to it."
        words = [f"{command} has written nothing yet.", f"What it writes appears here. {key}"]
    styles = ["$foreground", "$muted"]
    return [
        (line, style)
        for text, style in zip(words, styles, strict=False)
        for line in wrap_cells(text, max(1, width), most=_MOST_WORD_LINES)
    ]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line, of one look, all of it marked or none."""

    text: str
    look: str
    is_selected: bool = False
    is_cursor: bool = False


def pieces(runs: Iterable[Run], *, selected: tuple[int, int] | None, cursor: int | None) -> Iterator[Piece]:
    """A line cut where looks and marks begin and end.

    Args:
        runs: The line's parts.
        selected: The characters selected, from and up to; -1 for the line's end.
        cursor: The character the cursor is on, which may be past the text.
    """
    begin, end = selected or (0, 0)
    at = 0
    for text, look in runs:
        last = at + len(text)
        stop = last if end < 0 else end
        cuts = {at, last, begin, stop, *(() if cursor is None else (cursor, cursor + 1))}
        places = sorted(place for place in cuts if at <= place <= last)
        for here, there in pairwise(places):
            yield Piece(
                text[here - at : there - at],
                look,
                is_selected=selected is not None and begin <= here < stop,
                is_cursor=here == cursor,
            )
        at = last
    if cursor is not None and cursor >= at:
        if cursor > at:
            yield Piece(" " * (cursor - at), "")
        yield Piece(" ", "", is_cursor=True)


def character_at(text: str, cell: int) -> int:
    """Which character of a line stands at a cell; past the text, cells are counted as characters."""
    for index, sign in enumerate(text):
        width = get_character_cell_size(sign)
        if cell < width:
            return index
        cell -= width
    return len(text) + cell


def selected_text(screen: OutputScreen, start: tuple[int, int] | None, end: tuple[int, int] | None) -> str:
    """The text from one line and character up to another; None for the beginning and the end of all.

    What was wrapped is one line again.
    """
    first, from_character = start if start is not None else (screen.first_line, 0)
    last, to_character = end if end is not None else (screen.end_line, 0)
    texts: list[str] = []
    for number in range(max(first, screen.first_line), min(last, screen.bottom_line) + 1):
        text = screen.text(number)
        is_last = number == last
        text = text[from_character if number == first else 0 : to_character if is_last else len(text)]
        texts.append(text if is_last or screen.wraps(number) else f"{text}\n")
    return "".join(texts)


def shortest_fitting(forms: Sequence[str], width: int) -> str:
    """The first of the forms, longest first, that fits; else the last."""
    return next((form for form in forms if len(form) <= width), forms[-1])
