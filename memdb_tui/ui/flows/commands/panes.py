"""What is done with panes and regions of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memdb_tui.model import ConnectionId, is_of_program

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench
    from memdb_tui.ui.widgets.database_pane import DatabasePane


class PaneCommands:
    """A method for each action on panes and regions.

    Args:
        workbench: The screen they act on.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def close_pane(self) -> None:
        """Closes the active pane, and its connection where no other pane runs on it."""
        if (pane := self._workbench.panes.active) is not None:
            self._workbench.flow(self._close_pane(pane))

    async def _close_pane(self, pane: DatabasePane) -> None:
        workbench, wanted = self._workbench, pane.connection_id
        closes = workbench.commands.connections.close_one
        if wanted is not None and self._goes_with(pane, wanted) and not await closes(wanted):
            return
        await workbench.panes.remove_pane(pane)
        workbench.arrangement.leave_zoom()
        if workbench.panes.active is None:
            workbench.focus_first()
        workbench.showing.show_panes()

    def _goes_with(self, pane: DatabasePane, connection: ConnectionId) -> bool:
        """Whether a connection has no other pane, and is this session's to close."""
        snapshot, panes = self._workbench.snapshot, self._workbench.panes.panes
        is_known = snapshot is not None and snapshot.connection(connection) is not None
        is_shared = any(other.connection_id == connection for other in panes if other is not pane)
        return is_known and not is_shared and not is_of_program(connection)

    def relabel_pane(self) -> None:
        """Asks for another label."""
        if (pane := self._workbench.panes.active) is not None:
            self._workbench.flow(self._workbench.settings.relabel(pane))

    def zoom(self) -> None:
        """The region with the focus alone, or all again."""
        self._workbench.arrangement.toggle_zoom()
        self._workbench.showing.show_panes()

    def leave_zoom(self) -> None:
        """All regions again."""
        if self._workbench.arrangement.leave_zoom():
            self._workbench.showing.show_panes()

    def move_pane_left(self) -> None:
        """Swaps the active pane with the one before it."""
        self._workbench.panes.move_active(-1)

    def move_pane_right(self) -> None:
        """Swaps the active pane with the one after it."""
        self._workbench.panes.move_active(1)

    def pane_menu(self) -> None:
        """Everything that can be done with the active pane."""
        self._workbench.flow(self._workbench.navigation.pane_menu())

    def jump(self) -> None:
        """Shows a label on every pane and control; while keys go to a program, takes them back."""
        output = self._workbench.output
        if output is not None and output.is_typing:
            output.view.stop_typing()
        else:
            self._workbench.flow(self._workbench.navigation.jump())
