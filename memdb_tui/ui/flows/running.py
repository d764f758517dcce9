"""From a run key to rows on the screen, and the ways out of a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App

from memdb_tui.errors import HostGoneError, MemdbError
from memdb_tui.frozen import dataclass
from memdb_tui.model import ConnectionId, Run, RunId, RunState, StatementFailure
from memdb_tui.ui.bridge import Bridge
from memdb_tui.ui.screens.choice import ChoiceScreen, Option
from memdb_tui.ui.widgets.database_pane import DatabasePane

if TYPE_CHECKING:
    from memdb_tui.programs.live_session import LiveSession


@dataclass(frozen=True, slots=True)
class Request:
    """What a pane ran last, to run it again."""

    sql: str
    line: int
    column: int


class Running:
    """Runs SQL for panes.

    Args:
        app: Where something is said that no pane can say.
        bridge: The way to the host.
    """

    def __init__(self, app: App[object], bridge: Bridge) -> None:
        self._app = app
        self._bridge = bridge
        self._last: dict[DatabasePane, Request] = {}

    async def run(self, pane: DatabasePane, request: Request) -> None:
        """Runs SQL on the pane's connection; returns with the first rows."""
        connection = pane.connection_id
        if not self._may_run(pane) or connection is None:
            return
        session = self._bridge.session_for(connection)
        self._last[pane] = request
        before = pane.run_shown
        run_id = self._bridge.new_run()
        pane.begin_run(self._begun(run_id, connection))
        try:
            answer = await session.execute(run_id, connection, request.sql, line=request.line, column=request.column)
        except MemdbError as error:
            pane.show_run(_refused(self._begun(run_id, connection), error))
            return
        pane.show_run(self._bridge.still_run(answer.run))
        if answer.window is not None:
            pane.show_window(answer.window)
        if before is not None:
            await self._bridge.session_of(before.id).release(before.id)
        if self._bridge.live is not None and self._bridge.live.may_write(answer.run):
            await self._write_live(pane, request, self._bridge.live)

    async def _write_live(self, pane: DatabasePane, request: Request, live: LiveSession) -> None:
        """Asks before anything is written into a program's database, and writes it."""
        connection, refused = pane.connection_id, pane.run_shown
        if connection is None or refused is None:
            return
        answer = await self._app.push_screen_wait(
            ChoiceScreen(
                "Write into the program's database?",
                [
                    Option("no", "No, leave it as it is", "", "n"),
                    Option("yes", "Yes, run it there", "the program sees the change", "y", is_dangerous=True),
                ],
                body=(request.sql.strip(), "This statement changes data that belongs to the running program."),
            )
        )
        if answer is None or answer.id != "yes":
            return
        run_id = self._bridge.new_run()
        pane.begin_run(self._begun(run_id, connection))
        try:
            done = await live.execute(
                run_id, connection, request.sql, line=request.line, column=request.column, write=True
            )
        except MemdbError as error:
            pane.show_run(_refused(self._begun(run_id, connection), error))
            return
        pane.show_run(self._bridge.still_run(done.run))
        if done.window is not None:
            pane.show_window(done.window)
        await live.release(refused.id)

    async def retry(self, pane: DatabasePane) -> None:
        """Runs again what the pane ran last."""
        request = self._last.get(pane)
        if request is not None:
            await self.run(pane, request)

    async def stop(self, pane: DatabasePane) -> None:
        """Stops what the pane runs."""
        run = pane.run_shown
        if run is None or run.state.is_over:
            return
        pane.show_cancelling("cancelling…")
        await self._bridge.session_of(run.id).cancel(run.id)

    async def transact(self, connection: ConnectionId, action: str, pane: DatabasePane | None) -> None:
        """Commits or rolls back, and says so in a word: what the pane shows stays, but where it fails there."""
        if pane is not None and not self._may_run(pane):
            return
        session = self._bridge.session_for(connection)
        run_id = self._bridge.new_run()
        answer = await session.transact(run_id, connection, action)
        run = self._bridge.still_run(answer.run)
        if pane is not None and run.failure is not None:
            before = pane.run_shown
            pane.show_run(run)
            if before is not None:
                await session.release(before.id)
            return
        await session.release(run_id)
        if run.failure is not None:
            self._app.notify(run.failure.message, title=f"{action} of {connection} failed", severity="error")
        else:
            words = " ".join(run.notes) or f"{connection}: {action} done."
            self._app.notify(words)

    async def rows(self, request: DatabasePane.RowsRequested) -> None:
        """Fetches the rows a grid asked for."""
        area = request.area
        try:
            window = await self._bridge.session_of(request.run).window(
                request.run,
                request.result,
                first_row=area.first_row,
                row_count=area.row_count,
                first_column=area.first_column,
                column_count=area.column_count,
            )
        except MemdbError:
            # Released by a newer run, or gone with the host: the pane shows that already.
            request.pane.show_no_window()
            return
        request.pane.show_window(window)

    def _may_run(self, pane: DatabasePane) -> bool:
        if pane.connection_id is None:
            self._app.notify("This pane has no connection. ^O opens a database.", severity="warning")
            return False
        if pane.is_running:
            self._app.notify("A statement still runs here. ^C stops it.", severity="warning")
            return False
        return True

    def _begun(self, run_id: RunId, connection: ConnectionId) -> Run:
        """The run before the host has said anything."""
        now = self._bridge.now()
        return self._bridge.still_run(Run(run_id, connection, RunState.RUNNING, 0, (), 0, None, (), now, 0.0))


def _refused(run: Run, error: MemdbError) -> Run:
    """A run that the host would not begin."""
    is_gone = isinstance(error, HostGoneError)
    failure = StatementFailure(1, 1, 1, False, str(error), "", error.hint, None)
    return Run(
        run.id,
        run.connection,
        RunState.CANCELLED if is_gone else RunState.FAILED,
        1,
        (),
        0,
        None if is_gone else failure,
        (str(error),) if is_gone else (),
        run.started_at,
        0.0,
    )
