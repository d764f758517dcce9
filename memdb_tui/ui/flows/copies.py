"""Copies of a program's databases: taken, refreshed, compared; and the way to whatever can show a database."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from memdb_tui.explain import file_url
from memdb_tui.frozen import dataclass
from memdb_tui.model import Connection, ConnectionId, CopyState, ProgramState, is_of_program
from memdb_tui.ui.copy_words import copying_words, question_words
from memdb_tui.ui.screens.choice import ChoiceScreen, Chosen, Option
from memdb_tui.ui.wording import age, clock_time, printable, size, thread_words

if TYPE_CHECKING:
    from memdb_tui.programs.program_session import CopyImage
    from memdb_tui.ui.screens.workbench import Workbench
    from memdb_tui.ui.widgets.database_pane import DatabasePane

_MOST_SECONDS = 3600
"""A copy is waited for until the user has had enough."""
_SEEN_SECONDS = 0.3
"""A copy that takes longer is waited for in sight."""
_BACKGROUND = "background"
NO_PROGRAM = "This session looks into no program: memdb-tui run, memdb-tui attach and inspect() do."
"""What is said where a program is needed and there is none."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a copy came from."""

    connection: ConnectionId
    name: str
    taken_at: float


@dataclass(frozen=True, slots=True)
class _Taken:
    """A copy that has come."""

    copy: ConnectionId
    was_in_background: bool


