"""Copies of a program's databases: taken, refreshed, compared; and the way to whatever can show a database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from memdb_tui.errors import MemdbError
from memdb_tui.frozen import dataclass
from memdb_tui.model import Connection, ConnectionId, CopyState, ProgramState, TransactionState, is_of_program
from memdb_tui.ui.screens.choice import ChoiceScreen, Option
from memdb_tui.ui.wording import age, clock_time, count, printable, size

if TYPE_CHECKING:
    from memdb_tui.programs.program_session import CopyImage
    from memdb_tui.ui.screens.workbench import Workbench
    from memdb_tui.ui.widgets.database_pane import DatabasePane

_MOST_SECONDS = 3600
"""A copy is waited for until the user has had enough."""
_SEEN_SECONDS = 0.3
"""A copy that takes longer is waited for in sight."""
NO_PROGRAM = "This session looks into no program: memdb-tui run, memdb-tui attach and inspect() do."
"""What is said where a program is needed and there is none."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a copy came from."""

    connection: ConnectionId
    name: str
    taken_at: float


class Copies:
    """Takes copies, keeps where they came from.

    Args:
        workbench: The screen they are shown on.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._sources: dict[ConnectionId, _Source] = {}

    def taken_at(self, copy: ConnectionId) -> float | None:
        """When a copy was taken, as it is shown; None for what is none."""
        source = self._sources.get(copy)
        return None if source is None else min(source.taken_at, self._workbench.bridge.now())

    def age_of(self, copy: ConnectionId) -> str:
        """How old a copy is, in words; empty for what is none."""
        source = self._sources.get(copy)
        return "" if source is None else f"{age(self._workbench.bridge.now() - source.taken_at)} old"

    async def open_database_of(self, connection: Connection, *, is_asked: bool = True) -> None:
        """Shows the database of a program's connection in a pane: live, as a copy, or as the file it is."""
        origin = connection.origin
        if origin is None:
            return
        if origin.reading is CopyState.FILE:
            path = next((schema.file for schema in connection.schemas if schema.name == "main"), "")
            if path:
                await self._workbench.open_pane(f"sqlite:///{path}")
            return
        if origin.reading is CopyState.PRIVATE:
            await self.copy(connection, is_asked=is_asked)
            return
        await self._workbench.open_pane_on(connection.id, self._name_of(connection))

    async def copy(self, connection: Connection | None, *, is_asked: bool = True) -> None:
        """Copies the database of a program's connection into a pane of its own.

        Args:
            connection: Of the program.
            is_asked: The user wants it now; else it is shown without a word about it.
        """
        if connection is None or connection.origin is None:
            self._workbench.app.notify(NO_PROGRAM, severity="warning")
            return
        taken = await self._take(connection.id, self._name_of(connection), replaces=None, is_asked=is_asked)
        if taken is not None:
            await self._workbench.open_pane_on(taken, f"copy of {self._name_of(connection)}")

    async def refresh(self, pane: DatabasePane | None) -> None:
        """Takes a pane's copy again."""
        source = self._sources.get(pane.connection_id or ConnectionId("")) if pane is not None else None
        if pane is None or pane.connection_id is None or source is None:
            self._workbench.app.notify("This pane shows no copy.", severity="warning")
            return
        taken = await self._take(source.connection, source.name, replaces=pane.connection_id)
        if taken is None:
            return
        old, pane.connection_id = pane.connection_id, taken
        if old != taken:
            self._sources.pop(old, None)
        self._workbench.showing.show_panes()
        self._workbench.flow(self._workbench.navigation.learn_tables(pane))

    async def compare(self) -> None:
        """Asks for two copies, and shows in what they differ."""
        from memdb_tui.ui.screens.comparison import ComparisonScreen  # noqa: PLC0415 - not on the first screen

        snapshot = self._workbench.snapshot
        here = [c for c in snapshot.connections if not is_of_program(c.id)] if snapshot is not None else []
        chosen: list[ConnectionId] = []
        for words in ("Compare which database?", "With which other?"):
            options = [
                Option(c.id, c.id, printable(self._words_of(c)), str(n) if n < 10 else "")  # noqa: PLR2004 - digits
                for n, c in enumerate((c for c in here if c.id not in chosen), start=1)
            ]
            if not options:
                self._workbench.app.notify(
                    "Two databases of this session are needed: copy the program's twice, or copy and open another.",
                    severity="warning",
                )
                return
            answer = await self._workbench.app.push_screen_wait(ChoiceScreen(words, options))
            if answer is None:
                return
            chosen.append(ConnectionId(answer.id))
        first, second = chosen
        comparison = await self._workbench.bridge.session.compare(first, second)
        await self._workbench.app.push_screen_wait(
            ComparisonScreen(self._title_of(first), self._title_of(second), comparison)
        )

    async def _take(
        self, connection: ConnectionId, name: str, *, replaces: ConnectionId | None, is_asked: bool = True
    ) -> ConnectionId | None:
        """A copy opened in this session's host; None where the user would not wait."""
        hub = self._workbench.bridge.hub
        if hub is None:
            return None
        session, there = hub.session_of(connection)
        image = await self._wait(asyncio.create_task(session.copy(there, seconds=_MOST_SECONDS)), connection)
        if image is None:
            return None
        label = f"copy of {name} ({connection}) taken {clock_time(image.taken_at)}"
        opened = await self._workbench.bridge.session.open_copy(
            image.data, label=label, taken_at=image.taken_at, replaces=replaces
        )
        if opened.connection is None:
            return None
        self._sources[opened.connection] = _Source(connection, name, image.taken_at)
        if is_asked:
            self._workbench.app.notify(f"{size(len(image.data))}, by {image.how}.", title=f"Copied {printable(name)}")
        return opened.connection

    async def _wait(self, task: asyncio.Task[CopyImage], connection: ConnectionId) -> CopyImage | None:
        """The copy; while it does not come, a word says for whom it waits, and a way to stop waiting."""
        try:
            done, _ = await asyncio.wait([task], timeout=_SEEN_SECONDS)
            if not done and not await self._wait_in_sight(task, connection):
                return None
            return None if task.cancelled() else task.result()
        finally:
            # Also where the session ends meanwhile: nobody else would hear what has become of it.
            await _call_off(task)

    async def _wait_in_sight(self, task: asyncio.Task[CopyImage], connection: ConnectionId) -> bool:
        """Whether it came before the user would not wait any longer."""
        screen = ChoiceScreen(
            f"Copying the database of {connection}",
            [Option("stop", "Stop waiting", "nothing is changed in the program", "n")],
            body=(self._waiting_words(connection),),
        )
        answer = asyncio.create_task(self._ask(screen))
        try:
            await asyncio.wait([task, answer], return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                return False
            if screen.is_attached:
                screen.dismiss(None)
            await asyncio.wait([answer])
        finally:
            await _call_off(answer)
        return True

    async def _ask(self, screen: ChoiceScreen) -> None:
        # A screen is waited for by a worker alone; this is a task beside one.
        gone = asyncio.Event()
        self._workbench.app.push_screen(screen, lambda _answer: gone.set())
        await gone.wait()

    def _waiting_words(self, connection: ConnectionId) -> str:
        found = self._workbench.snapshot.connection(connection) if self._workbench.snapshot is not None else None
        if found is not None and found.origin is not None and found.origin.reading is CopyState.PRIVATE:
            thread = found.thread or "the one that opened it"
            words = (
                f"Only its own thread can hand it out: waiting for thread {thread}. That is when it next opens a "
                "connection; with --trace, at its next statement."
            )
            apart = self.is_apart(found)
            return f"{words} {apart}" if apart else words
        if found is not None and (writers := self._in_transaction(found)):
            return (
                f"What is not committed is not copied: it waits until {' and '.join(writers)} ends its transaction. "
                "Live SQL (Enter on the connection) reads it now."
            )
        return "The database is read in small steps, so that the program goes on meanwhile."

    def is_apart(self, connection: Connection) -> str:
        """Why a program that waits in `inspect()` cannot hand out a private database now; empty where it can."""
        origin, snapshot = connection.origin, self._workbench.snapshot
        program = snapshot.program(origin.process) if origin is not None and snapshot is not None else None
        if program is None or program.state is not ProgramState.WAITING:
            return ""
        waiting = program.waiting_thread
        if not waiting or not connection.thread or waiting == connection.thread:
            return ""
        return (
            f"It is {waiting} that waits in inspect(): thread {connection.thread} comes by only if it runs on by "
            "itself. One of aiosqlite's gets nothing to do while the event loop stands still."
        )

    def _in_transaction(self, connection: Connection) -> list[ConnectionId]:
        """The program's connections to the same cache that are in a transaction, which may have written."""
        snapshot = self._workbench.snapshot
        cache = snapshot.cache_of(connection.id) if snapshot is not None else None
        if snapshot is None or cache is None:
            return []
        members = (snapshot.connection(member.connection) for member in cache.members)
        return [each.id for each in members if each is not None and each.transaction is TransactionState.OPEN]

    def _name_of(self, connection: Connection) -> str:
        snapshot = self._workbench.snapshot
        cache = snapshot.cache_of(connection.id) if snapshot is not None else None
        return cache.name if cache is not None and cache.name else connection.id

    def _words_of(self, connection: Connection) -> str:
        source = self._sources.get(connection.id)
        return connection.string if source is None else f"{connection.string}, {self.age_of(connection.id)}"

    def _title_of(self, connection: ConnectionId) -> str:
        source = self._sources.get(connection)
        return connection if source is None else f"{source.name} at {clock_time(source.taken_at)}"


async def _call_off(task: asyncio.Task[Any]) -> None:
    """End a task that may be over already, and hear what became of it: of what nobody hears asyncio complains."""
    if task.cancel():
        await asyncio.wait([task])
    if not task.cancelled():
        task.exception()


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
    hub, snapshot = workbench.bridge.hub, workbench.snapshot
    waiting = [p for p in snapshot.programs if p.state is ProgramState.WAITING] if snapshot is not None else []
    if hub is None or not waiting:
        workbench.app.notify("No program waits in inspect().", severity="warning")
        return
    for program in waiting:
        session, _ = hub.session_of(ConnectionId(f"{program.id}."))
        await session.resume()
        workbench.app.notify(f"{printable(program.name)} goes on.")
