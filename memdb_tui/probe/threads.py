"""Threads that the program does not see: not in `threading.enumerate()`, and no signal is ever theirs."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` is made of; not in the stubs
import _thread
import os
from _functools import partial  # type: ignore[import-not-found]  # what `functools` is made of; not in the stubs
from _operator import call
from gc import get_threshold
from itertools import takewhile

from .bare import allocate_lock, clock, get_ident, pause, stack_size, start_new_thread
from .collector import NOTHING_IS_DUE, collector

ALL_SIGNALS = frozenset(_signal.valid_signals()).difference(
    getattr(_signal, name, None) for name in ("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT", "SIGTRAP", "SIGSYS")
)
"""But those that a thread gives itself. If they were blocked, the program would end before its faulthandler could say
so."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    _Made = TypeVar("_Made")

_AGAIN_SECONDS = 0.0005


def without_signals(work: Callable[[], None]) -> None:
    """Do something on the calling thread that no signal handler of the program may come into; they come after it."""
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, ())
    try:
        # A handler may raise out of this very call, when they are blocked already.
        _signal.pthread_sigmask(_signal.SIG_BLOCK, ALL_SIGNALS)
        work()
    finally:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def past_all_signals(work: Callable[[], None]) -> None:
    """Do something in the last moment of a process that would be over without it; signals that come are dropped."""
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, ())

    def work_and_drop() -> None:
        work()
        while _signal.sigtimedwait(ALL_SIGNALS - before, 0) is not None:
            pass

    without_signals(work_and_drop)


def with_lock(lock: _thread.LockType, work: Callable[[], _Made], seconds: float = -1.0) -> _Made | None:
    """Do something while a lock is held, whatever a signal handler raises. Gives what that gives.

    Since Python 3.14 a handler may be called between the taking of the lock in `with lock:` and what follows there.

    Args:
        lock: The lock.
        work: What to do.
        seconds: How long to wait for the lock, then nothing is done; for ever, if negative.
    """
    taken: list[bool] = []
    try:
        # One call into C: where it is taken, that is known.
        taken.extend(map(call, (partial(lock.acquire, True, seconds),)))
        return work() if any(taken) else None
    finally:
        if taken and taken[0]:
            lock.release()


class Thread:
    """A raw thread that can be joined, and that collects none of the program's garbage.

    Args:
        work: What it runs; must not raise.
        stack_bytes: How large its stack is; 0 for as large as the program's threads have it.
    """

    def __init__(self, work: Callable[[], None], *, stack_bytes: int = 0) -> None:
        self._work = work
        self._stack_bytes = stack_bytes
        self._running = allocate_lock()
        self._running.acquire()
        self._native_id = 0
        self._answers: list[int] = []
        """Of the calls that start it; the second gives its identifier."""
        self._thresholds: list[tuple[int, int, int]] = []

    def start(self) -> None:
        """Let it begin; once.

        A signal handler of the program may raise out of this, also when the thread runs: `has_started` says so.

        Raises:
            RuntimeError: No thread can be started, as at the end of the interpreter.
        """
        # The mask is inherited: not even the first instruction of the new thread can be given a signal.
        without_signals(self._start)

    @property
    def has_started(self) -> bool:
        """It runs, or has ended."""
        return len(self._answers) > 1

    @property
    def ident(self) -> int:
        """Its identifier, 0 before it has started."""
        return self._answers[1] if self.has_started else 0

    def is_me(self) -> bool:
        """Whether the calling thread is this one."""
        return get_ident() == self.ident

    def join(self, seconds: float) -> bool:
        """Wait for its end, and until the system has forgotten it; False if that takes longer."""
        until = clock.monotonic() + seconds
        # One call into C: whatever is raised in this thread just then, the lock is never left taken.
        steps = map(call, (partial(self._running.acquire, True, seconds), self._running.release))
        if not tuple(takewhile(bool, steps)):
            return False
        if not self._native_id:
            return True
        # fork() counts the threads of the process, one that is about to end included.
        task = f"/proc/self/task/{self._native_id}"
        while os.path.exists(task):  # noqa: PTH110 - pathlib is not imported here
            if clock.monotonic() > until:
                return False
            pause(_AGAIN_SECONDS)
        return True

    def _start(self) -> None:
        self._thresholds.append(get_threshold())
        before = stack_size()
        try:
            self._begin(self._stack_bytes or before, before)
        except RuntimeError:
            if not self._stack_bytes:
                raise
            # What the program's libraries keep for each thread may leave no room in so small a stack.
            self._begin(before, before)

    def _begin(self, bytes_now: int, bytes_after: int) -> None:
        # One call into C: not one instruction of the new thread is there before nothing is due.
        begin = partial(start_new_thread, any, (map(call, (NOTHING_IS_DUE, self._run)),))
        # As well: it is known from the moment on in which it is there, and no thread of the program has its stack.
        steps = (partial(stack_size, bytes_now), begin, partial(stack_size, bytes_after))
        try:
            self._answers.extend(map(call, steps))
        finally:
            if not self.has_started:
                self._answers.clear()
                stack_size(bytes_after)

    def _run(self) -> None:
        try:
            collector.rest(get_ident(), self._thresholds)
            self._native_id = _thread.get_native_id()
            try:
                self._work()
            finally:
                collector.work(get_ident())
        finally:
            self._running.release()
