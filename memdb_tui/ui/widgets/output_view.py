"""The lines a program writes: the visible ones are drawn, the end is followed, and in typing mode keys go to it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style as VisualStyle

from memdb_tui.ui.component_styles import component_style
from memdb_tui.ui.output_colors import style_maker, swapped
from memdb_tui.ui.output_lines import (
    OutputScreen,
    ProgramState,
    character_at,
    empty_words,
    pieces,
    selected_text,
)
from memdb_tui.ui.terminal_keys import key_bytes, paste_bytes
from memdb_tui.ui.wording import count

_FRAME_SECONDS = 0.05
"""While a program writes, it is shown this often; a single line is shown at once."""
_MARGIN = 1
_LEAVE_KEY = "ctrl+g"


class OutputView(ScrollView, can_focus=True):
    """Lines by number, as many as are kept; the pane around it shows its state."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"output-view--muted", "output-view--selected"}
    DEFAULT_CSS = """
    OutputView {
        height: 1fr;
        background: $surface;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        & > .output-view--muted { color: $muted; }
        & > .output-view--selected { background: $input-selection-background; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Line up", show=False, id="output.up"),
        Binding("down", "move(1)", "Line down", show=False, id="output.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="output.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="output.page-down"),
        Binding("home,ctrl+home", "first", "First line", show=False, id="output.first"),
        Binding("end,ctrl+end", "last", "Last line", show=False, id="output.last"),
        Binding("enter,i", "type", "Type to the program", show=False, id="output.type"),
        Binding("y", "copy", "Copy selection or last line", show=False, id="output.copy"),
        Binding("Y", "copy_all", "Copy all", show=False, id="output.copy-all"),
    ]

    class ViewMessage(Message):
        """A message of a view; `control` is the view."""

        def __init__(self, view: OutputView) -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> OutputView:
            """The view that sent it."""
            return self.view

    class Changed(ViewMessage):
        """Typing mode, the place in the lines, or their number is another."""

        def can_replace(self, message: Message) -> bool:
            """What it is now is what counts."""
            return isinstance(message, OutputView.Changed) and message.view is self.view

    class Sized(ViewMessage):
        """There is room for so many columns and rows."""

        def __init__(self, view: OutputView, size: Size) -> None:
            super().__init__(view)
            self.size = size

        def can_replace(self, message: Message) -> bool:
            """The newest size is the one that counts."""
            return isinstance(message, OutputView.Sized) and message.view is self.view

    class Typed(ViewMessage):
        """Bytes for the program."""

        def __init__(self, view: OutputView, data: bytes) -> None:
            super().__init__(view)
            self.data = data

    class CopyRequested(ViewMessage):
        """Text is wanted on the clipboard; `what` says which, for a notification."""

        def __init__(self, view: OutputView, text: str, what: str) -> None:
            super().__init__(view)
            self.text = text
            self.what = what

    def __init__(self, state: ProgramState) -> None:
        super().__init__()
        self._state = state
        self._output: OutputScreen | None = None
        self._is_typing = False
        self._follows = True
        self._is_placing = False
        """The view is scrolling itself; nobody else is."""
        self._left_at = 0
        """Where the lines ended when the end was no longer followed."""
        self._top: int | None = None
        """The number of the line at the top, while the end is not followed."""
        self._first = 0
        self._end = 0
        """The lines there were when they were last taken up; between two frames nothing moves."""
        self._columns = 0
        self._is_due = False
        self._shown_at = 0.0
        self._style_of: Callable[[str], Style] | None = None

    # What there is.

    @property
    def is_typing(self) -> bool:
        """Keys go to the program."""
        return self._is_typing

    @property
    def follows(self) -> bool:
        """The newest lines are shown as they come."""
        return self._follows

    @property
    def line_count(self) -> int:
        """Lines written, those no longer kept included."""
        return self._end

    @property
    def new_count(self) -> int:
        """Lines that have come since the end was left."""
        return 0 if self._follows else max(0, self.line_count - self._left_at)

    @property
    def is_alternate(self) -> bool:
        """The program has the whole screen."""
        return self._output is not None and self._output.is_alternate

    def show_state(self, state: ProgramState) -> None:
        """Shows how the program is; one that has ended is not typed to."""
        self._state = state
        if not state.is_running:
            self.stop_typing()
        self._show()

    def show_screen(self, screen: OutputScreen) -> None:
        """Shows these lines, or that there are more of them; called for every piece of output, drawn now and then."""
        self._output = screen
        if self._is_due:
            return
        wait = self._shown_at + _FRAME_SECONDS - time.monotonic()
        if wait <= 0:
            self._show()
        else:
            self._is_due = True
            self.set_timer(wait, self._show)

    # Typing.

    def start_typing(self) -> None:
        """From here on keys go to the program, if it runs."""
        if self._state.is_running and not self._is_typing:
            self._is_typing = True
            self.action_last()
            self._changed()

    def stop_typing(self) -> None:
        """Keys are ours again."""
        if self._is_typing:
            self._is_typing = False
            self._changed()

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """In typing mode no key means anything to anybody else, not even those that mean the same everywhere."""
        del key, character
        return self._is_typing

    async def on_key(self, event: events.Key) -> None:
        """In typing mode, sends the key."""
        if not self._is_typing:
            return
        event.stop()
        event.prevent_default()
        if event.key == _LEAVE_KEY:
            self.stop_typing()
            return
        is_application = self._output is not None and self._output.sends_cursor_keys
        if data := key_bytes(event.key, event.character, application=is_application):
            self.action_last()
            self.post_message(self.Typed(self, data))

    def on_paste(self, event: events.Paste) -> None:
        """In typing mode, sends what is pasted."""
        event.stop()
        if self._is_typing and event.text:
            is_bracketed = self._output is not None and self._output.brackets_pastes
            self.action_last()
            self.post_message(self.Typed(self, paste_bytes(event.text, is_bracketed=is_bracketed)))

    def on_blur(self) -> None:
        """Typing ends where the focus goes elsewhere; not where it goes to another window, from which it returns."""
        if self.app.app_focus:
            self.stop_typing()

    # Moving.

    def action_move(self, lines: int) -> None:
        """Some lines up or down."""
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, force=True)

    def action_page(self, direction: int) -> None:
        """A screen up or down; a line stays in view."""
        self.action_move(direction * max(1, self.size.height - 1))

    def action_first(self) -> None:
        """To the first line kept."""
        self.scroll_to(y=0, animate=False, force=True)

    def action_last(self) -> None:
        """To the end, which is followed from here on."""
        self.scroll_to(y=self.max_scroll_y, animate=False, force=True)
        self._follow(follows=True)

    def action_type(self) -> None:
        """Starts typing mode."""
        self.start_typing()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Whoever scrolls away from the end no longer follows it."""
        super().watch_scroll_y(old_value, new_value)
        if not self._is_placing and self._output is not None and round(old_value) != round(new_value):
            self._top = self._number_at(0)
            self._follow(follows=round(new_value) >= self.max_scroll_y)

    def _follow(self, *, follows: bool) -> None:
        if follows != self._follows:
            self._follows = follows
            self._left_at = self.line_count
            self._changed()

    # Copying.

    def action_copy(self) -> None:
        """Asks for a copy of what is selected, else of the last line in view."""
        screen = self._output
        if screen is None:
            return
        if (selection := self.text_selection) is not None:
            text = self._selected(selection)
            self.post_message(self.CopyRequested(self, text, "The selection"))
            return
        last = min(self._number_at(self.size.height), screen.end_line) - 1
        while last > screen.first_line and not screen.text(last):
            last -= 1
        first = last
        while first > screen.first_line and screen.wraps(first - 1):
            first -= 1
        text = screen.text_between(first, last + 1).rstrip("\n")
        self.post_message(self.CopyRequested(self, text, "The last line in view"))

    def action_copy_all(self) -> None:
        """Asks for a copy of all lines kept."""
        if (screen := self._output) is not None:
            text = screen.text_between(screen.first_line, screen.end_line)
            self.post_message(self.CopyRequested(self, text, count(screen.end_line - screen.first_line, "line")))

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text selected with the mouse."""
        return None if self._output is None else (self._selected(selection), "\n")

    def _selected(self, selection: Selection) -> str:
        if self._output is None:
            return ""
        start, end = selection
        return selected_text(self._output, start and (start.y, start.x), end and (end.y, end.x))

    # Drawing.

    @property
    def room(self) -> Size:
        """For so many columns and rows of the program's terminal, at least one each."""
        return Size(max(1, self.scrollable_content_region.width - _MARGIN), max(1, self.size.height))

    def on_resize(self) -> None:
        """Tells the room there is, and shows it filled."""
        if self.size.width and self.size.height:
            self.post_message(self.Sized(self, self.room))
        self._show()

    def notify_style_update(self) -> None:
        """Forgets colours of the former theme."""
        super().notify_style_update()
        self._style_of = None

    def render_line(self, y: int) -> Strip:
        """One line of the view."""
        width = self.scrollable_content_region.width
        base = self._base
        screen = self._output
        if screen is None or not self._has_lines:
            words = empty_words(self._state, width - 2 * _MARGIN, is_typing=self._is_typing)
            text, style = words[y - 1] if 0 < y <= len(words) else ("", "")
            drawn = (self.visual_style + VisualStyle.parse(style)).rich_style if style else base
            return Strip([Segment(" " * _MARGIN, base), Segment(text, drawn)]).adjust_cell_length(width, base)
        number = self._number_at(y)
        if number < self._first:
            style_muted = component_style(self, "output-view--muted", is_partial=False)
            text = f"↑ {count(self._first, 'line')} not kept"
            return Strip([Segment(" " * _MARGIN, base), Segment(text, style_muted)]).adjust_cell_length(width, base)
        segments = [Segment(" " * _MARGIN, base + _offset(0, number))]
        segments += self._segments(screen, number)
        return Strip(segments).adjust_cell_length(width, base)

    def _segments(self, screen: OutputScreen, number: int) -> list[Segment]:
        if self._style_of is None:
            self._style_of = style_maker(self._base, is_dark=self.app.current_theme.dark)
        cursor = screen.cursor if self._is_typing else None
        at = character_at(screen.text(number), cursor[1]) if cursor is not None and cursor[0] == number else None
        selection = self.text_selection
        selected = None if selection is None else selection.get_span(number)
        segments: list[Segment] = []
        x = 0
        for piece in pieces(screen.runs(number), selected=selected, cursor=at):
            style = self._style_of(piece.look)
            if piece.is_selected:
                style += component_style(self, "output-view--selected")
            if piece.is_cursor:
                style = swapped(style)
            segments.append(Segment(piece.text, style + _offset(x, number)))
            x += len(piece.text)
        # A click behind the text means the line's end.
        segments.append(Segment(" ", self._base + _offset(x, number)))
        return segments

    @property
    def _base(self) -> Style:
        return self.visual_style.rich_style

    @property
    def _has_lines(self) -> bool:
        screen = self._output
        if screen is None:
            return False
        return screen.is_alternate or screen.end_line > 0 or screen.cursor not in {None, (0, 0)}

    @property
    def _head(self) -> int:
        """Lines above the first that is kept: one that says how many are not."""
        return 1 if self._first else 0

    def _number_at(self, y: int) -> int:
        return self._first - self._head + self.scroll_offset.y + y

    def _show(self) -> None:
        """Takes up what is new."""
        self._is_due = False
        self._shown_at = time.monotonic()
        screen = self._output
        if screen is None or not self.is_mounted:
            self.refresh()
            return
        self._first, self._end = screen.first_line, screen.end_line
        bottom = screen.bottom_line if self._state.is_running else self._end
        self._is_placing = True
        try:
            if screen.columns != self._columns:
                # Wrapped anew: the lines have other numbers.
                was_wrapped, self._columns = bool(self._columns), screen.columns
                if was_wrapped:
                    self._top, self._left_at = None, self._end
            self.virtual_size = Size(0, bottom - self._first + self._head if self._has_lines else 0)
            if self._follows:
                self.scroll_to(y=self.max_scroll_y, animate=False, force=True)
            elif self._top is not None:
                self.scroll_to(y=max(0, self._top - self._first + self._head), animate=False, force=True)
        finally:
            self._is_placing = False
        self.refresh()
        self._changed()

    def _changed(self) -> None:
        self.refresh()
        self.post_message(self.Changed(self))


def _offset(x: int, number: int) -> Style:
    """Where text stands, for selecting it: in lines by their numbers, which stay when lines scroll out."""
    return Style.from_meta({"offset": (x, number)})
