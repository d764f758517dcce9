"""The moments at which Python calls the probe: before and after a fork, and at the end."""

from __future__ import annotations

import _thread
import atexit
import os
import sys

from .afterwards import afterwards, become_child, hold
from .guard import begin_uninterrupted, is_of_the_program
from .threads import past_all_signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .afterwards import Held
    from .standing import Standing

_LAST_OF_FINALIZERS = -1000
"""Python's own go down to -100."""


class _Forking(_thread._local):  # noqa: SLF001 - what `threading.local` is
    """The places in which the calling thread forks: more than one where a signal handler forks in the midst of it."""

    def __init__(self) -> None:
        self.places: list[Held] = []


class AtForkAndExit:
    """What Python calls at fork and at exit. It cannot be unregistered from fork: it does nothing without a probe.

    Signals are blocked while it works, those of a thread that forks from its first moment before the fork to its last
    after it: half of it would leave locks taken.
    """

    def __init__(self) -> None:
        self.standing: Standing | None = None
        self._is_registered = False
        self._here = _Forking()

    def register(self, standing: Standing) -> None:
        """Let a probe be told of forks and of the end."""
        self.standing = standing
        if self._is_registered:
            return
        self._is_registered = True
        # Python runs functions at exit in reverse order: registered first, ours runs last.
        atexit.register(self._at_end)
        os.register_at_fork(
            before=self._before_fork, after_in_parent=self._after_in_parent, after_in_child=self._after_in_child
        )

    def _at_end(self) -> None:
        held: Held = {}
        hold(held, lambda _: self._do("end"))
        if "lost" in held:
            # Who would catch it has ended.
            del held["lost"]
        afterwards(held)

    def _before_fork(self) -> None:
        if self.standing is None:
            return
        held: Held = {}
        hold(held, self._begin_fork, self._here.places)

    def _after_in_parent(self) -> None:
        places = self._here.places
        if self.standing is None and not places:
            return
        held: Held = places[-1] if places else {}
        hold(held, self._go_on_as_parent)
        del places[-1:]
        afterwards(held)

    def _after_in_child(self) -> None:
        places = self._here.places
        if self.standing is None and not places:
            return
        held: Held = places[-1] if places else {}
        if "lost" in held:
            # The parent takes care of it.
            del held["lost"]
        hold(held, self._go_on_as_child)
        del places[-1:]
        afterwards(held)

    def _begin_fork(self, _held: Held) -> None:
        if self._is_outermost():
            self._do("before_fork")

    def _go_on_as_parent(self, held: Held) -> None:
        step = self._do("after_fork_in_parent") if self._is_outermost() else None
        if step is not None:
            held["then"] = (step,)

    def _is_outermost(self) -> bool:
        """This is no fork by a signal handler called within another fork, which stops and starts the thread."""
        return len(self._here.places) <= 1

    def _go_on_as_child(self, _held: Held) -> None:
        become_child()
        self._do("after_fork_in_child")
        # A worker of multiprocessing forgets the finalizers that it was forked with, and then calls this.
        util = sys.modules.get("multiprocessing.util")
        register = getattr(util, "register_after_fork", None)
        if self.standing is not None and register is not None:
            register(self, AtForkAndExit._in_worker)

    def _do(self, moment: str) -> Callable[[], Any] | None:
        if self.standing is None:
            return None
        try:
            step: Callable[[], Any] | None = getattr(self.standing, moment)()
        except Exception as error:
            if is_of_the_program(error):
                raise
            self.standing.failures.keep(f"At {moment}", error)
            return None
        return step

    def _in_worker(self) -> None:
        # It leaves by `os._exit`, past what `atexit` would call, but runs its finalizers.
        util = sys.modules["multiprocessing.util"]
        util.Finalize(None, self._end_of_worker, exitpriority=_LAST_OF_FINALIZERS)

    def _end_of_worker(self) -> None:
        if not _has_threads_of_its_own():
            self._end_here()
            return
        # Up to Python 3.13 its other threads are waited for only after this: they may open more. Those of executors
        # come first, and then the first of these functions is called.
        at_exit = getattr(sys.modules["threading"], "_threading_atexits", None)
        if isinstance(at_exit, list):
            at_exit.insert(0, self._end_after_executors)

    def _end_after_executors(self) -> None:
        if not _has_threads_of_its_own():
            self._end_here()

    def _end_here(self) -> None:
        # A pool that nobody joins kills its workers as soon as they are idle. What they have printed, and their exit
        # status, would mostly be out by then without us.
        _flush_output()
        past_all_signals(self._at_end)


for _hook in (AtForkAndExit._before_fork, AtForkAndExit._after_in_parent, AtForkAndExit._after_in_child):  # noqa: SLF001 - methods are functions
    begin_uninterrupted(_hook)  # type: ignore[arg-type]


def _has_threads_of_its_own() -> bool:
    """Whether there are threads of the program's that have to end before its process does."""
    threading = sys.modules.get("threading")
    if threading is None:
        return False
    return any(not (thread.daemon or thread is threading.main_thread()) for thread in threading.enumerate())


def _flush_output() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # noqa: BLE001, S112 - Python flushes it once more: then what fails is the program's
            continue
