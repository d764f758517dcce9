"""What is done with files that appear, strays first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench


class FileCommands:
    """A method for each action on files.

    Args:
        workbench: The screen they act on.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def why(self) -> None:
        """Explains the newest stray, else the connection under the cursor, else the active pane's."""
        alarms = self._workbench.strays.alarms
        if alarms:
            self._workbench.flow(self.fix(alarms[0].path))
        elif (connection := self._workbench.navigation.connection_at_hand()) is not None:
            self._workbench.flow(self._workbench.commands.connections.explain(connection))
        else:
            self._workbench.app.notify("Choose a connection in Connections, or open a pane.", title="Why what?")

    async def fix(self, path: str) -> None:
        """Explains a stray; opens the corrected string where that is wanted."""
        entry = self._workbench.strays.entry(path)
        if entry is None:
            return
        string = await self._workbench.strays.explain(entry)
        if string:
            await self._workbench.open_pane(string)

    def dismiss_alarm(self) -> None:
        """Hides the alarm of the stray it shows; the next one's comes up."""
        for entry in self._workbench.strays.alarms[:1]:
            self._workbench.strays.dismiss(entry.path)
        self._workbench.show_alarms()

    def remove_stray(self) -> None:
        """Asks whether to remove the stray under the cursor, else the newest."""
        path = self._workbench.navigation.stray_at_hand(self._workbench.strays.alarms)
        if path is not None:
            self._workbench.flow(self._workbench.strays.remove(path))

    def show_others(self) -> None:
        """Lists or folds the files that are not SQLite's."""
        self._workbench.lower.toggle_others()
        if self._workbench.files is not None:
            self._workbench.lower.show_files(self._workbench.files, self._workbench.bridge.now())
