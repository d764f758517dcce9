"""The one thread that writes to the socket: answers in order, and of each event only the newest."""

from __future__ import annotations

import socket
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable

_EVENT_SECONDS = 0.015
"""An event waits this long for a newer one of its kind, unless an answer goes out before."""
_MOST_EVENT_SECONDS = 0.05
_EVENT_SHARE = 10
"""Events that take long to make are made less often: at most this part of the time goes into them."""
_LAST_SECONDS = 1.0
"""How long the other side may take to read what waits when the writer is closed."""

Make = Callable[[], bytes]


class Writer:
    """Sends what it is given without ever keeping a caller waiting.

    Args:
        sock: Shut down by `close()` where the other side does not read.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._wake = threading.Condition()
        self._answers: deque[Make] = deque()
        self._events: dict[str, Make] = {}
        self._due: dict[str, float] = {}
        self._pause_seconds = _EVENT_SECONDS
        self._sleeps = False
        """Nothing but a call wakes the thread; else it wakes by itself, within the time an event waits."""
        self._is_closed = False
        self._is_broken = False
        self._thread = threading.Thread(target=self._work, name="memdb-writer", daemon=True)
        self._thread.start()

    def answer(self, make: Make, *, instead_of: str = "") -> None:
        """Send an answer; the events that wait go out before it, so that the picture is never older than it.

        Args:
            make: Called when it is sent.
            instead_of: The key of an event that the answer makes needless.
        """
        with self._wake:
            self._events.pop(instead_of, None)
            self._due.pop(instead_of, None)
            self._answers.append(make)
            self._wake.notify()

    def event(self, key: str, make: Make) -> None:
        """Send an event soon; it replaces one of the same key that still waits. `make` is called when it is sent."""
        with self._wake:
            if self._is_broken:
                return
            if key not in self._events:
                self._due[key] = time.monotonic() + self._pause_seconds
                if self._sleeps:
                    self._wake.notify()
            self._events[key] = make

    def close(self) -> None:
        """Send what waits, as far as the other side reads within a second, then end; may be called twice."""
        with self._wake:
            self._is_closed = True
            self._wake.notify()
        if threading.current_thread() is self._thread:
            return
        self._thread.join(_LAST_SECONDS)
        if self._thread.is_alive():
            self._shut_down()
            self._thread.join()

    def _work(self) -> None:
        try:
            while makes := self._take():
                self._send(makes)
        except OSError:
            # The other side is gone; the reader sees it too, and ends the process.
            pass
        finally:
            with self._wake:
                self._is_broken = True
                self._events.clear()
                self._answers.clear()

    def _take(self) -> list[Make]:
        """What is to be sent now, in order; nothing when the writer is closed and everything sent."""
        with self._wake:
            # Events come one upon the other: so that none of them has to wake this thread, it stays awake a little.
            pause: float | None = self._pause_seconds
            while True:
                now = time.monotonic()
                at_once = bool(self._answers) or self._is_closed
                ready = [key for key in self._events if at_once or self._due[key] <= now]
                if self._answers or ready:
                    break
                if self._is_closed:
                    return []
                if self._due:
                    pause = min(self._due.values()) - now
                self._sleeps = pause is None
                self._wake.wait(pause)
                self._sleeps, pause = False, None
            makes = [self._events.pop(key) for key in ready]
            for key in ready:
                del self._due[key]
            if self._answers:
                makes.append(self._answers.popleft())
            return makes

    def _send(self, makes: list[Make]) -> None:
        began = time.monotonic()
        data = []
        for make in makes:
            try:
                data.append(make())
            except Exception as error:  # noqa: BLE001 - the edge: a message that cannot be made must not mute the host
                traceback.print_exception(error, file=sys.stderr)
        seconds = time.monotonic() - began
        self._pause_seconds = min(_MOST_EVENT_SECONDS, max(_EVENT_SECONDS, _EVENT_SHARE * seconds))
        self._socket.sendall(b"".join(data))

    def _shut_down(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            # It is gone already.
            return
