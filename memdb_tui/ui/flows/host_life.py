"""Whether this session's host is there, and a fresh one in its place when it has died."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memdb_tui.model import is_of_program
from memdb_tui.ui.bridge import Bridge
from memdb_tui.ui.screens.choice import ChoiceScreen, Option

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench


class HostLife:
    """Knows the end of the host, and offers a fresh one.

    Args:
        workbench: The screen whose databases it held.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._end: Bridge.HostGone | None = None
        self._is_offering = False

    @property
    def is_live(self) -> bool:
        """The host is there."""
        return self._end is None

    def has_host(self) -> bool:
        """The host is there; offers a fresh one where it is not."""
        if self._end is not None and not self._is_offering:
            self._workbench.flow(self._offer_fresh_one(self._end))
        return self._end is None

    def show_end(self, end: Bridge.HostGone) -> None:
        """Shows everywhere that the host is gone, and offers a fresh one."""
        self._end = end
        self._workbench.showing.show_panes()
        self._workbench.flow(self._offer_fresh_one(end))

    async def _offer_fresh_one(self, end: Bridge.HostGone) -> None:
        self._is_offering = True
        try:
            if not await self._wants_fresh_one(end):
                return
            await self._workbench.bridge.restart()
        finally:
            self._is_offering = False
        self._end = None
        for pane in self._workbench.panes.panes:
            if pane.connection_id is None or not is_of_program(pane.connection_id):
                await self._workbench.opening.reopen(pane)
        self._workbench.showing.show_panes()

    async def _wants_fresh_one(self, end: Bridge.HostGone) -> bool:
        body = [f"The process that held the databases is gone: {end.how}. Its in-memory databases died with it."]
        if end.last_words:
            body.append("\n".join(end.last_words.splitlines()[-6:]))
        body.append("The panes keep their strings and texts; on a fresh host their databases begin empty.")
        answer = await self._workbench.app.push_screen_wait(
            ChoiceScreen(
                "The host is gone",
                [
                    Option("fresh", "Start a fresh one and open the strings again", "", "f"),
                    Option("stay", "Stay without, to copy texts", "", "s"),
                ],
                body=body,
            )
        )
        return answer is not None and answer.id == "fresh"
