"""The one thread that writes to the socket: answers in order, and of each event only the newest."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable

_EVENT_SECONDS = 0.015
"""An event waits this long for a newer one of its kind, unless an answer goes out before."""


class Writer:
    """Sends what it is given without ever keeping a caller waiting."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._wake = threading.Condition()
        self._answers: queue.SimpleQueue[Callable[[], bytes]] = queue.SimpleQueue()
        self._events: dict[str, Callable[[], bytes]] = {}
        self._due: dict[str, float] = {}
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name="memdb-writer", daemon=True)
        self._thread.start()

    def answer(self, make: Callable[[], bytes]) -> None:
        """Send an answer; the events that wait go out before it, so that the picture is never older than it."""
        with self._wake:
            self._answers.put(make)
            self._wake.notify()

    def event(self, key: str, make: Callable[[], bytes]) -> None:
        """Send an event soon; it replaces one of the same key that still waits. `make` is called when it is sent."""
        with self._wake:
            if key not in self._events:
                self._due[key] = time.monotonic() + _EVENT_SECONDS
                self._wake.notify()
            self._events[key] = make

    def close(self) -> None:
        """Send what waits, then end; may be called twice."""
        with self._wake:
            self._is_closed = True
            self._wake.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _work(self) -> None:
        try:
            while self._send_next():
                pass
        except OSError:
            # The other side is gone; the reader sees it too, and ends the process.
            return

    def _send_next(self) -> bool:
        with self._wake:
            while True:
                now = time.monotonic()
                has_answer = not self._answers.empty()
                ready = [key for key in self._events if has_answer or self._is_closed or self._due[key] <= now]
                if has_answer or ready:
                    break
                if self._is_closed:
                    return False
                wait = min((self._due[key] - now for key in self._events), default=None)
                self._wake.wait(wait)
            makes = [self._events.pop(key) for key in ready]
            for key in ready:
                del self._due[key]
            if has_answer:
                makes.append(self._answers.get())
        for make in makes:
            self._socket.sendall(make())
        return True
