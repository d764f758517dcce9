"""Lines in place of a result: why there is none, or what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from memdb_tui.ui.widgets.line_list import Clip, Part, Row, Span, action_at, draw, lay_out, wrap_cells

_MOST_LINES = 12


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
        self._wrapped_for = (-1, ())  # type: tuple[int, tuple[Row, ...]]

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
        width = self.scrollable_content_region.width
        self._wrapped = [line for row in self._rows for line in _wrap(row, width)]
        self.virtual_size = Size(0, len(self._wrapped))


def _wrap(row: Row, width: int) -> list[Row]:
    """A row whose last part is too long goes on below, indented."""
    if not row.left or row.right:
        return [row]
    *head, last = row.left
    used = sum(len(part.text) + part.gap for part in head)
    if last.action or used + len(last.text) <= width or width < used + 2 * _MOST_LINES:
        return [row]
    indent = len(last.text) - len(last.text.lstrip()) if not head else 2
    lines = wrap_cells(last.text.strip(), max(8, width - used - indent), most=_MOST_LINES)
    first = Part(" " * (indent if not head else 0) + lines[0], last.style, gap=last.gap)
    below = [Row((Part(" " * (used + indent) + line, last.style, clip=Clip.END),)) for line in lines[1:]]
    return [Row((*head, first)), *below]
