"""Something done by the program's main thread as soon as it runs code of the program again.

https://docs.python.org/3/c-api/threads.html#c.Py_AddPendingCall
"""

from __future__ import annotations

from _functools import partial  # type: ignore[import-not-found]  # what `functools` is made of; not in the stubs

from .afterwards import afterwards, hold
from .foreign import CallbackOfPython, of_python
from .guard import begin_uninterrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .afterwards import Held

_waiting: list[Callable[[], None]] = []


def _do(_argument: int | None) -> int:
    held: Held = {}
    hold(held, _work)
    afterwards(held)
    return 0


def _work(_held: Held) -> None:
    while _waiting:
        _waiting.pop()()


begin_uninterrupted(_do)  # type: ignore[arg-type]  # it is a function
_callback = CallbackOfPython(_do)
"""Held for good: Python keeps a pointer to it."""
_add_pending_call = of_python("Py_AddPendingCall")


def step_to(work: Callable[[], None]) -> Callable[[], Any]:
    """What lets the main thread do it; for the last step of a place, as it would be done between two of ours else.

    Args:
        work: Keeps its own errors.
    """
    _waiting.append(work)
    step: Callable[[], Any] = partial(_add_pending_call, _callback, None)
    return step
