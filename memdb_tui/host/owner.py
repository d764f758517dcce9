"""One thread that does everything that is done to the connections it owns."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from memdb_tui.errors import UsageError

_T = TypeVar("_T")
_CLOSED = "This connection is being closed."


class Owner:
    """A thread and the jobs waiting for it, done in order."""

    def __init__(self, number: int) -> None:
        self.name = f"memdb-owner-{number}"
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._is_closed = False
        self._thread = threading.Thread(target=self._work, name=self.name, daemon=True)
        self._thread.start()

    @property
    def is_closed(self) -> bool:
        """It takes no more jobs; those it has are still done."""
        with self._lock:
            return self._is_closed

    def submit(self, job: Callable[[], _T]) -> Future[_T]:
        """Do the job on this thread, after those before it; its value or error is the future's.

        Raises:
            UsageError: The owner was closed.
        """
        future: Future[_T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(job())
            except BaseException as error:  # noqa: BLE001 - handed over whole: the edge where a call becomes an answer
                future.set_exception(error)

        with self._lock:
            if self._is_closed:
                raise UsageError(_CLOSED)
            self._jobs.put(work)
        return future

    def close(self, timeout_seconds: float | None = None) -> bool:
        """End after the jobs given so far; True when the thread is gone. May be called twice."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                self._jobs.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
            # Nothing of a finished job, its cursor say, may live on while the thread waits.
            del job
