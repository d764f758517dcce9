"""Lines of a program's output as they are kept: text, how its parts look, and how they are wrapped. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import get_character_cell_size

Run = tuple[str, str]
"""Text, and its look as rich writes styles; empty for plain text."""


class KeptLine(NamedTuple):
    """One line of a screen; a tuple, since thousands are made at once and ten thousand are kept."""

    text: str
    looks: tuple[str, ...] = ()
    """Of the text's parts; none for a line that is plain."""
    ends: tuple[int, ...] = ()
    """Where the parts end, in characters."""
    wraps: bool = False
    """It was full: the next line goes on with it."""

    def runs(self) -> Iterator[Run]:
        """The text in parts of one look each."""
        if not self.looks:
            if self.text:
                yield self.text, ""
            return
        start = 0
        for look, end in zip(self.looks, self.ends, strict=True):
            yield self.text[start:end], look
            start = end


def line_of(runs: Iterable[Run], *, wraps: bool = False) -> KeptLine:
    """A line of these parts; neighbours of one look are joined, plain blanks at the end of an ended line left out."""
    texts: list[str] = []
    looks: list[str] = []
    for text, look in runs:
        if texts and look == looks[-1]:
            texts[-1] += text
        elif text:
            texts.append(text)
            looks.append(look)
    if not wraps and texts and not looks[-1]:
        texts[-1] = texts[-1].rstrip(" ")
        if not texts[-1]:
            del texts[-1], looks[-1]
    if not any(looks):
        return KeptLine("".join(texts), wraps=wraps)
    ends: list[int] = []
    for text in texts:
        ends.append((ends[-1] if ends else 0) + len(text))
    return KeptLine("".join(texts), tuple(looks), tuple(ends), wraps)


def split_runs(runs: Iterable[Run], columns: int) -> Iterator[tuple[list[Run], bool]]:
    """The parts on lines of at most `columns` cells, and whether the next goes on with it.

    A wide character is never halved; characters without width stay with the one before them.
    """
    line: list[Run] = []
    used = 0
    for run_text, look in runs:
        text = run_text
        while text:
            fitting = columns - used if text.isascii() else _fitting(text, columns - used)
            if fitting >= len(text):
                line.append((text, look))
                used += len(text) if text.isascii() else _cells(text)
                break
            if fitting:
                line.append((text[:fitting], look))
            yield line, True
            line, used, text = [], 0, text[fitting:]
    yield line, False


def rewrapped(lines: Iterable[KeptLine], columns: int) -> Iterator[KeptLine]:
    """The lines in another width: what was wrapped is joined, what is too long is wrapped.

    A last line that goes on with what is no longer kept here still does.
    """
    pending: list[Run] = []
    wraps = False
    for line in lines:
        pending += line.runs()
        wraps = line.wraps
        if not wraps:
            yield from _wrapped(pending, columns, wraps=False)
            pending = []
    if wraps:
        yield from _wrapped(pending, columns, wraps=True)


def joined_text(lines: Sequence[KeptLine]) -> str:
    """The lines as text: what was wrapped is one line again."""
    return "".join(line.text if line.wraps else f"{line.text}\n" for line in lines)


def _wrapped(runs: Sequence[Run], columns: int, *, wraps: bool) -> Iterator[KeptLine]:
    for part, goes_on in split_runs(runs, max(2, columns)):
        yield line_of(part, wraps=goes_on or wraps)


def _fitting(text: str, room: int) -> int:
    """How many characters of the text have room in so many cells."""
    for index, sign in enumerate(text):
        room -= get_character_cell_size(sign)
        if room < 0:
            return index
    return len(text)


def _cells(text: str) -> int:
    return sum(map(get_character_cell_size, text))
