"""One line of the grid as a strip: the gutter stands still, the columns scroll beneath the edge."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from memdb_tui.ui.cell_text import Tone
from memdb_tui.ui.grid_lines import Piece

StyleOf = Callable[[str], Style]
"""The name of a part (`null`, `cursor`, `row`, …) to what it adds to the style of the grid."""


class GridStyles:
    """The styles of the parts of a line, each put together once."""

    def __init__(self, base: Style, style_of: StyleOf) -> None:
        self._base = base
        self._style_of = style_of
        self._known: dict[tuple[str, str], Style] = {}

    def of(self, part: str, row: str) -> Style:
        """The style of a part on the background of its row; `row` is empty for an ordinary one."""
        style = self._known.get((part, row))
        if style is None:
            style = self._base
            for name in (row, "" if part == Tone.PLAIN else part):
                if name:
                    style += self._style_of(name)
            self._known[part, row] = style
        return style


def line_strip(
    gutter: str,
    pieces: Sequence[Piece],
    styles: GridStyles,
    *,
    room: int,
    cut: int = 0,
    cursor_at: int | None = None,
    has_focus: bool = False,
) -> Strip:
    """A strip as wide as the gutter and `room` cells behind it.

    Args:
        gutter: The text left of the columns, filled to its width.
        pieces: What stands behind it.
        styles: How it looks.
        room: Cells for the pieces: the rest is cut off or blank.
        cut: Cells of the first pieces that are scrolled out.
        cursor_at: On the cursor's row, which of the pieces it stands on, or a number beside them; else None.
        has_focus: The cursor shows.
    """
    if cursor_at is None:
        row, number_part = "", str(Tone.FAINT)
    else:
        row, number_part = ("row", "row-number") if has_focus else ("row-blurred", str(Tone.MUTED))
    cursor = cursor_at if has_focus else None
    body = [
        Segment(text, styles.of("cursor" if index == cursor else tone, row))
        for index, (text, tone) in enumerate(pieces)
    ]
    width = sum(segment.cell_length for segment in body)
    if width and (cut or width > room):
        body = list(Strip(body, width).crop(cut, cut + room))
        width = min(width - cut, room)
    number = Segment(gutter, styles.of(number_part, row))
    rest = Segment(" " * (room - width), styles.of(Tone.PLAIN, row))
    return Strip([number, *body, rest], len(gutter) + room)