class Copies:
    """Takes copies, keeps where they came from.

    Args:
        workbench: The screen they are shown on.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._sources: dict[ConnectionId, _Source] = {}
        self._waiting: dict[ConnectionId, asyncio.Task[CopyImage]] = {}
        """What is waited for in the background, by the program's connection."""

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
                await self._workbench.open_pane(file_url(path))
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
        if taken is None:
            return
        focused = self._workbench.focused if taken.was_in_background else None
        await self._workbench.open_pane_on(taken.copy, f"copy of {self._name_of(connection)}")
        if focused is not None:
            # Whoever does something else meanwhile goes on with it.
            focused.focus()

    def in_background(self) -> dict[ConnectionId, str]:
        """The program's connections whose copies are waited for in the background, with what each waits for."""
        return {connection: copying_words(connection, self._workbench.snapshot) for connection in self._waiting}

    def call_off(self, connection: ConnectionId) -> None:
        """Stops waiting for a copy in the background."""
        if (task := self._waiting.get(connection)) is not None:
            task.cancel()

    async def refresh(self, pane: DatabasePane | None) -> None:
        """Takes a pane's copy again."""
        source = self._sources.get(pane.connection_id or ConnectionId("")) if pane is not None else None
        if pane is None or pane.connection_id is None or source is None:
            self._workbench.app.notify("This pane shows no copy.", severity="warning")
            return
        taken = await self._take(source.connection, source.name, replaces=pane.connection_id)
        if taken is None:
            return
        old, pane.connection_id = pane.connection_id, taken.copy
        if old != taken.copy:
            self._sources.pop(old, None)
        self._workbench.showing.show_panes()
        self._workbench.flow(self._workbench.navigation.learn_tables(pane))

    async def compare(self) -> None:
        """Asks for two copies, and shows in what they differ."""
        from memdb_tui.ui.screens.comparison import ComparisonScreen  # noqa: PLC0415 - not on the first screen

        snapshot = self._workbench.snapshot
        here = [c for c in snapshot.connections if not is_of_program(c.id)] if snapshot is not None else []
        # Of two there is nothing to choose.
        chosen = [c.id for c in here] if len(here) == 2 else await self._choose_two(here)  # noqa: PLR2004 - see above
        if not chosen:
            return
        first, second = chosen
        comparison = await self._workbench.bridge.session.compare(first, second)
        await self._workbench.app.push_screen_wait(
            ComparisonScreen(self._title_of(first), self._title_of(second), comparison)
        )

    async def _choose_two(self, here: Sequence[Connection]) -> list[ConnectionId]:
        """Which two databases are to be compared; empty where there are not so many, or the user has left."""
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
                return []
            answer = await self._workbench.app.push_screen_wait(ChoiceScreen(words, options))
            if answer is None:
                return []
            chosen.append(ConnectionId(answer.id))
        return chosen

    async def _take(
        self, connection: ConnectionId, name: str, *, replaces: ConnectionId | None, is_asked: bool = True
    ) -> _Taken | None:
        """A copy opened in this session's host; None where the user would not wait."""
        hub = self._workbench.bridge.hub
        if hub is None:
            return None
        if connection in self._waiting:
            words = f"A copy of {connection} is waited for already. Enter on its line in Connections stops that."
            self._workbench.app.notify(words)
            return None
        session, there = hub.session_of(connection)
        image, was_in_background = await self._wait(
            asyncio.create_task(session.copy(there, seconds=_MOST_SECONDS)), connection
        )
        if image is None:
            return None
        label = f"copy of {name} {clock_time(image.taken_at)}"
        opened = await self._workbench.bridge.session.open_copy(
            image.data, label=label, taken_at=image.taken_at, replaces=replaces
        )
        if opened.connection is None:
            return None
        self._sources[opened.connection] = _Source(connection, name, image.taken_at)
        if is_asked:
            self._workbench.app.notify(f"{size(len(image.data))}, by {image.how}.", title=f"Copied {printable(name)}")
        return _Taken(opened.connection, was_in_background=was_in_background)

    async def _wait(self, task: asyncio.Task[CopyImage], connection: ConnectionId) -> tuple[CopyImage | None, bool]:
        """The copy, and whether it was waited for in the background.

        While it does not come, a word says for whom it waits, with a way to do something else, and one to stop.
        """
        was_in_background = False
        try:
            done, _ = await asyncio.wait([task], timeout=_SEEN_SECONDS)
            if not done:
                answer = await self._wait_in_sight(task, connection)
                was_in_background = answer == _BACKGROUND
                if was_in_background:
                    await self._wait_in_background(task, connection)
                elif not task.done():
                    return None, False
            return (None if task.cancelled() else task.result()), was_in_background
        finally:
            # Also where the session ends meanwhile: nobody else would hear what has become of it.
            await _call_off(task)

    async def _wait_in_sight(self, task: asyncio.Task[CopyImage], connection: ConnectionId) -> str:
        """The answer to whether to wait, empty where it came first or the user left the question."""
        screen = ChoiceScreen(
            f"Copying the database of {connection}",
            [
                Option(_BACKGROUND, "Wait in the background", "its line in Connections stops that", "w"),
                Option("stop", "Stop waiting", "nothing is changed in the program", "n"),
            ],
            body=(self._waiting_words(connection),),
        )
        answer = asyncio.create_task(self._ask(screen))
        try:
            await asyncio.wait([task, answer], return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                if screen.is_attached:
                    screen.dismiss(None)
                await asyncio.wait([answer])
                return ""
            return answer.result()
        finally:
            await _call_off(answer)

    async def _wait_in_background(self, task: asyncio.Task[CopyImage], connection: ConnectionId) -> None:
        self._waiting[connection] = task
        self._workbench.showing.show_panes()
        try:
            await asyncio.wait([task])
        finally:
            del self._waiting[connection]
        self._workbench.showing.show_panes()

    async def _ask(self, screen: ChoiceScreen) -> str:
        # A screen is waited for by a worker alone; this is a task beside one.
        answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def take(chosen: Chosen | None) -> None:
            if not answered.done():
                answered.set_result("" if chosen is None else chosen.id)

        self._workbench.app.push_screen(screen, take)
        return await answered

    def _waiting_words(self, connection: ConnectionId) -> str:
        snapshot = self._workbench.snapshot
        found = snapshot.connection(connection) if snapshot is not None else None
        words = question_words(found, snapshot)
        apart = self.is_apart(found) if found is not None else ""
        return f"{words} {apart}" if apart else words

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
            f"It is {waiting} that waits in inspect(): {thread_words(connection.thread)} comes by only if it runs on "
            "by itself. One of aiosqlite's gets nothing to do while the event loop stands still."
        )

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
