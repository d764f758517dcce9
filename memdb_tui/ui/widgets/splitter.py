"""A blank margin between two regions that can be dragged."""

from __future__ import annotations

from typing import Literal

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

Direction = Literal["vertical", "horizontal"]
"""How the margin itself runs: a vertical one stands between left and right."""


class Splitter(Widget):
    """One cell of margin; its line shows while the pointer is on it or drags it."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Splitter {
        color: $border-blurred;
        &.-vertical { width: 1; height: 1fr; pointer: ew-resize; }
        &.-horizontal { width: 1fr; height: 1; pointer: ns-resize; }
        &.-dragged { color: $primary; }
    }
    """

    class Moved(Message):
        """The margin was dragged by some cells: to the right or down is positive."""

        def __init__(self, splitter: Splitter, delta: int) -> None:
            super().__init__()
            self.splitter = splitter
            self.delta = delta

        @property
        def control(self) -> Splitter:
            """The margin that was dragged."""
            return self.splitter

    def __init__(
        self,
        direction: Direction,
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._is_vertical = direction == "vertical"
        self._grip: int | None = None
        self.add_class(f"-{direction}")

    def render_line(self, y: int) -> Strip:
        """Blank, or a line while it can be, or is, dragged."""
        del y
        if not (self.mouse_hover or self._grip is not None):
            return Strip.blank(self.size.width, self.visual_style.rich_style)
        text = "│" if self._is_vertical else "─" * self.size.width
        return Strip([Segment(text, self.visual_style.rich_style)], self.size.width)

    def on_enter(self) -> None:
        """The line comes with the pointer."""
        self.refresh()

    def on_leave(self) -> None:
        """The line goes with the pointer."""
        self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Takes hold of the margin."""
        self._grip = self._place(event)
        self.add_class("-dragged")
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Says how far the pointer has come since the last time."""
        if self._grip is None:
            return
        place = self._place(event)
        if delta := place - self._grip:
            self._grip = place
            self.post_message(self.Moved(self, delta))

    def on_mouse_up(self) -> None:
        """Lets go."""
        if self._grip is not None:
            self._grip = None
            self.remove_class("-dragged")
            self.release_mouse()

    def _place(self, event: events.MouseEvent) -> int:
        return round(event.screen_x if self._is_vertical else event.screen_y)
