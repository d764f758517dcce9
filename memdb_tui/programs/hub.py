"""Where the processes of a program connect to: one socket, one session each, and the picture of them all."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from memdb_tui.errors import MemdbError, ProgramGoneError, ProtocolError, UsageError
from memdb_tui.model import ConnectionId, Program
from memdb_tui.programs.exit_watch import ExitWatch
from memdb_tui.programs.explaining import Explanations
from memdb_tui.programs.followed import FollowedProcess
from memdb_tui.programs.meanings import Explainer, Meaning, Question, explain_here
from memdb_tui.programs.meeting_place import Greeting, MeetingPlace
from memdb_tui.programs.peer import is_mine
from memdb_tui.programs.picture import ProgramsPicture, one_after_the_other
from memdb_tui.programs.program_session import ProgramSession
from memdb_tui.programs.undertakings import Undertakings
from memdb_tui.protocol import rpc

_GONE_AT_ONCE = "It ended (os._exit, a signal, a crash) before it could tell what it has open."
PATIENCE_SECONDS = 0.5
"""As much as a program is held up at its end by a screen that stands still."""
_GREETING_BYTES = 1 << 16
_GREETING_SECONDS = 10.0
_BACKLOG = 4096
"""How many processes may wait to be met: those that find no room are not followed. The system may allow fewer."""


class Hub:
    """The processes of one program, or of several.

    Args:
        on_change: Called in the event loop when `picture()` may give something new.
        explain: Says what strings mean; by default this process does, which imports SQLAlchemy.
    """

    def __init__(self, on_change: Callable[[], None] | None = None, *, explain: Explainer = explain_here) -> None:
        self.on_change = on_change
        self._explanations = Explanations(explain, self._changed)
        self._numbers = itertools.count(1)
        self._processes: list[FollowedProcess] = []
        self._ends: dict[int, ExitWatch] = {}
        self._arrived = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._place: MeetingPlace | None = None
        self._incoming: set[asyncio.Task[None]] = set()
        self.undertakings = Undertakings()
        """What has to be cleared up before the folder goes."""
        self._picture: ProgramsPicture | None = None
        self._refusals: list[str] = []
        self._untold: dict[int, str] = {}
        self._unreached: Program | None = None
        self._while_alone = ""

    # Where programs come in.

    @property
    def folder(self) -> Path:
        """A folder of this user alone, removed by `close()`."""
        return self._place_made.folder

    @property
    def socket_path(self) -> Path:
        """Where probes connect to."""
        return self._place_made.socket_path

    async def start(self) -> None:
        """Make the folder and listen.

        Raises:
            MemdbError: There is no folder for the socket.
        """
        self._place = MeetingPlace()
        sock = self._place.socket()
        self._server = await asyncio.start_unix_server(
            self._welcome, sock=sock, limit=_GREETING_BYTES, backlog=_BACKLOG
        )

    async def close(self) -> None:
        """Hang up on every process and remove the folder; may be called twice."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._incoming):
            task.cancel()
        if self._incoming:
            await asyncio.wait(tuple(self._incoming))
        await self.undertakings.close()
        for watch in self._ends.values():
            watch.close()
        for process in self._processes:
            await process.session.close()
        await self._explanations.close()
        if self._place is not None:
            self._place.close()

    async def detach(self, seconds: float) -> tuple[int, ...]:
        """Leave every process as it was before us.

        A process that does not answer in time removes the probe when it is hung up on.

        Args:
            seconds: How long each may take.

        Returns:
            The pids of those that everything was taken out of.
        """
        connected = [process for process in self._processes if process.is_connected]
        left = await asyncio.gather(
            *(asyncio.wait_for(process.session.detach(), seconds) for process in connected), return_exceptions=True
        )
        return tuple(process.pid for process, is_out in zip(connected, left, strict=True) if is_out is True)

    def settings(self, *, follow: bool, trace: bool, patience: float = PATIENCE_SECONDS) -> str:
        """What a probe needs to come here, as the JSON of `MEMDB_TUI_RUN`."""
        return self._place_made.settings(follow=follow, trace=trace, patience=patience)

    def environment(
        self, base: Mapping[str, str], *, follow: bool, trace: bool, patience: float = PATIENCE_SECONDS
    ) -> dict[str, str]:
        """The environment that brings the probe into a Python program before its first line.

        Args:
            base: The environment the program would have.
            follow: Its children are to be followed too.
            trace: Statements are to be counted.
            patience: Seconds a process waits at its end for us to hear it, should we not have come to it.
        """
        return self._place_made.environment(base, follow=follow, trace=trace, patience=patience)

    async def attach_socket(self, sock: socket.socket, token: str) -> ProgramSession:
        """Speak to a process that listens, or that waits in `inspect()`.

        Raises:
            MemdbError: It is gone, refuses, or is no probe.
        """
        try:
            reader, writer = await asyncio.open_connection(sock=sock)
        except OSError as error:
            sock.close()
            raise ProgramGoneError("That process is gone.") from error
        return await self._greet(reader, writer, token)

    # What is known of them.

    @property
    def processes(self) -> tuple[FollowedProcess, ...]:
        """All that ever connected, in the order they were met."""
        return tuple(self._processes)

    def sessions(self) -> tuple[ProgramSession, ...]:
        """Those that can be spoken to."""
        return tuple(process.session for process in self._processes if process.is_connected)

    @property
    def refusals(self) -> tuple[str, ...]:
        """Who was not let in, and why: a sentence each, the newest 20."""
        return tuple(self._refusals)

    @property
    def untold(self) -> Mapping[int, str]:
        """Processes that came and told nothing, and why, a whole sentence for each pid."""
        return self._untold

    def picture(self) -> ProgramsPicture:
        """What all processes have open; the same object until something changes."""
        if self._picture is None:
            whole, untold = self._whole(FollowedProcess.picture), dict(self._untold)
            if self._unreached is not None and not self.has_met(self._unreached.pid):
                alone = (self._while_alone,) if self._while_alone and not self._processes else ()
                first = ProgramsPicture(programs=(self._unreached,)).with_notes(alone)
                whole = one_after_the_other([first, whole])
                untold.pop(self._unreached.pid, None)
            self._picture = whole.with_notes(_untold_words(untold))
        return self._picture

    def full_picture(self) -> ProgramsPicture:
        """The same with closed connections and the caches that are gone."""
        return self._whole(FollowedProcess.full_picture)

    def session_of(self, connection: ConnectionId) -> tuple[ProgramSession, str]:
        """The process of a connection, and the connection's id there.

        Raises:
            UsageError: The process is gone, or never was.
        """
        name, _, inner = connection.partition(".")
        process = next((each for each in self._processes if each.id == name), None)
        if process is None or not process.is_connected:
            raise UsageError(f"The process of {connection} is gone.", hint="Its in-memory databases died with it.")
        return process.session, inner

    def has_met(self, pid: int) -> bool:
        """That process connected, whether it still is or not."""
        return any(process.pid == pid for process in self._processes)

    async def arrival(self, pid: int, seconds: float) -> ProgramSession | None:
        """The session of a process as soon as it is there; None when it does not come in time."""

        def found() -> FollowedProcess | None:
            return next((each for each in self._processes if each.pid == pid and each.is_connected), None)

        async with self._arrived:
            try:
                process = await asyncio.wait_for(self._arrived.wait_for(found), seconds)
            except TimeoutError:
                return None
        return process.session if process is not None else None

    def look(self) -> None:
        """Look which processes are stopped: nothing tells that, so who shows them does this now and then."""
        # A process of a container has another number here: nobody watches for the end of that number.
        changed = [process for process in self._processes if process.pid in self._ends and process.look()]
        if changed:
            self._changed()

    def note_exit(self, pid: int, status: int) -> None:
        """A process has ended; the status is as `subprocess` has it."""
        for process in reversed(self._processes):
            if process.pid == pid:
                process.end(status, time.time())
                self._changed()
                return

    def note_unreached(self, program: Program, *, while_alone: str = "") -> None:
        """A program was started that does not connect; it is in pictures as long as it does not.

        Args:
            program: As `unreached` gives it.
            while_alone: What is said besides as long as no other process has connected.
        """
        self._unreached = program
        self._while_alone = while_alone
        self._changed()

    @property
    def has_explained(self) -> bool:
        """What is known of strings is in the newest picture: no explanation is still to come."""
        return self._explanations.is_settled

    async def settled(self, seconds: float) -> None:
        """Return when processes that have ended have been heard to the end, and all they told has been explained.

        Args:
            seconds: How long to wait for them at most; explanations are waited for in any case.
        """
        waits = [asyncio.create_task(each.session.wait_gone()) for each in self._processes if not each.is_alive]
        if tasks := [*waits, *self._incoming]:
            await asyncio.wait(tasks, timeout=seconds)
        for wait in waits:
            wait.cancel()
        for watch in tuple(self._ends.values()):
            watch.look()
        await self._explanations.settled()

    @property
    def _place_made(self) -> MeetingPlace:
        if self._place is None:
            raise RuntimeError("The hub was not started.")
        return self._place

    def _whole(
        self, picture: Callable[[FollowedProcess, Mapping[Question, Meaning]], ProgramsPicture]
    ) -> ProgramsPicture:
        return one_after_the_other([picture(process, self._explanations.meanings) for process in self._processes])

    def _keep_watch(self, watch: ExitWatch | None, process: FollowedProcess) -> None:
        """Go on watching for the end of a process; of one that was in its place, by exec, no more."""
        before = self._ends.pop(process.pid, None)
        if before is not None:
            before.close()
        if watch is None:
            return
        if watch.pid == process.pid:
            self._ends[process.pid] = watch
        else:
            # It speaks for another, or is numbered anew, as in a container.
            watch.close()

    def _changed(self) -> None:
        self._picture = None
        try:
            if self.on_change is not None:
                self.on_change()
        except Exception as error:  # noqa: BLE001 - the edge to code that is not ours
            loop = asyncio.get_running_loop()
            loop.call_exception_handler({"message": "A listener of programs failed.", "exception": error})

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: older versions of Python 3.11 and 3.12 complain on stderr when the one that asyncio makes
        # of a coroutine is cancelled: https://github.com/python/cpython/issues/113538.
        task = asyncio.create_task(self._meet(reader, writer), name="program-greeter")
        self._incoming.add(task)
        task.add_done_callback(self._incoming.discard)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        greeting = None
        try:
            if not is_mine(writer.get_extra_info("socket")):
                raise ProtocolError("It is another user's process.")
            greeting = await self._hear_greeting(reader)
            if greeting.unsupported:
                self._note_untold(greeting.pid, greeting.unsupported)
                writer.close()
            else:
                await self._greet(reader, writer, self._place_made.token)
        except asyncio.CancelledError:
            writer.close()
            raise
        except (ProgramGoneError, OSError, TimeoutError):
            if greeting is not None:
                self._note_untold(greeting.pid, _GONE_AT_ONCE)
            writer.close()
        except MemdbError as error:
            self._refuse(writer, error)

    def _note_untold(self, pid: int, why: str) -> None:
        """A process came and told nothing: another interpreter of one that did, or one of its own."""
        process = next((each for each in reversed(self._processes) if each.pid == pid), None)
        if process is None:
            self._untold[pid] = why
        else:
            process.remark(why)
        self._changed()

    async def _hear_greeting(self, reader: asyncio.StreamReader) -> Greeting:
        try:
            line = await asyncio.wait_for(reader.readuntil(b"\n"), _GREETING_SECONDS)
        except asyncio.IncompleteReadError as error:
            if not error.partial:
                raise ProgramGoneError("It hung up.") from error
            raise ProtocolError("It hung up within its first line.") from error
        except (asyncio.LimitOverrunError, ValueError) as error:
            raise ProtocolError("Its first line is too long.") from error
        return self._place_made.greeting_of(line)

    def _refuse(self, writer: asyncio.StreamWriter, error: MemdbError) -> None:
        writer.write(rpc.encode_error(None, rpc.RemoteError(rpc.REFUSED, str(error), error.hint)))
        writer.close()
        self._refusals = [*self._refusals[-19:], f"A process that wanted to connect was refused. {error}"]
        self._changed()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> ProgramSession:
        process: FollowedProcess | None = None
        # A short program may say its last word before it has answered who it is: that is kept until then.
        early: list[Callable[[FollowedProcess], None]] = []

        def tell(news: Callable[[FollowedProcess], None]) -> None:
            if process is None:
                early.append(news)
                return
            news(process)
            self._explanations.ask(process.questions())
            self._changed()

        session = ProgramSession(
            reader,
            writer,
            on_state=lambda state, is_last: tell(lambda it: it.take(state, is_last=is_last)),
            on_gone=lambda why: tell(lambda it: it.lose(why, time.time()) if it.session is session else None),
        )
        watch = None
        with contextlib.suppress(OSError):
            watch = ExitWatch(
                writer.get_extra_info("socket"), lambda status: tell(lambda it: it.end(status, time.time()))
            )
        try:
            told, state = await session.greet(token)
        except BaseException:
            if watch is not None:
                watch.close()
            await session.close()
            raise
        process = next((each for each in self._processes if each.is_the_same(told)), None)
        if process is not None:
            process.come_again(told, state, session)
        else:
            process = FollowedProcess(f"p{next(self._numbers)}", told, state, session)
            for earlier in self._processes:
                if earlier.pid == told.pid:
                    earlier.give_way(time.time())
            self._processes.append(process)
        if self._untold.get(told.pid) == _GONE_AT_ONCE:
            # It had not ended: it became another program (exec) before it could answer.
            del self._untold[told.pid]
        self._keep_watch(watch, process)
        for news in early:
            news(process)
        self._explanations.ask(process.questions())
        self._changed()
        async with self._arrived:
            self._arrived.notify_all()
        return session


def _untold_words(untold: Mapping[int, str]) -> Iterator[str]:
    """What is said of the processes that told nothing, once for each reason."""
    by_reason: dict[str, list[int]] = {}
    for pid, why in untold.items():
        by_reason.setdefault(why, []).append(pid)
    for why, (first, *others) in by_reason.items():
        yield f"Process {first}{f' and {len(others)} more' if others else ''}: {why}"
