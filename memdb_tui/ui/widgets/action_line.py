"""One line of parts, some of which can be clicked."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from memdb_tui.ui.rows import Row, action_at, lay_out
from memdb_tui.ui.widgets.line_list import draw


class ActionLine(Widget):
    """Shows a row; a click on a part that means something says so."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ActionLine { height: 1; width: 1fr; }
    """

    class Pressed(Message):
        """A part was clicked."""

        def __init__(self, action_line: ActionLine, action: str) -> None:
            super().__init__()
            self.action_line = action_line
            self.action = action

        @property
        def control(self) -> ActionLine:
            """The line it happened on."""
            return self.action_line

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._row = Row(())

    @property
    def row(self) -> Row:
        """What is shown."""
        return self._row

    def show_row(self, row: Row) -> None:
        """Shows a row instead."""
        if row != self._row:
            self._row = row
            self.refresh()

    def cell_of(self, action: str) -> int | None:
        """The first cell of the part that means an action, None where none does."""
        x = 0
        for span in lay_out(self._row, self.size.width):
            if span.action == action:
                return x
            x += len(span.text)
        return None

    def render_line(self, y: int) -> Strip:
        """The line."""
        del y
        return draw(lay_out(self._row, self.size.width), self.visual_style, Style.parse)

    def on_click(self, event: events.Click) -> None:
        """Says what was meant."""
        event.stop()
        action = action_at(lay_out(self._row, self.size.width), event.x)
        if action:
            self.post_message(self.Pressed(self, action))
