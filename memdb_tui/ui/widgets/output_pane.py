"""What a program writes to its terminal, and the keys typed to it: a region of the screen."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from memdb_tui.ui.output_lines import (
    TYPING_WORDS,
    OutputScreen,
    ProgramState,
    bottom_forms,
    shortest_fitting,
)
from memdb_tui.ui.widgets.line_list import STATE_STYLE, Title, spread_title
from memdb_tui.ui.widgets.output_view import OutputView
from memdb_tui.ui.widgets.region_box import RegionBox
from memdb_tui.ui.wording import printable

_CORNERS_AND_BLANKS = 6
_TYPE_WORDS = "Enter types to it"


class OutputPane(RegionBox):
    """A program's output; it shows what it is told and says what was typed and what is to be copied.

    Args:
        state: The program; may be told anew with `show_state`.
    """

    DEFAULT_CSS = """
    OutputPane {
        width: 1fr; height: 1fr;
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-align: right;
        border-subtitle-color: $muted;
        &:focus-within { border: heavy $border; border-title-color: $primary; border-title-style: bold; }
        &.-failed { border-subtitle-color: $error; }
    }
    """

    class PaneMessage(Message):
        """A message of an output pane; `control` is the pane."""

        def __init__(self, pane: OutputPane) -> None:
            super().__init__()
            self.pane = pane

        @property
        def control(self) -> OutputPane:
            """The pane."""
            return self.pane

    class KeysTyped(PaneMessage):
        """Bytes are to be written to the program's terminal."""

        def __init__(self, pane: OutputPane, data: bytes) -> None:
            super().__init__(pane)
            self.data = data

    class Resized(PaneMessage):
        """The program's terminal is to have this size, in cells."""

        def __init__(self, pane: OutputPane, *, columns: int, rows: int) -> None:
            super().__init__(pane)
            self.columns = columns
            self.rows = rows

        def can_replace(self, message: Message) -> bool:
            """The newest size is the one that counts."""
            return isinstance(message, OutputPane.Resized) and message.pane is self.pane

    class TypingChanged(PaneMessage):
        """Keys go to the program from here on, or no longer."""

    class CopyRequested(PaneMessage):
        """Text is wanted on the clipboard; `what` says which, for a notification."""

        def __init__(self, pane: OutputPane, text: str, what: str) -> None:
            super().__init__(pane)
            self.text = text
            self.what = what

    def __init__(self, state: ProgramState, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._state = state
        self._view = OutputView(state)
        self._was_typing = False

    def compose(self) -> ComposeResult:
        """The lines."""
        yield self._view

    @property
    def view(self) -> OutputView:
        """The lines, which take the focus."""
        return self._view

    @property
    def state(self) -> ProgramState:
        """The program, as last told."""
        return self._state

    @property
    def is_typing(self) -> bool:
        """Keys go to the program."""
        return self._view.is_typing

    def show_state(self, state: ProgramState) -> None:
        """Shows how the program is."""
        self._state = state
        self._view.show_state(state)
        self._show_border()

    def show_screen(self, screen: OutputScreen) -> None:
        """Shows these lines, or that there are more of them; may be called for every piece of output."""
        self._view.show_screen(screen)

    def on_mount(self) -> None:
        """Shows what is known before anything was written."""
        self._show_border()

    def on_resize(self) -> None:
        """The words fill the border."""
        self._show_border()

    def on_descendant_focus(self) -> None:
        """The title's filling has the border's own line."""
        self.call_after_refresh(self._show_border)

    def on_descendant_blur(self) -> None:
        """The title's filling has the border's own line."""
        self.call_after_refresh(self._show_border)

    @on(OutputView.Changed)
    def _view_changed(self, event: OutputView.Changed) -> None:
        event.stop()
        self._show_border()
        if self._was_typing != self.is_typing:
            self._was_typing = self.is_typing
            self.post_message(self.TypingChanged(self))

    @on(OutputView.Typed)
    def _typed(self, event: OutputView.Typed) -> None:
        event.stop()
        self.post_message(self.KeysTyped(self, event.data))

    @on(OutputView.Sized)
    def _sized(self, event: OutputView.Sized) -> None:
        event.stop()
        self.post_message(self.Resized(self, columns=event.size.width, rows=event.size.height))

    @on(OutputView.CopyRequested)
    def _copy_wanted(self, event: OutputView.CopyRequested) -> None:
        event.stop()
        self.post_message(self.CopyRequested(self, event.text, event.what))

    def _show_border(self) -> None:
        if not self.is_mounted:
            return
        self.set_class(self._state.has_failed, "-failed")
        self.show_title(spread_title(self, self._titles()))
        view = self._view
        forms = bottom_forms(
            self._state, line_count=view.line_count, new_count=view.new_count, is_alternate=view.is_alternate
        )
        self.show_bottom(shortest_fitting(forms, self.outer_size.width - _CORNERS_AND_BLANKS))

    def _titles(self) -> list[Title]:
        program = printable(self._state.name)
        names = (f"Output · {program}", "Output")
        if self.is_typing:
            styled = [Content.styled(words, "bold $secondary") for words in TYPING_WORDS]
            return [*((name, words) for name in names for words in styled), (TYPING_WORDS[-1], "")]
        if self._state.is_running and self._view.has_focus:
            words = Content.styled(_TYPE_WORDS, STATE_STYLE)
            return [(names[0], words), (names[1], words), (names[0], ""), (names[1], "")]
        return [(names[0], "")]
