"""What can be done with the programs that are looked into, besides their databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memdb_tui.errors import MemdbError
from memdb_tui.model import Connection, ConnectionId, Program, ProgramState
from memdb_tui.ui.flows.copies import NO_PROGRAM
from memdb_tui.ui.wording import count, printable

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench

NONE_WAITS = "No program waits in inspect()."


async def show_opening(workbench: Workbench, connection: Connection | None) -> None:
    """Shows the stack that opened a connection, with the source; a word where there is none."""
    from memdb_tui.ui.screens.source import SourceScreen  # noqa: PLC0415 - not on the first screen

    if connection is None or connection.origin is None or not connection.origin.stack:
        words = "Where this connection was opened is not known." if connection else "No connection is chosen."
        workbench.app.notify(words, severity="warning")
        return
    await workbench.app.push_screen_wait(
        SourceScreen(f"{connection.id} was opened here", connection.origin.stack, connection.origin.opener)
    )


async def show_waiting(workbench: Workbench) -> None:
    """Shows the stack of the program that waits, with the source; a word where none waits."""
    from memdb_tui.ui.screens.source import SourceScreen  # noqa: PLC0415 - not on the first screen

    program = next((each for each in _waiting(workbench) if each.waiting_stack), None)
    if program is None:
        workbench.app.notify(NONE_WAITS, severity="warning")
        return
    await workbench.app.push_screen_wait(
        SourceScreen(f"{program.name} waits here", program.waiting_stack, program.waiting_place)
    )


async def rescan(workbench: Workbench) -> None:
    """Looks for connections older than our arrival in every process, and says how many there were."""
    hub = workbench.bridge.hub
    if hub is None:
        workbench.app.notify(NO_PROGRAM, severity="warning")
        return
    found = 0
    for session in hub.sessions():
        try:
            found += await session.rescan()
        except MemdbError as error:
            workbench.app.notify(f"{error} {error.hint}".strip(), severity="error")
    workbench.app.notify(f"{count(found, 'older connection')} found.", title="Searched the programs' memory")


async def go_on(workbench: Workbench) -> None:
    """Lets every program go on that waits in `inspect()`; says so where none does."""
    hub, waiting = workbench.bridge.hub, _waiting(workbench)
    if hub is None or not waiting:
        workbench.app.notify(NONE_WAITS, severity="warning")
        return
    for program in waiting:
        session, _ = hub.session_of(ConnectionId(f"{program.id}."))
        await session.resume()
        workbench.app.notify(f"{printable(program.name)} goes on.")


def _waiting(workbench: Workbench) -> list[Program]:
    snapshot = workbench.snapshot
    return [] if snapshot is None else [each for each in snapshot.programs if each.state is ProgramState.WAITING]
