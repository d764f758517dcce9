"""What is done with databases and the connections to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memdb_tui.model import Connection, ConnectionId, is_of_program

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench


_THE_PROGRAMS = "{} belongs to the program: only the program changes or closes it."


class ConnectionCommands:
    """A method for each action on databases and connections.

    Args:
        workbench: The screen they act on.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

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

    def choose_mode(self) -> None:
        """Asks when transactions are to begin."""
        if (connection := self._own_connection()) is not None and self._workbench.snapshot is not None:
            self._workbench.flow(self._workbench.settings.choose_mode(connection, self._workbench.snapshot.facts))

    def choose_lock_wait(self) -> None:
        """Asks how long to wait for locks."""
        if (connection := self._own_connection()) is not None:
            self._workbench.flow(self._workbench.settings.choose_lock_wait(connection))

    def explain_connection(self) -> None:
        """Prediction against observation, for the connection under the cursor, else the active pane's."""
        connection = self._workbench.navigation.connection_at_hand()
        if connection is not None:
            self._workbench.flow(self.explain(connection))

    async def explain(self, connection: Connection) -> None:
        """Prediction against observation; opens the corrected string where that is wanted."""
        string = await self._workbench.strays.explain_connection(connection)
        if string:
            await self._workbench.open_pane(string)

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
