"""What can be set: transaction mode, waiting for locks, how long live SQL may run, labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

from memdb_tui.model import Connection, HostFacts, TransactionMode
from memdb_tui.ui.bridge import Bridge
from memdb_tui.ui.screens.choice import ChoiceScreen, Option
from memdb_tui.ui.widgets.database_pane import DatabasePane
from memdb_tui.ui.wording import waits

if TYPE_CHECKING:
    from memdb_tui.programs.live_session import LiveSession

_SECOND_PRESS_SECONDS = 2.0
_FOREVER = 1e9

_MODES = (
    (TransactionMode.AUTOCOMMIT, "a", "each statement commits itself unless BEGIN was typed"),
    (TransactionMode.LEGACY, "s", "an unseen BEGIN before a write: what SQLAlchemy's users get"),
    (TransactionMode.MANUAL, "m", "a transaction is always open (PEP 249)"),
)
_WAITS = (
    (0.0, "n", "give up at once"),
    (1.0, "1", ""),
    (5.0, "5", "sqlite3's own default"),
    (30.0, "3", ""),
    (_FOREVER, "u", "^C stops it"),
)
_LIVE_LIMITS = ((20, "hardly felt"), (100, "the default"), (500, ""), (2000, "the program may stand still"))
_ABOUT_LIVE = (
    "While a live statement is in a step it holds the cache, and the program's statements on that database wait. "
    "What takes longer runs on a copy."
)
_ABOUT_WAITING = (
    "SQLite's own busy timeout is 0 here: waiting is a retry of ours, which ^C stops. In a shared cache SQLite gives "
    "up at once, so there it is off unless you turn it on."
)


class Settings:
    """Asks for a setting and makes it so.

    Args:
        app: Where questions are asked.
        bridge: The way to the host.
    """

    def __init__(self, app: App[object], bridge: Bridge) -> None:
        self._app = app
        self._bridge = bridge
        self._pressed_at = float("-inf")

    def is_second_press(self, now: float) -> bool:
        """^C twice in a short time means to quit."""
        is_second = now - self._pressed_at < _SECOND_PRESS_SECONDS
        self._pressed_at = now
        return is_second

    async def choose_mode(self, connection: Connection, facts: HostFacts) -> None:
        """Asks when transactions are to begin."""
        options = []
        for mode, key, detail in _MODES:
            if mode is TransactionMode.MANUAL and not facts.has_manual_mode:
                continue
            words = f"{mode.value} (now)" if mode is connection.mode else mode.value
            options.append(Option(mode.value, words, detail, key))
        body = () if facts.has_manual_mode else ("autocommit=False needs Python 3.12 or later.",)
        answer = await self._app.push_screen_wait(
            ChoiceScreen(f"Transactions of {connection.id}", options, body=body)
        )
        if answer is not None:
            await self._bridge.session.set_mode(connection.id, TransactionMode(answer.id))

    async def choose_lock_wait(self, connection: Connection) -> None:
        """Asks how long a statement tries again when it meets a lock."""
        options = [
            Option(
                str(seconds),
                waits(seconds) + (" (now)" if seconds == connection.lock_wait_seconds else ""),
                detail,
                key,
            )
            for seconds, key, detail in _WAITS
        ]
        answer = await self._app.push_screen_wait(
            ChoiceScreen(
                f"How long {connection.id} waits for a lock",
                options,
                body=(_ABOUT_WAITING,),
            )
        )
        if answer is not None:
            await self._bridge.session.set_lock_wait(connection.id, float(answer.id))

    async def choose_live_limit(self, live: LiveSession) -> None:
        """Asks how long a live statement may hold a program up."""
        options = [
            Option(str(ms), f"{ms:,} ms" + (" (now)" if ms == live.milliseconds else ""), detail)
            for ms, detail in _LIVE_LIMITS
        ]
        answer = await self._app.push_screen_wait(
            ChoiceScreen("How long live SQL may run", options, body=(_ABOUT_LIVE,))
        )
        if answer is not None:
            live.milliseconds = int(answer.id)

    async def relabel(self, pane: DatabasePane) -> None:
        """Asks for another label."""
        from memdb_tui.ui.screens.text_input import TextInputScreen  # noqa: PLC0415 - not on the first screen

        label = await self._app.push_screen_wait(
            TextInputScreen(
                "Relabel this pane", value=pane.label, notes=("Only the label: the database keeps its name.",)
            )
        )
        if label and label.strip():
            pane.show_label(label.strip())
