"""Something done by the program's main thread as soon as it runs code of the program again."""

from __future__ import annotations

from .afterwards import pending
from .guard import begin_uninterrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_waiting: list[Callable[[], None]] = []


class _Work:
    """Is false, and does the work that waits when that is asked. What a handler raises then is the program's."""

    def __bool__(self) -> bool:
        try:
            while _waiting:
                _waiting[0]()
                del _waiting[:1]
        except BaseException:
            if _waiting:
                _asking()
            raise
        return False


begin_uninterrupted(_Work.__bool__)  # type: ignore[arg-type]  # a method is a function
_asking = pending(_Work())


def step_to(work: Callable[[], None]) -> Callable[[], Any]:
    """What lets the main thread do it; for the last step of a place, as it would be done between two of ours else.

    Args:
        work: Keeps its own errors; may be done twice.
    """
    _waiting.append(work)
    return _asking
