"""A question answered with a line of text."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.wording import printable


class TextInputScreen(Modal[str]):
    """Asks for a line; Esc gives none.

    Args:
        title: What is asked.
        value: What stands there at first.
        placeholder: An example, shown while nothing is typed.
        notes: What there is to know, a line each.
    """

    DEFAULT_CSS = """
    TextInputScreen {
        & > .modal-box {
            width: 92; max-width: 94%; height: auto;
            padding: 1 2;
        }
        & Input { border: round $border-blurred; background: $background; }
        & Input:focus { border: round $border; background-tint: $background 0%; }
        & Static { height: auto; color: $muted; }
    }
    """

    def __init__(self, title: str, *, value: str = "", placeholder: str = "", notes: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._title = title
        self._value = value
        self._placeholder = placeholder
        self._notes = notes

    def compose_content(self) -> ComposeResult:
        """Title in the border, the line, the notes."""
        with Vertical(classes="modal-box") as box:
            box.border_title = Content(printable(self._title))
            box.border_subtitle = "Enter takes it · Esc leaves"
            field = Input(self._value, placeholder=self._placeholder)
            field.cursor_blink = False
            yield field
            if self._notes:
                yield Static(Content("\n".join(printable(note) for note in self._notes)))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)
