"""What each action of the table does, in a class for each part of the screen that it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memdb_tui.model import is_of_program
from memdb_tui.ui.flows.commands.application import ApplicationCommands
from memdb_tui.ui.flows.commands.connections import ConnectionCommands
from memdb_tui.ui.flows.commands.files import FileCommands
from memdb_tui.ui.flows.commands.panes import PaneCommands
from memdb_tui.ui.flows.commands.programs import ProgramCommands
from memdb_tui.ui.flows.commands.sql import SqlCommands

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench


class Commands:
    """Does actions by their ids: each is a method of one of these.

    Args:
        workbench: The screen they act on.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self.sql = SqlCommands(workbench)
        self.connections = ConnectionCommands(workbench)
        self.panes = PaneCommands(workbench)
        self.files = FileCommands(workbench)
        self.programs = ProgramCommands(workbench)
        self.application = ApplicationCommands(workbench)

    def do(self, action: str) -> None:
        """Does an action by its id; one that is not known does nothing."""
        if action.startswith("_"):
            return
        for part in (self.sql, self.connections, self.panes, self.files, self.programs, self.application):
            method = getattr(part, action, None)
            if method is not None:
                method()
                return

    def refused(self) -> frozenset[str]:
        """The actions that would now be refused: for want of a pane, or as changes to a program's connection."""
        refused = set()
        pane = self._workbench.panes.active
        if pane is None:
            refused.add("new_connection")
        elif pane.connection_id is not None and is_of_program(pane.connection_id):
            refused |= {"new_connection", "close_connection"}
        cache_map = self._workbench.lower.cache_map
        if cache_map.has_focus and cache_map.pointed_at is not None:
            refused.discard("close_connection")
            if is_of_program(cache_map.pointed_at):
                refused.add("close_connection")
        return frozenset(refused)
