"""Work that may be given up before it has begun."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Coroutine, Generator
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Undertaking(Awaitable[_T], Generic[_T]):
    """Awaits a coroutine, once; one that was never begun, since the program ends first, is closed without a word.

    Python complains about a coroutine that was never awaited, on stderr: over the prompt of the user's shell.
    """

    def __init__(self, work: Coroutine[object, object, _T]) -> None:
        self._work = work

    def __await__(self) -> Generator[object, object, _T]:
        """Does the work."""
        return self._work.__await__()

    def __del__(self) -> None:
        """Nobody will await it any more."""
        if inspect.getcoroutinestate(self._work) == inspect.CORO_CREATED:
            self._work.close()
