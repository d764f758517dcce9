"""Between the screens and the host: one call becomes one answer, and every event a message."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.message import Message

from memdb_tui.client.launch import HostProcess, spawn_host
from memdb_tui.client.session import HostSession
from memdb_tui.files.watcher import SessionFiles
from memdb_tui.model import (
    Connection,
    ConnectionId,
    Explained,
    FilesView,
    HostFacts,
    Run,
    RunId,
    Snapshot,
    is_of_program,
)
from memdb_tui.ui.pane_session import PaneSession
from memdb_tui.ui.stillness import Stillness

if TYPE_CHECKING:
    from memdb_tui.programs.hub import Hub
    from memdb_tui.programs.live_session import LiveSession

_END_SECONDS = 1.0
"""How long a host whose socket has ended may take to end itself, before that is told."""
_FILES_SECONDS = 0.05
"""Files are shown at least this far apart."""
_RUN_EVENT_SECONDS = 0.15
"""A run that goes on is shown this often; its end at once."""


class Bridge:
    """The host's process, the session on it, and the files under watch; events go to `post`.

    Args:
        post: Takes messages, in the event loop.
        host: A host that was started already, to win time.
        files: Makes the watch over files, given what to call when there is something new.
        still: How to show times and pids, for recordings.
        with_programs: Programs are looked into.
    """

    @dataclass(eq=False, repr=False)
    class SnapshotArrived(Message):
        """The host's newest picture."""

        snapshot: Snapshot

        def can_replace(self, message: Message) -> bool:
            """The newest is all that counts."""
            return isinstance(message, Bridge.SnapshotArrived)

    @dataclass(eq=False, repr=False)
    class RunMoved(Message):
        """A run has moved on."""

        run: Run

        def can_replace(self, message: Message) -> bool:
            """The newest of one run is all that counts."""
            return isinstance(message, Bridge.RunMoved) and message.run.id == self.run.id

    @dataclass(eq=False, repr=False)
    class FilesChanged(Message):
        """The files of the session."""

        view: FilesView

        def can_replace(self, message: Message) -> bool:
            """The newest is all that counts."""
            return isinstance(message, Bridge.FilesChanged)

    @dataclass(eq=False, repr=False)
    class HostGone(Message):
        """The host died."""

        how: str
        last_words: str

    def __init__(
        self,
        post: Callable[[Message], object],
        *,
        host: HostProcess,
        files: Callable[[Callable[[], None]], SessionFiles],
        still: Stillness,
        with_programs: bool = False,
    ) -> None:
        self._post = post
        self._still = still
        self._host = host
        self._host_end: asyncio.Task[None] | None = None
        """Its end, once somebody has asked for it."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._due: dict[RunId, asyncio.TimerHandle] = {}
        self._files_due: asyncio.TimerHandle | None = None
        self._files_shown_at = float("-inf")
        self._newest: dict[RunId, Run] = {}
        self._runs = itertools.count(1)
        self._ending: asyncio.Task[None] | None = None
        self.files = files(self._files_changed)
        self.hub: Hub | None = None
        """The programs that are looked into."""
        self.live: LiveSession | None = None
        """SQL on their databases."""
        self._own: Snapshot | None = None
        self._facts: HostFacts | None = None
        self.snapshot: Snapshot | None = None
        """The newest picture, of this session's host and of the programs."""
        self.session = self._new_session()
        if with_programs:
            self._make_hub()

    async def start(self) -> None:
        """Greet the host.

        Raises:
            HostGoneError: It is not there.
        """
        self._loop = asyncio.get_running_loop()
        self._facts = await self.session.start()
        if self.hub is not None:
            # The programs are to be seen all the same.
            self.show_host()

    def show_host(self) -> None:
        """Shows whose databases these are; a host that has opened nothing yet says nothing by itself."""
        if self._own is None and self._facts is not None:
            self._take_snapshot(Snapshot(0, self._facts, (), (), ()))

    async def start_files(self) -> None:
        """Begin to watch; importing watchdog takes a while, so this happens in a thread."""
        await asyncio.to_thread(self.files.start)
        self._files_changed()

    async def restart(self) -> None:
        """A fresh host in place of one that died.

        Raises:
            HostGoneError: It did not come up.
        """
        await self.session.close()
        await self._end_host()
        self.snapshot = self._own = None
        self._host, self._host_end = spawn_host(preload=True, terminal=self._host.terminal), None
        self.session = self._new_session()
        self._facts = await self.session.start()

    async def close(self) -> None:
        """End the host and the watch; may be called twice."""
        for handle in self._due.values():
            handle.cancel()
        self._due.clear()
        if self._files_due is not None:
            self._files_due.cancel()
        if self._ending is not None:
            await self._ending
            self._ending = None
        try:
            if self.hub is not None:
                await self.hub.close()
            await self.session.close()
            await self._end_host()
        finally:
            await asyncio.to_thread(self.files.close)
            self._loop = None

    async def _end_host(self) -> None:
        if self._host_end is None:
            self._host_end = asyncio.create_task(asyncio.to_thread(self._host.close))
        # Who waits here may be called off; then another waits for the same end.
        await asyncio.shield(self._host_end)

    def new_run(self) -> RunId:
        """An id for the next run; never one that a host before this one had, whose results may still be shown."""
        return RunId(next(self._runs))

    def now(self) -> float:
        """The time that ages are counted to."""
        return self._still.now() if self._still.is_still else time.time()

    def still_pid(self, pid: int) -> int:
        """A pid as it is shown."""
        return self._still.pid(pid)

    def still_run(self, run: Run) -> Run:
        """A run as it is shown: with its times standing still where they should."""
        return self._still.run(run)

    def _new_session(self) -> HostSession:
        return HostSession(
            self._host.sock, on_snapshot=self._take_snapshot, on_run=self._take_run, on_gone=self._take_end
        )

    def session_for(self, connection: ConnectionId) -> PaneSession:
        """Who runs SQL on a connection."""
        if self.live is not None and is_of_program(connection):
            return self.live
        return self.session

    def session_of(self, run: RunId) -> PaneSession:
        """Who keeps the rows of a run."""
        if self.live is not None and self.live.owns(run):
            return self.live
        return self.session

    def _make_hub(self) -> None:
        # Only where there is a program to look into.
        from memdb_tui.programs.hub import Hub  # noqa: PLC0415
        from memdb_tui.programs.live_session import LiveSession  # noqa: PLC0415
        from memdb_tui.programs.meanings import explainer_of  # noqa: PLC0415

        self.hub = hub = Hub(self._programs_changed, explain=explainer_of(self._ask_url))
        self.live = LiveSession(
            hub.session_of, self._connection_of, self._take_run, in_transaction_on=self._in_transaction_on
        )

    def _connection_of(self, wanted: ConnectionId) -> Connection | None:
        return self.snapshot.connection(wanted) if self.snapshot is not None else None

    def _in_transaction_on(self, wanted: ConnectionId) -> tuple[Connection, ...]:
        return self.snapshot.in_transaction_on(wanted) if self.snapshot is not None else ()

    async def _ask_url(self, url: str) -> Explained:
        """What a SQLAlchemy URL does is asked of the host: this process imports no SQLAlchemy."""
        return await self.session.explain(url)

    def _programs_changed(self) -> None:
        if self._own is not None:
            self._show_picture(self._own)

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        self._own = snapshot
        self._show_picture(snapshot)

    def _show_picture(self, snapshot: Snapshot) -> None:
        if self.hub is not None:
            picture = self.hub.picture()
            snapshot = replace(
                snapshot,
                connections=picture.connections + snapshot.connections,
                caches=picture.caches + snapshot.caches,
                touches=picture.touches + snapshot.touches,
                programs=picture.programs,
            )
        self.files.show_snapshot(snapshot)
        self.snapshot = self._still.snapshot(snapshot)
        self._post(self.SnapshotArrived(self.snapshot))
        self._files_changed()

    def _take_run(self, run: Run) -> None:
        if run.state.is_over or self._loop is None:
            self._newest.pop(run.id, None)
            handle = self._due.pop(run.id, None)
            if handle is not None:
                handle.cancel()
            self._post(self.RunMoved(self._still.run(run)))
            return
        self._newest[run.id] = run
        if run.id not in self._due:
            self._due[run.id] = self._loop.call_later(_RUN_EVENT_SECONDS, self._show_run, run.id)

    def _show_run(self, run_id: RunId) -> None:
        self._due.pop(run_id, None)
        run = self._newest.pop(run_id, None)
        if run is not None:
            self._post(self.RunMoved(self._still.run(run)))

    def _take_end(self) -> None:
        self._ending = asyncio.create_task(self._say_end(), name="host-end")

    async def _say_end(self) -> None:
        """Its socket ends a moment before the process does, whose end tells how."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(self._host.process.wait, _END_SECONDS)
        if self._facts is not None:
            # Nothing of it is left to be shown; the programs are.
            self._take_snapshot(Snapshot(0, self._facts, (), (), ()))
        self._post(self.HostGone(self._host.how_it_ended(), self._host.last_words()))

    def _files_changed(self) -> None:
        """From any thread: there may be something new."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._show_files_soon)

    def _show_files_soon(self) -> None:
        """At once after a pause; within a burst of files not every one is worth a repaint."""
        if self._loop is None or self._files_due is not None:
            return
        wait = self._files_shown_at + _FILES_SECONDS - self._loop.time()
        if wait <= 0:
            self._show_files()
        else:
            self._files_due = self._loop.call_later(wait, self._show_files)

    def _show_files(self) -> None:
        self._files_due = None
        if self._loop is not None:
            self._files_shown_at = self._loop.time()
            self._post(self.FilesChanged(self._still.files(self.files.view())))
