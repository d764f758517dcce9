"""Keeps the program's garbage from being collected in a thread of ours: its finalizers would run there.

Whichever thread makes one object too many collects: https://docs.python.org/3/library/gc.html#gc.set_threshold. While
a thread of ours works, the threshold holds that off. `gc.disable()` is left to the program, which may ask about it.

Since 3.12 what is due is collected not there, but before the next instruction: on 3.12 of whichever thread, so of
ours when it comes out of a wait just then. https://github.com/python/cpython/blob/3.12/Python/ceval_gil.c
"""

from __future__ import annotations

import sys
from _functools import partial  # type: ignore[import-not-found]  # what `functools` is made of; not in the stubs
from _operator import call
from gc import disable, enable, get_threshold, isenabled, set_threshold

from .bare import allocate_lock, get_ident, never_free

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

_FAR = 200_000_011
"""As many objects are never made meanwhile. A program may ask for ten times what it finds."""
NOTHING_IS_DUE = partial(set_threshold, _FAR, _FAR, _FAR)
_COLLECTS_BETWEEN_INSTRUCTIONS = sys.version_info >= (3, 12)


class Collector:
    """The collector of this process: at work, unless a thread of ours makes objects."""

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._idents: set[int] = set()
        self._thresholds: tuple[int, ...] = ()
        """The program's, as last seen."""

    def holds(self, ident: int) -> bool:
        """Whether it is at rest for that thread."""
        return ident in self._idents

    def rest(self, ident: int, seen: Sequence[tuple[int, ...]] = ()) -> None:
        """Let no collection begin by itself; what is due is done after that.

        Args:
            ident: The calling thread.
            seen: What the thresholds were before `NOTHING_IS_DUE`, if it has been called.
        """
        # These alone make no object that could be one too many: all that follows does.
        was_enabled = isenabled()
        disable()
        with self._lock:
            self._idents.add(ident)
            of_the_program = (found for found in (get_threshold(), *seen) if found[0] != _FAR)
            self._thresholds = next(of_the_program, self._thresholds)
            set_threshold(_FAR, *self._thresholds[1:])
        if was_enabled:
            enable()

    def work(self, ident: int) -> None:
        """Let them begin, as far as that thread is concerned; may be called again."""
        with self._lock:
            self._idents.discard(ident)
            if not self._idents:
                self._set_back()

    def become_child(self) -> None:
        """This is the child of a fork: those for which it rests are threads of the parent."""
        self._lock = allocate_lock()
        self._idents.clear()
        self._set_back()

    def _set_back(self) -> None:
        # Another value is the program's, set meanwhile.
        if get_threshold()[0] == _FAR and self._thresholds:
            set_threshold(*self._thresholds)


collector = Collector()


def collectable(wait: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401 - what that gives
    """Call what is written in C and only waits: others may collect meanwhile, also where this thread does not."""
    ident = get_ident()
    if not collector.holds(ident):
        return wait(*arguments)
    answers: list[Any] = []
    seen: list[tuple[int, ...]] = []
    steps: list[Callable[[], Any]] = [partial(wait, *arguments)]
    if _COLLECTS_BETWEEN_INSTRUCTIONS:
        steps += [partial(seen.extend, map(call, (get_threshold,))), NOTHING_IS_DUE]
    waiting = map(call, steps)
    collector.work(ident)
    try:
        # One call into C: no instruction of ours is there from the wait until nothing is due.
        answers.extend(waiting)
    finally:
        collector.rest(ident, seen)
    return answers[0]


def pause_collectable(seconds: float) -> None:
    """Do nothing for a while, as `collectable`."""
    collectable(never_free, True, seconds)
