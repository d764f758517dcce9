"""The one thread that serves clients: there when it is wanted, gone while somebody forks, never there twice."""

from __future__ import annotations

from .bare import allocate_lock, get_ident
from .threads import Thread, with_lock, without_signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .guard import Failures

_LAST_SECONDS = 0.5
"""How long a thread that has decided to end may take for that."""
_STARTING_SECONDS = 1.0
"""Who starts it takes less."""
_STACK_BYTES = 512 << 10
"""The usual 8 MB would come to lie between what the program loads before and after, and every statement would be 1 to
2 % slower. Nothing here goes deep: SQL and searches of the heap have threads of their own."""
_MOST_TROUBLES = 5
"""So many turns may fail in a row."""


class Serving:
    """A thread that takes turns until it is told to stop.

    Args:
        turn: What it does again and again.
        at_end: Called in it when it ends; told whether too many turns have failed.
        failures: Keeps what went wrong in a turn.
    """

    def __init__(self, turn: Callable[[], None], at_end: Callable[[bool], None], failures: Failures) -> None:
        self.is_stopping = False
        """It ends after its turn, unless it is started again before."""
        self._turn = turn
        self._at_end = at_end
        self._failures = failures
        self._thread: Thread | None = None
        self._is_serving = False
        """From its start until it has decided to end."""
        self._starting = allocate_lock()
        """Held while a thread is started, and while it decides to end."""
        self._starter = 0
        """The identifier of the thread that starts it just now: a signal handler may fork in the midst of that."""
        self._forking: set[int] = set()
        """The threads that fork just now, by their identifiers."""

    @property
    def is_running(self) -> bool:
        """It serves."""
        return self._is_serving

    @property
    def thread(self) -> Thread | None:
        """What it runs in, or has run in last; None where there is nothing to wait for."""
        return self._thread

    def start(self) -> None:
        """Start it, if it does not run; while somebody forks it is left to who forks.

        Raises:
            RuntimeError: No thread can be started.
        """
        if self._starter != get_ident():
            without_signals(lambda: with_lock(self._starting, self._start, _STARTING_SECONDS))

    def _start(self) -> None:
        self._starter = get_ident()
        try:
            self._start_if_wanted()
        finally:
            self._starter = 0

    def _start_if_wanted(self) -> None:
        if self._forking:
            return
        # One that did not stop in time need not stop any more.
        self.is_stopping = False
        if self._is_serving:
            return
        if self._thread is not None:
            self._thread.join(_LAST_SECONDS)
        self._thread = thread = Thread(self._run, stack_bytes=_STACK_BYTES)
        self._is_serving = True
        try:
            thread.start()
        except BaseException:
            if not thread.has_started:
                self._thread = None
                self._is_serving = False
            raise

    def stop(self, seconds: float, wake: Callable[[], None]) -> bool:
        """Let it end after its turn, and wait for that; False if it has not ended in time, or calls this itself.

        Args:
            seconds: How long to wait.
            wake: Ends its wait.
        """
        if self._starter == get_ident():
            return False
        # Who is just starting it is let do so.
        without_signals(lambda: with_lock(self._starting, _nothing, _STARTING_SECONDS))
        thread = self._thread
        if thread is None:
            return True
        self.is_stopping = True
        wake()
        if thread.is_me() or not thread.join(seconds):
            return False
        if self._thread is thread:
            self._thread = None
        return True

    def hold(self) -> None:
        """From now on nobody starts it, until a `let_go` of the same thread."""
        self._forking.add(get_ident())

    def let_go(self) -> None:
        """Take a `hold` back."""
        self._forking.discard(get_ident())

    def become_child(self) -> None:
        """This is the child of a fork: the thread is the parent's."""
        self._thread = None
        self._is_serving = self.is_stopping = False
        self._starting = allocate_lock()
        self._starter = 0
        self._forking.clear()

    def _run(self) -> None:
        troubles = 0
        while troubles < _MOST_TROUBLES and not self._ends():
            try:
                self._turn()
                troubles = 0
            except Exception as error:  # noqa: BLE001 - the edge: nothing may end this thread unseen
                self._failures.keep("While clients were served", error)
                troubles += 1
        self._is_serving = False
        try:
            self._at_end(troubles >= _MOST_TROUBLES)
        except Exception as error:  # noqa: BLE001 - as above
            self._failures.keep("When everything was taken out", error)

    def forget(self) -> None:
        """In its last moment: nobody needs to wait for it."""
        self._thread = None

    def _ends(self) -> bool:
        if not self.is_stopping:
            return False
        with self._starting:
            # Somebody may have come for whom it goes on.
            self._is_serving = not self.is_stopping
        return not self._is_serving


def _nothing() -> None:
    return
