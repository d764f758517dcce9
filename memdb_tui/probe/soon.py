"""Something done by the program's main thread as soon as it runs code of the program again.

https://docs.python.org/3/c-api/threads.html#c.Py_AddPendingCall
"""

from __future__ import annotations

import sys

from .foreign import CallbackOfPython, of_python
from .guard import Delivery, begin_uninterrupted, is_of_the_program, is_ours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_waiting: list[Callable[[], None]] = []


def _do(_argument: int | None) -> int:
    delivery = None
    try:
        if _is_early(sys._getframe().f_back):  # noqa: SLF001 - there is no other way
            _ask()
        else:
            while _waiting:
                _waiting.pop()()
    except BaseException as error:  # noqa: BLE001 - what a callback raises is printed
        if not isinstance(error, Exception) or is_of_the_program(error):
            delivery = Delivery(error)
    if delivery is not None:
        delivery.is_left = True
    return 0


begin_uninterrupted(_do)  # type: ignore[arg-type]  # it is a function
_callback = CallbackOfPython(_do)
"""Held for good: Python keeps a pointer to it."""
_add_pending_call = of_python("Py_AddPendingCall")


def done_soon(work: Callable[[], None]) -> bool:
    """Let the main thread do it; False where Python takes no more such calls, and then it is not done.

    Args:
        work: Keeps its own errors.
    """
    _waiting.append(work)
    if _ask():
        return True
    _waiting.remove(work)
    return False


def _is_early(caller: FrameType | None) -> bool:
    """Whether who asked for it has not returned yet."""
    return caller is not None and is_ours(caller.f_code.co_filename)


def _ask() -> bool:
    return bool(_add_pending_call(_callback, None) == 0)
