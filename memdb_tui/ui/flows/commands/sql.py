"""What is done with SQL and its results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memdb_tui.model import ConnectionId

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench


class SqlCommands:
    """A method for each action on what a pane runs and shows.

    Args:
        workbench: The screen they act on.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def run_statement(self) -> None:
        """Runs the selection, else the statement under the cursor."""
        if (pane := self._workbench.panes.active) is not None:
            pane.editor.action_run_statement()

    def run_all(self) -> None:
        """Runs everything in the editor."""
        if (pane := self._workbench.panes.active) is not None:
            pane.editor.action_run_all()

    def stop(self) -> None:
        """Stops what the pane runs; with nothing to stop, a second press asks to quit."""
        pane = self._workbench.panes.active
        if pane is not None and pane.is_running:
            self._workbench.flow(self._workbench.running.stop(pane))
        elif self._workbench.settings.is_second_press(self._workbench.bridge.now()):
            self._workbench.commands.application.quit(is_asked=True)
        else:
            program = self._workbench.program
            running = program.name if program is not None and program.is_running else ""
            words = f"{running} runs on: ^C after Enter on Output interrupts it" if running else "Nothing runs"
            self._workbench.app.notify(f"{words}. ^C again asks to quit.", timeout=4 if running else 2)

    def lock_help(self) -> None:
        """Puts the focus on the lock message, whose keys lead out."""
        if (pane := self._workbench.panes.active) is not None and pane.message.display:
            # At once, where focus() waits its turn: the next key may be on its way already.
            self._workbench.set_focus(pane.message)

    def go_to_holder(self) -> None:
        """From a lock message to the connection that can hold the lock."""
        if (holder := self._holder()) is not None:
            self._workbench.flow(self._workbench.navigation.go_to_connection(holder))

    def commit_holder(self) -> None:
        """Commits the connection that can hold the lock."""
        if (holder := self._holder()) is not None:
            self._workbench.flow(self._workbench.running.transact(holder, "COMMIT", None))

    def retry(self) -> None:
        """Runs again what met the lock."""
        pane = self._workbench.panes.active
        if pane is not None and self._workbench.navigation.is_locked(pane):
            self._workbench.flow(self._workbench.running.retry(pane))
        else:
            self._workbench.app.notify("What this pane ran last met no lock.", severity="warning")

    def _holder(self) -> ConnectionId | None:
        """The connection that can hold the lock that the active pane met; else a word says that there is none."""
        holder = self._workbench.navigation.holder(self._workbench.panes.active)
        if holder is None:
            self._workbench.app.notify("This pane met no lock whose holder is known.", severity="warning")
        return holder

    def commit(self) -> None:
        """Commits the pane's transaction."""
        self._transact("COMMIT")

    def roll_back(self) -> None:
        """Rolls the pane's transaction back."""
        self._transact("ROLLBACK")

    def _transact(self, action: str) -> None:
        pane = self._workbench.panes.active
        if pane is not None and pane.connection_id is not None:
            self._workbench.flow(self._workbench.running.transact(pane.connection_id, action, pane))

    def undo(self) -> None:
        """Takes back the last edit."""
        if (pane := self._workbench.panes.active) is not None:
            pane.editor.undo()

    def open_cell(self) -> None:
        """Shows the whole value under the grid's cursor."""
        if (pane := self._workbench.panes.active) is not None:
            pane.grid.action_open_cell()

    def copy_cell(self) -> None:
        """Copies the value under the grid's cursor."""
        self._copy("cell")

    def copy_row(self) -> None:
        """Copies the row under the grid's cursor."""
        self._copy("row")

    def copy_result(self) -> None:
        """Copies the whole result."""
        self._copy("result")

    def _copy(self, scope: str) -> None:
        if (pane := self._workbench.panes.active) is not None:
            self._workbench.flow(self._workbench.copying.copy(pane, scope))

    def find_tables(self) -> None:
        """Shows tables, views and columns of the pane's database."""
        if (pane := self._workbench.panes.active) is not None:
            self._workbench.flow(self._workbench.navigation.find_tables(pane))
