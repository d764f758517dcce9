"""Keeps the program's garbage from being collected in a thread of ours: its finalizers would run there.

Whichever thread makes one object too many collects: https://docs.python.org/3/library/gc.html#gc.set_threshold. While
a thread of ours works, the threshold holds that off. `gc.disable()` is left to the program, which may ask about it.
"""

from __future__ import annotations

from gc import disable, enable, get_threshold, isenabled, set_threshold

from .bare import allocate_lock, get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType


class Collector:
    """The collector of this process: at work, unless a thread of ours makes objects."""

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._idents: set[int] = set()
        self._thresholds: tuple[int, ...] = ()

    def holds(self, ident: int) -> bool:
        """Whether it is at rest for that thread."""
        return ident in self._idents

    def rest(self, ident: int) -> None:
        """Let no collection begin by itself; what is due is done after that."""
        # These alone make no object that could be one too many: all that follows does.
        was_enabled = isenabled()
        disable()
        with self._lock:
            self._idents.add(ident)
            thresholds = get_threshold()
            if thresholds[0]:
                self._thresholds = thresholds
                set_threshold(0, *thresholds[1:])
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
        thresholds, self._thresholds = self._thresholds, ()
        # Another value is the program's, set meanwhile.
        if thresholds and not get_threshold()[0]:
            set_threshold(*thresholds)


collector = Collector()


class Uncollected:
    """Within it the calling thread, one of ours, collects nothing."""

    def __enter__(self) -> None:
        """Begin."""
        collector.rest(get_ident())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        collector.work(get_ident())


class Collectable:
    """Where the calling thread only waits, within the other or not: others may collect meanwhile."""

    def __enter__(self) -> None:
        """Begin."""
        self._ident = get_ident()
        self._was_held = collector.holds(self._ident)
        if self._was_held:
            collector.work(self._ident)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        if self._was_held:
            collector.rest(self._ident)
