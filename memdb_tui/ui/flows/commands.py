"""What each action of the table does, in the table's order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memdb_tui.model import Connection, ConnectionId, CreatedBy, is_of_program
from memdb_tui.ui.flows.copies import NO_PROGRAM, go_on, rescan
from memdb_tui.ui.theme import THEMES

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench
    from memdb_tui.ui.widgets.database_pane import DatabasePane

_THE_PROGRAMS = "{} belongs to the program: only the program changes or closes it."


class Commands:
    """A method for each action, under the action's id.

    Args:
        workbench: The screen they act on.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._is_leaving = False

    def do(self, action: str) -> None:
        """Does an action by its id; one that is not known does nothing."""
        method = None if action.startswith("_") else getattr(self, action, None)
        if method is not None:
            method()

    def refused(self) -> frozenset[str]:
        """The actions that would now be refused, since they would change a connection of the program."""
        refused = set()
        pane = self._workbench.panes.active
        if pane is not None and pane.connection_id is not None and is_of_program(pane.connection_id):
            refused |= {"new_connection", "close_connection"}
        cache_map = self._workbench.lower.cache_map
        if cache_map.has_focus and cache_map.pointed_at is not None:
            refused.discard("close_connection")
            if is_of_program(cache_map.pointed_at):
                refused.add("close_connection")
        return frozenset(refused)

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
            self.quit(is_asked=True)
        else:
            self._workbench.app.notify("Nothing runs. ^C again asks to quit.", timeout=2)

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

    def choose_mode(self) -> None:
        """Asks when transactions are to begin."""
        if (connection := self._own_connection()) is not None and self._workbench.snapshot is not None:
            self._workbench.flow(self._workbench.settings.choose_mode(connection, self._workbench.snapshot.facts))

    def choose_lock_wait(self) -> None:
        """Asks how long to wait for locks."""
        if (connection := self._own_connection()) is not None:
            self._workbench.flow(self._workbench.settings.choose_lock_wait(connection))

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

    def open_database(self) -> None:
        """Asks what to open, and opens it in a pane of its own."""
        if self._workbench.has_room() and self._workbench.host_life.has_host():
            self._workbench.flow(self._ask_and_open())

    async def _ask_and_open(self) -> None:
        for argument in await self._workbench.opening.ask():
            await self._workbench.open_pane(argument)

    def new_connection(self) -> None:
        """Asks for the way, and opens one more connection to the pane's database."""
        if self._workbench.host_life.has_host() and (connection := self._own_connection()) is not None:
            self._workbench.flow(self._open_another(connection.id, has_engine=bool(connection.engine)))

    async def _open_another(self, like: ConnectionId, *, has_engine: bool) -> None:
        await self._workbench.opening.another(like, has_engine=has_engine, pane=self._workbench.panes.active)
        self._workbench.showing.show_panes()

    def choose_connection(self) -> None:
        """Asks which connection the pane's SQL runs on."""
        if (pane := self._workbench.panes.active) is not None and self._workbench.snapshot is not None:
            self._workbench.flow(self._workbench.navigation.choose_connection(pane, self._workbench.snapshot))

    def open_connection(self) -> None:
        """To the pane of the connection chosen in the Connections pane."""
        if self._workbench.lower.cache_map.has_focus:
            self._workbench.lower.cache_map.action_choose()
        else:
            self._workbench.app.notify("Choose a connection in Connections first.", severity="warning")

    def close_connection(self) -> None:
        """Closes the connection chosen in the Connections pane, else the active pane's."""
        if self._workbench.lower.cache_map.has_focus:
            self._workbench.lower.cache_map.action_close_connection()
        elif (connection := self._own_connection()) is not None:
            self._workbench.flow(self.close_one(connection.id))

    async def close_one(self, wanted: ConnectionId) -> bool:
        """Closes a connection, after a question where something would be lost; True when it was closed."""
        if self._workbench.snapshot is None:
            return True
        if is_of_program(wanted):
            self._workbench.app.notify(_THE_PROGRAMS.format(wanted), severity="warning")
            return False
        closed = await self._workbench.closing.close_connection(wanted, self._workbench.snapshot)
        if closed:
            for pane in self._workbench.panes.panes:
                if pane.connection_id == wanted:
                    pane.connection_id = None
                    pane.show_problem(f"{wanted} was closed.", "Choose another connection above, or close this pane.")
            self._workbench.showing.show_panes()
        return closed

    def close_pane(self) -> None:
        """Closes the active pane, and its connection where no other pane runs on it."""
        if (pane := self._workbench.panes.active) is not None:
            self._workbench.flow(self._close_pane(pane))

    async def _close_pane(self, pane: DatabasePane) -> None:
        wanted = pane.connection_id
        shared = any(other.connection_id == wanted for other in self._workbench.panes.panes if other is not pane)
        snapshot = self._workbench.snapshot
        known = snapshot is not None and wanted is not None and snapshot.connection(wanted) is not None
        known = known and wanted is not None and not is_of_program(wanted)
        if known and wanted is not None and not shared and not await self.close_one(wanted):
            return
        await self._workbench.panes.remove_pane(pane)
        self._workbench.showing.show_panes()

    def relabel_pane(self) -> None:
        """Asks for another label."""
        if (pane := self._workbench.panes.active) is not None:
            self._workbench.flow(self._workbench.settings.relabel(pane))

    def zoom_pane(self) -> None:
        """The active pane alone, or all again."""
        self._workbench.panes.toggle_zoom()
        self._workbench.show_zoom()

    def leave_zoom(self) -> None:
        """All panes again."""
        if self._workbench.panes.leave_zoom():
            self._workbench.show_zoom()

    def move_pane_left(self) -> None:
        """Swaps the active pane with the one before it."""
        self._workbench.panes.move_active(-1)

    def move_pane_right(self) -> None:
        """Swaps the active pane with the one after it."""
        self._workbench.panes.move_active(1)

    def pane_menu(self) -> None:
        """Everything that can be done with the active pane."""
        self._workbench.flow(self._workbench.navigation.pane_menu())

    def why(self) -> None:
        """Explains the newest stray, else the connection under the cursor, else the active pane's."""
        alarms = self._workbench.strays.alarms
        if alarms:
            self._workbench.flow(self.fix(alarms[0].path))
        elif (connection := self._workbench.navigation.connection_at_hand()) is not None:
            self._workbench.flow(self._explain_connection(connection))
        else:
            self._workbench.app.notify("Choose a connection in Connections, or open a pane.", title="Why what?")

    def explain_connection(self) -> None:
        """Prediction against observation, for the connection under the cursor, else the active pane's."""
        connection = self._workbench.navigation.connection_at_hand()
        if connection is not None:
            self._workbench.flow(self._explain_connection(connection))

    async def _explain_connection(self, connection: Connection) -> None:
        string = await self._workbench.strays.explain_connection(connection)
        if string:
            await self._workbench.open_pane(string)

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
        self._workbench.flow(self._show_source(self._workbench.navigation.connection_at_hand()))

    async def _show_source(self, connection: Connection | None) -> None:
        from memdb_tui.ui.screens.source import SourceScreen  # noqa: PLC0415 - not on the first screen

        if connection is None or connection.origin is None or not connection.origin.stack:
            words = "Where this connection was opened is not known." if connection else "No connection is chosen."
            self._workbench.app.notify(words, severity="warning")
            return
        await self._workbench.app.push_screen_wait(
            SourceScreen(f"{connection.id} was opened here", connection.origin.stack, connection.origin.opener)
        )

    def choose_live_limit(self) -> None:
        """Asks how long live SQL may run."""
        if self._workbench.bridge.live is not None:
            self._workbench.flow(self._workbench.settings.choose_live_limit(self._workbench.bridge.live))
        else:
            self._workbench.app.notify(NO_PROGRAM, severity="warning")

    def rescan(self) -> None:
        """Searches the programs' memory for connections older than our arrival."""
        self._workbench.flow(rescan(self._workbench))

    def go_on(self) -> None:
        """Lets a program go on that waits in inspect()."""
        self._workbench.flow(go_on(self._workbench))

    def program_menu(self) -> None:
        """What concerns a program that is looked into."""
        self._workbench.flow(self._workbench.navigation.program_menu())

    def jump(self) -> None:
        """Shows a label on every pane and control."""
        self._workbench.flow(self._workbench.navigation.jump())

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

    def _own_connection(self) -> Connection | None:
        """The active pane's connection where it is this session's to change; else a word says whose it is."""
        connection = self._connection()
        if connection is not None and connection.origin is not None:
            self._workbench.app.notify(_THE_PROGRAMS.format(connection.id), severity="warning")
            return None
        return connection

    def _connection(self) -> Connection | None:
        pane = self._workbench.panes.active
        return pane.connection if pane is not None else None
