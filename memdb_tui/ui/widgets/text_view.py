"""A long text, wrapped, of which only the visible lines are drawn."""

from __future__ import annotations

from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from memdb_tui.ui.cell_text import padded
from memdb_tui.ui.value_lines import wrapped


class TextView(ScrollView, can_focus=True):
    """Text that may still be coming: when its end comes near, `MoreRequested` is posted, once for each `add`."""

    DEFAULT_CSS = """
    TextView { height: 1fr; background: $surface; color: $foreground; scrollbar-size: 1 1; }
    """

    class MoreRequested(Message):
        """The end of what is here is nearly on the screen."""

        def __init__(self, view: TextView) -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> TextView:
            """The view that sent it."""
            return self.view

    def __init__(self, text: str, *, is_complete: bool = True, id: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(id=id)
        self._parts = [text]
        self._is_complete = is_complete
        self._has_asked = False
        self._width = 0
        self._lines: list[str] = []
        self._open_line = ""
        """The last line as it came, which the next part may go on with."""
        self._open_line_at = 0
        """Where its first screen line stands among the lines."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines as they are wrapped now."""
        return tuple(self._lines)

    @property
    def text(self) -> str:
        """What is here of the text."""
        return "".join(self._parts)

    def add(self, text: str, *, is_complete: bool) -> None:
        """Go on with the text."""
        self._parts.append(text)
        self._is_complete, self._has_asked = is_complete, False
        self._wrap(text)
        self._show_size()

    def show_text(self, text: str, *, is_complete: bool = True) -> None:
        """Show another text, from its beginning."""
        self._parts, self._is_complete, self._has_asked = [text], is_complete, False
        self._wrap_all()
        self.scroll_to(0, 0, animate=False, force=True)

    def on_resize(self) -> None:
        """Wrap anew for another width; a column stays free for the scrollbar."""
        width = max(1, self.size.width - 1)
        if width != self._width:
            self._width = width
            self._wrap_all()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for more when the end comes near."""
        super().watch_scroll_y(old_value, new_value)
        self._ask()

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        index = self.scroll_offset.y + y
        line = self._lines[index] if index < len(self._lines) else ""
        return Strip([Segment(padded(line, self._width), self.rich_style)], self._width)

    def _wrap_all(self) -> None:
        self._lines, self._open_line, self._open_line_at = [], "", 0
        self._wrap(self.text)
        self._show_size()

    def _wrap(self, text: str) -> None:
        """Wrap what came, beginning with the line that was still open."""
        if not self._width:
            return
        text = self._open_line + text
        del self._lines[self._open_line_at :]
        ended, _, self._open_line = text.rpartition("\n")
        if len(ended) < len(text) - len(self._open_line):
            self._lines += wrapped(ended, self._width)
        self._open_line_at = len(self._lines)
        self._lines += wrapped(self._open_line, self._width)

    def _show_size(self) -> None:
        self.virtual_size = Size(self._width, len(self._lines))
        self.refresh()
        self._ask()

    def _ask(self) -> None:
        is_near = self.scroll_offset.y + 2 * self.size.height >= len(self._lines)
        if self._width and is_near and not self._is_complete and not self._has_asked:
            self._has_asked = True
            self.post_message(self.MoreRequested(self))
