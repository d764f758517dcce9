"""What every modal has: the stray alarm above it, and a way out."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import ModalScreen

from memdb_tui.ui.widgets.alarm_bar import AlarmBar

_T = TypeVar("_T")


class Modal(ModalScreen[_T | None]):
    """Dims what is behind; Esc, and a click outside, leave it without an answer.

    A stray raises its bar here too: the app shows it on every screen's `AlarmBar`.
    """

    DEFAULT_CSS = """
    Modal {
        align: center middle;
        background: $background 70%;
        & > AlarmBar { dock: top; margin-top: 1; }
        & > .modal-box {
            border: heavy $border; border-title-color: $primary; border-title-style: bold;
            border-subtitle-color: $muted; border-subtitle-align: right;
            background: $background;
        }
    }
    """

    class Shown(Message):
        """The screen is up; the app tells it what the alarm says."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave", show=False, id="modal.leave")]

    def on_screen_resume(self) -> None:
        """The alarm stands above everything, on every screen."""
        if not self.query(AlarmBar):
            self.mount(AlarmBar())
        self.post_message(self.Shown())

    def on_click(self, event: events.Click) -> None:
        """A click outside leaves."""
        if event.widget is self:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Gives no answer."""
        self.dismiss(None)
