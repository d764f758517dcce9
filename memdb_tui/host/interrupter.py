"""Interrupting, again and again, until the owner lets go."""

from __future__ import annotations

import threading
from typing import Protocol

_AGAIN_SECONDS = 0.02
"""An interrupt sent between two statements is lost, so one is not enough: https://sqlite.org/c3ref/interrupt.html"""


class Cancellable(Protocol):
    """A run, as far as it is seen from here."""

    @property
    def is_over(self) -> bool:
        """Nothing more will happen."""

    def cancel(self) -> None:
        """Interrupt what runs now."""


class Interrupter:
    """A thread that lives only while something is being cancelled."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted: list[Cancellable] = []
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def cancel(self, run: Cancellable) -> None:
        """Interrupt now, and keep at it."""
        run.cancel()
        with self._lock:
            if run.is_over or run in self._wanted:
                return
            self._wanted.append(run)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="memdb-interrupter", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Give up on what has not let go, and end; may be called twice."""
        self._closing.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _work(self) -> None:
        while True:
            self._closing.wait(_AGAIN_SECONDS)
            with self._lock:
                self._wanted = [run for run in self._wanted if not run.is_over]
                if not self._wanted or self._closing.is_set():
                    self._thread = None
                    return
                wanted = list(self._wanted)
            for run in wanted:
                run.cancel()
