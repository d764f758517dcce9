"""How this session came to a program, and what follows from it: starting it, joining it, its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING

from memdb_tui.errors import MemdbError, UsageError
from memdb_tui.frozen import dataclass
from memdb_tui.model import Connection, CopyState, Outcome, ProgramState, Snapshot
from memdb_tui.ui.screens.choice import ChoiceScreen, Option

if TYPE_CHECKING:
    from memdb_tui.programs.hub import Hub
    from memdb_tui.programs.pty_process import PtyProcess
    from memdb_tui.programs.screen_text import ScreenText
    from memdb_tui.ui.screens.workbench import Workbench

_INTERRUPT = b"\x03"
_MOST_PANES_AT_FIRST = 3
_END_SECONDS = 3.0
_LOOK_SECONDS = 1.0
"""How often it is looked whether a program is stopped, or goes on."""
_ARRIVAL_SECONDS = 3.0
"""So long a Python may take to its first line before it is said that nobody has come."""


@dataclass(frozen=True, slots=True)
class Door:
    """What to look into."""

    name: str
    """What the program is called: its script, module, command, or the PID."""
    join: Callable[[Hub], Awaitable[object]] | None = None
    """Joins a process that runs already; None where one is started."""
    command: tuple[str, ...] = ()
    """What to start, empty where a process is joined."""
    cwd: str = ""
    environment: Callable[[Hub], Mapping[str, str]] | None = None
    """Its whole environment; asked for once the hub listens."""
    is_waiting: bool = False
    """The program waits until this session ends: inspect()."""
    listeners: list[Callable[[str], None]] = field(default_factory=list)
    """Who is told what there is to say while a process is joined."""
    left: list[int] = field(default_factory=list)
    """The processes that everything of ours was taken out of at the end."""

    def say(self, sentence: str) -> None:
        """Tells what there is to say while a process is joined."""
        for listener in self.listeners:
            listener(sentence)


class ProgramDoor:
    """Opens the door, and sees to it that nothing is left when it closes.

    Args:
        workbench: The screen that shows the program.
        door: What to look into.
    """

    def __init__(self, workbench: Workbench, door: Door) -> None:
        self._workbench = workbench
        self._door = door
        self._process: PtyProcess | None = None
        self._screen: ScreenText | None = None
        self._started_at = 0.0
        self._minding: list[asyncio.Task[None]] = []
        self._is_first_picture = bool(door.join)
        self.has_failed = False
        """It could not be started."""

    async def open(self) -> None:
        """Starts the program, or joins it.

        Raises:
            MemdbError: It cannot be started or joined.
        """
        hub = self._workbench.bridge.hub
        if hub is None:
            return
        await hub.start()
        self._workbench.set_interval(_LOOK_SECONDS, hub.look)
        self._door.listeners.append(lambda sentence: self._workbench.app.notify(sentence, timeout=10))
        if self._door.join is not None:
            await self._door.join(hub)
        else:
            await self._start(hub)

    @property
    def status(self) -> int | None:
        """The exit status of a program that was started here; None while it runs."""
        return self._process.status if self._process is not None else None

    @property
    def name(self) -> str:
        """What the program is called, short."""
        return self._door.name.rpartition("/")[2]

    @property
    def is_running(self) -> bool:
        """It was started here, and has not ended."""
        return self._process is not None and self._process.status is None

    @property
    def is_held(self) -> bool:
        """It waits in inspect() until this session ends."""
        snapshot = self._workbench.snapshot
        programs = snapshot.programs if snapshot is not None else ()
        return self._door.is_waiting and any(program.state is ProgramState.WAITING for program in programs)

    def interrupt(self) -> None:
        """What ^C does in the program's terminal: SIGINT, unless it takes the key for itself."""
        self.write(_INTERRUPT)

    def write(self, keys: bytes) -> None:
        """Sends keys to the program."""
        if self._process is not None and not self._process.write(keys):
            self._workbench.app.notify("The program does not read what is typed.", severity="warning", timeout=2)

    def _answer(self, data: bytes) -> None:
        """What a terminal answers by itself when a program asks it."""
        if self._process is not None:
            self._process.write(data)

    def resize(self, columns: int, rows: int) -> None:
        """Tells the program the size of its terminal."""
        if self._screen is not None:
            self._screen.resize(columns, rows)
            if self._workbench.output is not None:
                # What the pane showed when it got its size was the screen as it had been.
                self._workbench.output.show_screen(self._screen)
        if self._process is not None:
            self._process.resize(columns, rows)

    async def show_first(self) -> None:
        """When a process is joined, its in-memory databases are shown at once, a few of them."""
        # The newest: what a message brought may have been explained since.
        snapshot = self._workbench.bridge.snapshot
        if not self._is_first_picture or snapshot is None or not self._can_be_shown(snapshot):
            return
        self._is_first_picture = False
        seen: set[str] = set()
        apart: list[Connection] = []
        for cache in snapshot.caches:
            members = [snapshot.connection(member.connection) for member in cache.members]
            first = next((c for c in members if c is not None and c.origin is not None), None)
            if first is None or first.origin is None or first.origin.reading is CopyState.FILE:
                continue
            if first.origin.reading is CopyState.PRIVATE:
                if not self._door.is_waiting:
                    continue
                if self._workbench.copies.is_apart(first):
                    # It would be waited for without an end in sight.
                    apart.append(first)
                    continue
            if cache.id not in seen and len(seen) < _MOST_PANES_AT_FIRST:
                seen.add(cache.id)
                await self._workbench.copies.open_database_of(first, is_asked=False)
        panes = self._workbench.panes.panes
        if len(panes) > 1 and not any(pane.editor.text for pane in panes):
            # Each took the focus as it came. Reading begins at the first, unless somebody types already.
            panes[0].editor.focus()
        if apart:
            names = ", ".join(connection.id for connection in apart)
            self._workbench.app.notify(
                f"Only its own thread can hand out a private database. {self._workbench.copies.is_apart(apart[0])} "
                f"Enter on {names} waits for a copy all the same.",
                title=f"Not shown by itself: {names}",
                timeout=10,
            )

    def _can_be_shown(self, snapshot: Snapshot) -> bool:
        """Whether the picture says of every database how it is read: live, as a copy, and on whose thread."""
        if not any(program.sqlite_version for program in snapshot.programs):
            return False
        if self._door.is_waiting and not any(p.state is ProgramState.WAITING for p in snapshot.programs):
            return False
        hub = self._workbench.bridge.hub
        is_known = all(c.outcome is not Outcome.UNKNOWN for c in snapshot.connections if c.origin is not None)
        return is_known or hub is None or hub.has_explained

    async def run_again(self) -> None:
        """Starts the program again that has ended, with the same words: what it was stays listed as over.

        Raises:
            MemdbError: It runs still, was not started here, or cannot be started.
        """
        hub, output = self._workbench.bridge.hub, self._workbench.output
        if hub is None or output is None or not self._door.command:
            raise UsageError("No program was started here.", hint="memdb-tui run starts one.")
        if self.is_running:
            raise UsageError(f"{self.name} runs still.", hint="Interrupt it first.")
        if self._process is not None:
            self._process.close()
            self._process = None
        self.has_failed = False
        output.show_state(replace(output.state, pid=None, status=None, problem=""))
        await self._start(hub)

    async def may_quit(self) -> bool:
        """True when nothing runs that quitting would end, or the user has said yes."""
        if not self.is_running:
            return True
        answer = await self._workbench.app.push_screen_wait(
            ChoiceScreen(
                f"{self._door.name} still runs",
                [
                    Option("stay", "Stay", "", "n"),
                    Option("interrupt", "Interrupt it and stay", "as ^C in its terminal: SIGINT", "i"),
                    Option("end", "End it and quit", "SIGTERM, then SIGKILL", "y", is_dangerous=True),
                ],
                body=("Its terminal is this session's: when it goes, the program ends.",),
            )
        )
        if answer is not None and answer.id == "interrupt":
            self.interrupt()
        return answer is not None and answer.id == "end"

    async def close(self) -> None:
        """Leaves a program that was joined, ends one that was started here and still runs; may be called twice."""
        for task in self._minding:
            task.cancel()
        hub = self._workbench.bridge.hub
        if hub is not None and self._door.join is not None and not self._door.is_waiting:
            self._door.left.extend(await hub.detach(_END_SECONDS))
        process = self._process
        if process is None:
            return
        if process.status is None:
            process.terminate()
            for _ in range(int(_END_SECONDS / 0.02)):
                if process.status is not None:
                    break
                await asyncio.sleep(0.02)
        process.close()

    async def _start(self, hub: Hub) -> None:
        from memdb_tui.programs.pty_process import PtyProcess  # noqa: PLC0415 - only where a program is started
        from memdb_tui.programs.screen_text import ScreenText  # noqa: PLC0415 - as above

        output = self._workbench.output
        if output is None:
            return
        columns, rows = output.view.room
        screen = self._screen = ScreenText(columns, rows, answer=self._answer)
        output.show_screen(screen)

        def show(data: bytes) -> None:
            screen.feed(data)
            output.show_screen(screen)

        try:
            self._process = await PtyProcess.start(
                self._door.command,
                cwd=self._door.cwd or None,
                env=self._door.environment(hub) if self._door.environment is not None else None,
                columns=columns,
                rows=rows,
                on_output=show,
                on_end=self._ended,
            )
        except OSError as error:
            refused = MemdbError(
                f"{self._door.command[0]} could not be started: {error.strerror or error}.",
                hint="Check the path, and that it may be executed.",
            )
            self.has_failed = True
            output.show_state(replace(output.state, problem=f"{refused} {refused.hint}"))
            raise refused from error
        output.show_state(replace(output.state, pid=self._workbench.bridge.still_pid(self._process.pid)))
        self._started_at = time.time()
        self._minding.append(asyncio.create_task(self._mind_arrival(self._process, hub)))

    async def _mind_arrival(self, process: PtyProcess, hub: Hub) -> None:
        """A program in which nobody stands after a while is shown, with the reason."""
        await hub.arrival(process.pid, _ARRIVAL_SECONDS)
        if process.status is None:
            await self._tell_unreached(process, hub)

    async def _mind_end(self, process: PtyProcess, hub: Hub) -> None:
        """So is one that has ended without a word."""
        await hub.settled(_ARRIVAL_SECONDS)
        await self._tell_unreached(process, hub)

    async def _tell_unreached(self, process: PtyProcess, hub: Hub) -> None:
        if hub.has_met(process.pid):
            return
        # Seldom needed.
        from memdb_tui.programs.unreached import unreached, why_unreached, words_while_alone  # noqa: PLC0415

        argv, has_ended = self._door.command, process.status is not None
        why = hub.untold.get(process.pid, "")
        while_alone = "" if why else words_while_alone(argv, cwd=self._door.cwd)
        why = why or await asyncio.to_thread(why_unreached, argv, cwd=self._door.cwd, has_ended=has_ended)
        hub.note_unreached(
            unreached(
                argv,
                process.pid,
                cwd=self._door.cwd,
                status=process.status,
                started_at=self._started_at,
                why=why,
            ),
            while_alone=while_alone,
        )

    def _ended(self, status: int) -> None:
        output = self._workbench.output
        hub = self._workbench.bridge.hub
        if self._process is not None and hub is not None:
            hub.note_exit(self._process.pid, status)
            self._minding.append(asyncio.create_task(self._mind_end(self._process, hub)))
        if output is not None:
            output.show_state(replace(output.state, status=status))
