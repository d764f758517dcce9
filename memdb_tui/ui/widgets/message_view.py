"""Lines in place of a result: why there is none, or what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from memdb_tui.ui.rows import Part, Row, Span, action_at, lay_out, wrap_cells
from memdb_tui.ui.widgets.line_list import draw

_MOST_LINES = 12
_LEAST_CELLS = 8
_INDENT = 4
_LAST_COLUMN = 1


class MessageView(ScrollView, can_focus=True):
    """Rows of text, wrapped to the width; parts of it can be clicked, and g, c, r lead out of a lock."""

    DEFAULT_CSS = """
    MessageView { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "press('go_to_holder')", "Go to the holder", show=False, id="lock.go"),
        Binding("c", "press('commit_holder')", "Commit the holder", show=False, id="lock.commit"),
        Binding("r", "press('retry')", "Try again", show=False, id="lock.retry"),
    ]

    class Pressed(Message):
        """A part was clicked, or its key pressed."""

        def __init__(self, message_view: MessageView, action: str) -> None:
            super().__init__()
            self.message_view = message_view
            self.action = action

        @property
        def control(self) -> MessageView:
            """The view it happened in."""
            return self.message_view

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._rows: tuple[Row, ...] = ()
        self._wrapped: list[Row] = []

    @property
    def text(self) -> str:
        """What is said, as plain lines."""
        return "\n".join(" ".join(part.text for part in row.left + row.right) for row in self._rows)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Shows these rows instead."""
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self._lay_out()
            self.refresh()

    def on_resize(self) -> None:
        """Wraps anew."""
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        return draw(self._spans(y), self.visual_style, Style.parse)

    def on_click(self, event: events.Click) -> None:
        """Says what was meant."""
        if action := action_at(self._spans(event.y), event.x):
            self.post_message(self.Pressed(self, action))

    def action_press(self, action: str) -> None:
        """Does what a part shown here means; nothing where it is not shown."""
        if any(part.action == action for row in self._rows for part in row.left):
            self.post_message(self.Pressed(self, action))

    def _spans(self, y: int) -> tuple[Span, ...]:
        index = y + round(self.scroll_y)
        row = self._wrapped[index] if index < len(self._wrapped) else Row(())
        return lay_out(row, self.scrollable_content_region.width)

    def _lay_out(self) -> None:
        # The last column is the scrollbar's, or stays free before the border.
        width = self.size.width - _LAST_COLUMN
        self._wrapped = [line for row in self._rows for line in _wrap(row, width)]
        self.virtual_size = Size(0, len(self._wrapped))


def _wrap(row: Row, width: int) -> list[Row]:
    """A row on as many lines as its parts need: nothing SQLite says is cut. Lines after the first are indented."""
    lines: list[list[Part]] = [[]]
    used = 0
    for group in _groups(row.left):
        gap = group[0].gap if lines[-1] else 0
        cells = sum(cell_len(part.text) for part in group) + sum(part.gap for part in group[1:])
        if used + gap + cells <= width:
            lines[-1] += group
            used += gap + cells
            continue
        if len(group) == 1 and 0 < used <= row.gutter:
            _hang(lines, group[0], used + gap, width)
            used = width
            continue
        text = group[0].text
        indent = len(text) - len(text.lstrip()) if lines == [[]] else _INDENT
        if lines[-1]:
            lines.append([])
        if len(group) > 1:
            lines[-1] = [Part(" " * indent + text.lstrip(), group[0].style, action=group[0].action), *group[1:]]
            used = indent + cells
            continue
        for piece in wrap_cells(text, max(_LEAST_CELLS, width - indent), most=_MOST_LINES):
            if lines[-1]:
                lines.append([])
            lines[-1].append(Part(" " * indent + piece, group[0].style, action=group[0].action))
            used = indent + cell_len(piece)
    return [Row(tuple(line)) for line in lines]


def _hang(lines: list[list[Part]], part: Part, indent: int, width: int) -> None:
    """Puts a text beside what the last line begins with, its further lines below its first."""
    pieces = wrap_cells(part.text, max(_LEAST_CELLS, width - indent), most=_MOST_LINES)
    for number, piece in enumerate(pieces):
        if number:
            lines.append([Part(" " * indent + piece, part.style, action=part.action)])
        else:
            lines[-1].append(replace(part, text=piece))


def _groups(parts: Sequence[Part]) -> list[list[Part]]:
    """Parts that mean the same action stay together: a key and what it does."""
    groups: list[list[Part]] = []
    for part in parts:
        if groups and part.action and groups[-1][-1].action == part.action:
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups
