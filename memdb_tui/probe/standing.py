"""What stands in the process: everything of ours, put in and taken out again."""

from __future__ import annotations

import _thread
import os
import sys

from . import hook
from .bare import allocate_lock, clock, get_ident, getpid
from .channel import Channel, out_of_the_way
from .children import Children
from .collector import collector
from .guard import Failures, is_of_the_program
from .own_copies import own_connection
from .process import began_at, told
from .record import name_of_this_thread
from .recorder import Recorder
from .requests import Requests
from .server import Server
from .telling import Telling
from .threads import Thread
from .unheld import running_threads
from .wire import notification, to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from collections.abc import Callable
    from typing import Any

_COUNTS_LATE = (3, 12) <= sys.version_info < (3, 14, 1)
"""These versions count threads only after a fork's hooks have run, and warn of one that was started again there:
https://github.com/python/cpython/issues/137109"""
_LAST_SECONDS = 0.5
_FORK_SECONDS = 1.0
_SEARCH_SECONDS = 10.0
_FORKED = (
    "This process was forked while connections were open. SQLite does not allow them to be used, nor closed, on this "
    "side of a fork: https://sqlite.org/howtocorrupt.html#_carrying_an_open_database_connection_across_a_fork_."
)
_STILL_SEARCHING = (
    "The search for connections that are older than our arrival takes long: those it finds are told when it has them."
)
_HOOK_STAYS = "An audit hook cannot be removed: a function that returns at once is left."


