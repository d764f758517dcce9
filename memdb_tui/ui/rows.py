"""A row of text pieces and how it is laid out in a number of cells. Pure.

Nothing here parses markup: a `Part` is plain text with the style it is drawn in. Text that comes from users must have
gone through `wording.printable`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from rich.cells import cell_len, chop_cells, get_character_cell_size, set_cell_size

from memdb_tui.frozen import dataclass

_BREAKS = " ?&"


class Clip(Enum):
    """Which end of a text may be cut."""

    END = "end"
    START = "start"
    """For paths, whose end tells more."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line: plain text in one style."""

    text: str
    style: str = ""
    """As `textual.style.Style.parse` reads it: `$muted`, `bold $error`."""
    gap: int = 1
    """Blank cells before it, unless it comes first."""
    rank: int = 0
    """When space is short, the part with the highest rank gives way first."""
    shorter: tuple[str, ...] = ()
    """What may stand instead, longest first; an empty text leaves the part out."""
    clip: Clip | None = None
    least: int = 8
    """Cells a part that may be clipped keeps as long as others can still give way."""
    keeps_room: bool = False
    """It has those cells even where its text is shorter, so that the same parts give way on every line of a list."""
    action: str = ""
    """What a click on it means, for widgets that ask `action_at`."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line's content: `left` from the left edge, `right` flush with the right edge."""

    left: tuple[Part, ...]
    right: tuple[Part, ...] = ()
    gutter: int = 1
    """What begins the row and is no wider, in cells, is a sign or a number: the text is wrapped beside it."""


@dataclass(frozen=True, slots=True)
class Span:
    """Text in its place on a line."""

    text: str
    style: str = ""
    action: str = ""


def clip_cells(text: str, width: int, *, side: Clip = Clip.END) -> str:
    """The text in at most `width` cells, the cut marked by `…`; wide characters are never halved."""
    if cell_len(text) <= width:
        return text
    if width <= 0:
        return ""
    if side is Clip.END:
        return set_cell_size(text, width - 1) + "…"
    taken, start = 0, len(text)
    while start and taken + get_character_cell_size(text[start - 1]) < width:
        start -= 1
        taken += get_character_cell_size(text[start])
    return "…" + " " * (width - 1 - taken) + text[start:]


def clip_words(text: str, width: int) -> str:
    """As many whole words as there is room for, the cut marked by `…`."""
    if cell_len(text) <= width:
        return text
    head = set_cell_size(text, max(0, width - 1))
    if text.startswith(f"{head} "):
        return head.rstrip() + "…"
    return clip_cells(text, width) if " " not in head else head.rpartition(" ")[0].rstrip() + "…"


def wrap_cells(text: str, width: int, *, most: int) -> list[str]:
    """The text on at most `most` lines of `width` cells; what is left over is clipped, after a whole word.

    Lines break at blanks, else before `?` and `&` as URLs have them, else anywhere.
    """
    lines: list[str] = []
    rest = text.strip()
    while rest and len(lines) < most - 1 and cell_len(rest) > width:
        head = chop_cells(rest, max(2, width))[0]
        cut = len(head) if rest[len(head)] in _BREAKS else max(head.rfind(sign, 1) for sign in _BREAKS)
        if " " in head and rest[len(head)] != " ":
            cut = max(head.rfind(" "), 1)
        cut = cut if cut > 0 else len(head)
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest:
        lines.append(clip_words(rest, width))
    return lines


def lay_out(row: Row, width: int) -> tuple[Span, ...]:
    """The row in exactly `width` cells.

    In this order: parts that may be clipped shrink to their `least`, parts give way by rank, the left side is clipped
    at its end. The right side goes last.
    """
    parts = row.left + row.right
    forms = [(part.text, *part.shorter) for part in parts]
    chosen = [0] * len(parts)

    def texts() -> list[str]:
        return [forms[i][chosen[i]] for i in range(len(parts))]

    def least_cells(text: str, part: Part) -> int:
        cells = cell_len(text)
        return min(cells, part.least) if part.clip else cells

    def needed(*, with_room: bool) -> int:
        total = 0
        for text, part in zip(texts(), parts, strict=True):
            if text:
                cells = part.least if with_room and part.keeps_room else least_cells(text, part)
                total += cells + (part.gap if total else 0)
        return total

    while needed(with_room=True) > width:
        yielding = [i for i, part_forms in enumerate(forms) if chosen[i] + 1 < len(part_forms)]
        if not yielding:
            break
        chosen[max(yielding, key=lambda i: (parts[i].rank, i))] += 1

    spare = width - needed(with_room=False)
    fitted: list[str] = []
    for text, part in zip(texts(), parts, strict=True):
        cells, kept = cell_len(text), least_cells(text, part)
        more = min(cells - kept, max(0, spare))
        spare -= more
        fitted.append(text if part.clip is None else clip_cells(text, kept + more, side=part.clip))
    split = len(row.left)
    right = _spans(row.right, fitted[split:])
    left = _spans(row.left, fitted[:split])
    right_cells = cells_of(right)
    if right_cells >= width:
        return _cropped(right, width)
    gap = next((part.gap for part, text in zip(row.right, fitted[split:], strict=True) if text), 0)
    left = _cropped(left, max(0, width - right_cells - gap))
    fill = width - right_cells - cells_of(left)
    return (*left, *((Span(" " * fill),) if fill else ()), *right)


def least_cells(row: Row) -> int:
    """The cells the row takes when every part that can give way has done so; a part that may be clipped is whole."""
    total = 0
    for part in row.left + row.right:
        if cells := min(cell_len(form) for form in (part.text, *part.shorter)):
            total += cells + (part.gap if total else 0)
    return total


def action_at(spans: Sequence[Span], x: int) -> str:
    """What a click on cell `x` of a laid-out line means, empty for nothing."""
    for span in spans:
        x -= cell_len(span.text)
        if x < 0:
            return span.action
    return ""


def _spans(parts: Sequence[Part], texts: Sequence[str]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for part, text in zip(parts, texts, strict=True):
        if not text:
            continue
        if spans and part.gap:
            spans.append(Span(" " * part.gap))
        spans.append(Span(text, part.style, part.action))
    return tuple(spans)


def cells_of(spans: Sequence[Span]) -> int:
    """How many cells laid-out pieces take."""
    return sum(cell_len(span.text) for span in spans)


def _cropped(spans: tuple[Span, ...], width: int) -> tuple[Span, ...]:
    kept: list[Span] = []
    for index, span in enumerate(spans):
        is_last_that_fits = cell_len(span.text) > width or (
            index + 1 < len(spans)
            and cell_len(span.text) == width
            and any(cell_len(s.text.strip()) for s in spans[index + 1 :])
        )
        if is_last_that_fits:
            text = clip_cells(span.text + " ", width)
            return (*kept, Span(text, span.style, span.action)) if text else tuple(kept)
        kept.append(span)
        width -= cell_len(span.text)
    return tuple(kept)
