"""What is done with memdb-tui itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memdb_tui.model import CreatedBy
from memdb_tui.ui.theme import THEMES

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench


class ApplicationCommands:
    """A method for each action on the whole.

    Args:
        workbench: The screen they act on.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._is_leaving = False

    def lab(self) -> None:
        """Claims and famous bugs, run for real."""
        self._workbench.flow(self._visit_lab())

    async def _visit_lab(self) -> None:
        from memdb_tui.ui.flows.lab import visit_lab  # noqa: PLC0415 - not on the first screen

        for pane in await visit_lab(self._workbench.app):
            opened = await self._workbench.open_pane(pane.string, pane.sql)
            for _ in range(pane.connections - 1):
                if opened is not None and opened.connection_id is not None:
                    await self._workbench.bridge.session.open_another(opened.connection_id, CreatedBy.RAW)

    def app_menu(self) -> None:
        """What concerns the whole program."""
        self._workbench.flow(self._workbench.navigation.app_menu())

    def palette(self) -> None:
        """Finds an action by name."""
        self._workbench.app.action_command_palette()

    def help(self) -> None:
        """Shows keys and words."""
        from memdb_tui.ui.screens.help import HelpScreen  # noqa: PLC0415 - not on the first screen

        self._workbench.app.push_screen(HelpScreen())

    def switch_theme(self) -> None:
        """Dark to light, or back."""
        names = [theme.name for theme in THEMES]
        self._workbench.app.theme = names[(names.index(self._workbench.app.theme) + 1) % len(names)]

    def screenshot(self) -> None:
        """Saves what is on the screen as SVG in the current folder."""
        saved = self._workbench.app.save_screenshot(path=str(Path.cwd()))
        self._workbench.app.notify(f"Saved {saved}", title="Screenshot")

    def suspend(self) -> None:
        """Stops the program as the shell's ^Z does; `fg` goes on."""
        self._workbench.app.action_suspend_process()

    def quit(self, *, is_asked: bool = False) -> None:
        """Leaves, after a question where something would be lost, or where the way of asking could be a slip."""
        if not self._is_leaving:
            self._is_leaving = True
            self._workbench.flow(self._quit(is_asked=is_asked))

    async def _quit(self, *, is_asked: bool) -> None:
        try:
            if await self._may_quit(is_asked=is_asked):
                self._workbench.app.exit()
        finally:
            self._is_leaving = False

    async def _may_quit(self, *, is_asked: bool) -> bool:
        workbench = self._workbench
        if workbench.program is not None and not await workbench.program.may_quit():
            return False
        if not workbench.host_life.is_live:
            return True
        return await workbench.closing.may_quit(workbench.snapshot, is_asked=is_asked)
