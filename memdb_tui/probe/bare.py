"""What Python itself has, whatever stands in its place by now: gevent and eventlet put greenlets there, tests mocks.

Bound when the probe is imported; under `run` that is before the program's first line.
"""

from __future__ import annotations

import _thread
import os
import select
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any


def _original(module: ModuleType, name: str) -> Any:  # noqa: ANN401 - whatever the module has
    """A function of a module as it was before gevent replaced it, if it did."""
    monkey = sys.modules.get("gevent.monkey")
    return getattr(module, name) if monkey is None else monkey.get_original(module.__name__, name)


allocate_lock: Callable[[], _thread.LockType] = _original(_thread, "allocate_lock")
get_ident: Callable[[], int] = _original(_thread, "get_ident")
start_new_thread: Callable[[Callable[..., Any], tuple[Any, ...]], int] = _original(_thread, "start_new_thread")
stack_size: Callable[..., int] = _original(_thread, "stack_size")
poll: Callable[[], select.poll] = _original(select, "poll")
getcwd: Callable[[], str] = os.getcwd
getpid: Callable[[], int] = os.getpid


class clock:  # noqa: N801 - used like the module `time`
    """The clocks of `time`.

    A mock in their place may have so many answers and no more, or count who asks. Within a class, since freezegun
    replaces what the modules of a program have by name.
    """

    monotonic: Callable[[], float] = time.monotonic
    perf_counter: Callable[[], float] = time.perf_counter
    thread_time: Callable[[], float] = time.thread_time
    time: Callable[[], float] = time.time


_ENCODING = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()


def fsdecode(name: bytes) -> str:
    """As `os.fsdecode`, which asks `os.fspath` first."""
    return name.decode(*_ENCODING)


_held = allocate_lock()
_held.acquire()
never_free: Callable[[bool, float], bool] = _held.acquire
"""Waits in C for as long as it is told to, in vain."""


def pause(seconds: float) -> None:
    """Let the calling thread do nothing for a while.

    Not `time.sleep`: Python audits it, so the program's own audit hooks would hear of it.
    """
    never_free(True, seconds)
