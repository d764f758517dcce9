"""What is done with a program that is looked into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memdb_tui.ui.flows import programs
from memdb_tui.ui.flows.copies import NO_PROGRAM

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench


class ProgramCommands:
    """A method for each action on programs and their databases.

    Args:
        workbench: The screen they act on.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def copy_database(self) -> None:
        """Copies a program's database into this session."""
        self._workbench.flow(self._workbench.copies.copy(self._workbench.navigation.connection_at_hand()))

    def refresh_copy(self) -> None:
        """Takes the pane's copy again."""
        self._workbench.flow(self._workbench.copies.refresh(self._workbench.panes.active))

    def compare_copies(self) -> None:
        """Shows in what two databases differ."""
        self._workbench.flow(self._workbench.copies.compare())

    def open_source(self) -> None:
        """Shows where a program opened a connection."""
        self._workbench.flow(programs.show_opening(self._workbench, self._workbench.navigation.connection_at_hand()))

    def show_waiting(self) -> None:
        """Shows where a program waits in inspect()."""
        self._workbench.flow(programs.show_waiting(self._workbench))

    def choose_live_limit(self) -> None:
        """Asks how long live SQL may run."""
        if self._workbench.bridge.live is not None:
            self._workbench.flow(self._workbench.settings.choose_live_limit(self._workbench.bridge.live))
        else:
            self._workbench.app.notify(NO_PROGRAM, severity="warning")

    def interrupt(self) -> None:
        """Interrupts the program that was started here."""
        program = self._workbench.program
        if program is None or not program.is_running:
            self._workbench.app.notify("No program runs that was started here.", severity="warning")
        else:
            program.interrupt()

    def run_again(self) -> None:
        """Starts the program again that was started here."""
        if (program := self._workbench.program) is None:
            self._workbench.app.notify("No program was started here. memdb-tui run starts one.", severity="warning")
        else:
            self._workbench.flow(program.run_again())

    def rescan(self) -> None:
        """Searches the programs' memory for connections older than our arrival."""
        self._workbench.flow(programs.rescan(self._workbench))

    def go_on(self) -> None:
        """Lets a program go on that waits in inspect()."""
        self._workbench.flow(programs.go_on(self._workbench))

    def program_menu(self) -> None:
        """What concerns a program that is looked into."""
        self._workbench.flow(self._workbench.navigation.program_menu())
