"""What every modal has: the stray alarm above it, and a way out."""

from __future__ import annotations

import asyncio
from typing import ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import ModalScreen

from memdb_tui.ui.widgets.alarm_bar import AlarmBar
from memdb_tui.ui.widgets.footer_bar import FooterBar, FooterKey
from memdb_tui.ui.widgets.header_bar import HeaderBar

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
        & > FooterBar { dock: bottom; }
        & > .modal-box {
            border: heavy $border; border-title-color: $primary; border-title-style: bold;
            border-subtitle-color: $muted; border-subtitle-align: right;
            background: $background;
        }
    }
    """

    KEYS: ClassVar[tuple[FooterKey, ...]] = (FooterKey("Esc", "leave", "leave"),)
    """What its footer shows."""

    class Shown(Message):
        """The screen is up; the app tells it what the alarm says."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Leave", show=False, id="modal.leave")]

    _is_answered = False

    def __init__(self) -> None:
        super().__init__()
        self._takes_keys = asyncio.Event()

    async def until_it_takes_keys(self) -> None:
        """Returns when its focus stands where keys are meant to go; at once from then on."""
        await self._takes_keys.wait()

    def dismiss(self, result: _T | None = None) -> AwaitComplete:
        """Leaves with an answer; what comes after the first one, from a key pressed twice, is none."""
        if self._is_answered:
            return AwaitComplete()
        self._is_answered = True
        # What it has asked for is to be shown nowhere any more: its parts go before it does.
        self.workers.cancel_node(self)
        return super().dismiss(result)

    def compose(self) -> ComposeResult:
        """The alarm as it stands below, the modal's own content, its keys; all of them from the first frame on."""
        alarm, footer = AlarmBar(), FooterBar()
        for standing in self.app.screen_stack[0].query(AlarmBar):
            alarm.show_as(standing)
        for header in self.app.screen_stack[0].query(HeaderBar):
            footer.show_hidden_strays(header.hidden_strays)
        footer.show_keys(self.footer_keys())
        yield alarm
        yield from self.compose_content()
        yield footer

    def compose_content(self) -> ComposeResult:
        """What stands between alarm and footer; each modal's own."""
        yield from ()

    def on_screen_resume(self) -> None:
        """The alarm stands above everything, on every screen."""
        self.post_message(self.Shown())
        # The screen's own handler, which is still to come, gives the focus.
        self.call_next(self._takes_keys.set)

    def run_ended(self) -> None:
        """A run of some pane is over; for those who show what it may have changed."""

    def footer_keys(self) -> tuple[FooterKey, ...]:
        """What the footer shows."""
        return self.KEYS

    @on(FooterBar.ActionRequested)
    async def _footer_pressed(self, event: FooterBar.ActionRequested) -> None:
        event.stop()
        await self.run_action(event.action)

    def on_click(self, event: events.Click) -> None:
        """A click outside leaves."""
        if event.widget is self:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Gives no answer."""
        self.dismiss(None)