class Standing:
    """The probe of this process.

    Args:
        token: What clients of a listening socket have to know.
        follows: Children of the program are followed, so those that are not are listed.
        trace: Statements are counted.
    """

    def __init__(self, token: str, *, follows: bool = False, trace: bool = False) -> None:
        self.failures = Failures()
        self.recorder = Recorder(self.failures, self._wake, trace=trace)
        self.children = Children(self.recorder.news, self._become, self.recorder.local)
        self.telling = Telling(self.recorder, self.children, self.failures)
        self.server = Server(self.telling, self.recorder, self.failures, token)
        self.requests = Requests(self.telling, self.recorder, self.failures, self._wake)
        self.requests.process = self.process
        self.requests.rescan = self.find_older
        self.requests.leave = self.server.detach
        self.server.requests = self.requests
        self.server.on_detach = self.take_out
        self.server.on_lost = self._reconnect_quietly
        self.reconnect: list[Callable[[], None]] = []
        """Called in the child of a fork, to get channels of its own."""
        self.hubs: set[str] = set()
        """The sockets of the hubs that have been met."""
        self.on_end: Callable[[], None] = _nothing
        """Called at the end of the program."""
        self.patience = _LAST_SECONDS
        """Seconds that the end of the program waits for a hub that does not listen just then."""
        self.is_in = False
        self.waiting_alone = allocate_lock()
        """Held by the thread of the program that waits in a client: others wait for their turn."""
        self._searching = allocate_lock()
        self._instance = os.urandom(8).hex()
        self._began_at = began_at()
        self._follows = follows
        self._trace = trace
        self._forked_from: int | None = None
        self._inherited = 0
        self._pid = getpid()

    def put_in(self) -> None:
        """See connections from now on; may be called again."""
        if self.is_in:
            return
        self.is_in = True
        handlers = self.recorder.handlers()
        if self._follows:
            handlers.update(self.children.handlers())
        hook.install(handlers, self.failures)
        self.recorder.install()

    def take_out(self) -> None:
        """See nothing any more, and leave nothing but a hook that returns at once."""
        if not self.is_in:
            return
        self.is_in = False
        hook.uninstall()
        if _HOOK_STAYS not in self.telling.notes:
            self.telling.notes.append(_HOOK_STAYS)
        self.recorder.stop()

    def find_older(self, seconds: float = 0.0) -> int:
        """Look for connections that are older than our arrival; how many were found.

        Args:
            seconds: How long to wait for the end of a search that runs; then it is left to that one.
        """
        from . import discovery  # noqa: PLC0415 - not needed where we came first

        searching = self._searching
        if not searching.acquire(timeout=seconds):
            return 0
        try:
            began = clock.perf_counter()
            found = discovery.find_older(self.recorder)
            self.telling.held(clock.perf_counter() - began)
        finally:
            searching.release()
        note = discovery.frozen_note()
        if note and note not in self.telling.notes:
            self.telling.notes.append(note)
        return found

    def find_older_elsewhere(self, seconds: float = _SEARCH_SECONDS) -> None:
        """As `find_older`, for a thread of the program: done in one of ours.

        Args:
            seconds: How long the calling thread waits for it; it goes on after that, and what is found is told.
        """
        thread = Thread(lambda: self._find_older_quietly(seconds))
        thread.start()
        if not thread.join(seconds) and _STILL_SEARCHING not in self.telling.notes:
            self.telling.notes.append(_STILL_SEARCHING)

    def process(self) -> dict[str, Any]:
        """The `process` object."""
        return told(
            instance=self._instance,
            started_at=self._began_at,
            forked_from=self._forked_from,
            inherited=self._inherited,
            waiting=self.telling.waiting,
            trace=self._trace,
            notes=list(self.telling.notes),
        )

    def meet(self, sock: _socket.socket, token: str) -> None:
        """Say that we are here to the hub at the other end of a socket."""
        channel = Channel(out_of_the_way(sock), token, is_hub=True)
        try:
            channel.send(notification("here", to_json({"version": 1, "token": token, "pid": getpid()})))
        except BaseException:
            channel.close()
            raise
        self.server.add(channel)
        self.server.start()

    def end(self) -> None:
        """Say the last words; at the end of the program, in the process that began it."""
        if getpid() == self._pid:
            self.server.finish(self.patience)
            self.on_end()

    def _become(self, command: str) -> None:
        """The last moment of this program, unless the other one cannot be started."""
        self.telling.becomes(command)
        self.server.hasten(self.patience)

    def before_fork(self) -> None:
        """Let no thread of ours live across a fork: it is only in the parent, and Python warns of it."""
        self.server.hold(max(_FORK_SECONDS, self.patience))

    def after_fork_in_parent(self) -> Callable[[], Any] | None:
        """Go on; where Python counts the threads only after this, by the step that is returned, which C is to do."""
        self.server.let_go()
        if _COUNTS_LATE and _thread.get_native_id() == self._pid:
            try:
                # A library in C, which a program without connections needs only here.
                from .soon import step_to  # noqa: PLC0415
            except ImportError:
                # There is none, or it is just being imported: a handler has forked meanwhile.
                pass
            else:
                return step_to(self._go_on)
        self.server.resume()
        return None

    def _go_on(self) -> None:
        try:
            if getpid() == self._pid:
                self.server.resume()
        except Exception as error:
            if is_of_the_program(error):
                raise
            self.failures.keep("After a fork", error)

    def after_fork_in_child(self) -> None:
        """Leave the parent's clients to it, and find our own."""
        if self._pid != getpid():
            self._forked_from, self._pid = self._pid, getpid()
        self._began_at = clock.time()
        self._inherited = self.recorder.last_number
        # Who searches, and who waits, are threads of the parent, and so are their locks.
        self._searching = allocate_lock()
        self.waiting_alone = allocate_lock()
        collector.become_child()
        self.server.become_child()
        self.requests.become_child()
        self.children.unfollowed.clear()
        if self.recorder.open and _FORKED not in self.telling.notes:
            self.telling.notes.append(_FORKED)
        if self.is_in:
            self._reconnect()

    def look_at_own(self) -> None:
        """See again the connections of the calling thread, which is between its statements."""
        from .sight import see  # noqa: PLC0415 - a library in C, seldom needed

        me = get_ident()
        # Identifiers are compared rather than counts: a thread of ours that is just beginning has no frame yet.
        ours = self.server.idents()
        is_alone = running_threads() - ours == {me}
        for record in list(self.recorder.open.values()):
            if record.ident is None and is_alone:
                record.ident = me
                record.thread = name_of_this_thread()
            if record.ident != me:
                continue
            try:
                connection = own_connection(record)
                sight = None if connection is None else see(connection)
            except Exception as error:
                if is_of_the_program(error):
                    raise
                self.failures.keep("While a connection was looked at", error)
                continue
            if sight is not None:
                record.saw(sight, clock.time())

    def _reconnect(self) -> None:
        for reconnect in list(self.reconnect):
            try:
                reconnect()
            except (OSError, RuntimeError) as error:
                self.failures.keep("While the child of a fork told of itself", error)
        if self.server.is_guest and not self.server.is_running:
            self.take_out()

    def _reconnect_quietly(self) -> None:
        if self.is_in:
            try:
                self._reconnect()
            except Exception as error:  # noqa: BLE001 - the edge: the server's thread has nobody to tell
                self.failures.keep("After the program had closed our descriptors", error)

    def _find_older_quietly(self, seconds: float) -> None:
        try:
            self.find_older(seconds)
        except Exception as error:  # noqa: BLE001 - the edge: the thread has nobody to tell
            self.failures.keep("While older connections were looked for", error)

    def _wake(self) -> None:
        self.server.wake()


def _nothing() -> None:
    return
