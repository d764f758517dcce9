"""Connections that aiosqlite opens: what is known of its call waits for the thread that it opens the connection in.

That thread is a new one, with nothing of the program on its stack. So the stack and the pool are taken down where the
program calls `aiosqlite.connect`; for SQLAlchemy's asyncio engines that is on a greenlet, within the pool.
"""

from __future__ import annotations

import sys
from _weakref import ref

from .guard import is_of_the_program
from .opening import leave_out
from .places import root_of, sites_of, stack_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from .guard import Failures
    from .places import Site, Stack
    from .pools import PoolEntry, Pools
    from .witness import Local

MODULE = "aiosqlite.core"
"""Where `connect` is defined."""
_PLACES_OF_CONNECT = (MODULE, "aiosqlite")


class AsyncOpening:
    """What is known of a call of `aiosqlite.connect`.

    Args:
        stack: Where the program called it.
        root: The outermost frame of that stack; None where parts of it can be put aside.
        pool: What it is opened for.
    """

    __slots__ = ("pool", "root", "stack")

    def __init__(self, stack: Stack, root: Site | None, pool: PoolEntry | None) -> None:
        self.stack = stack
        self.root = root
        self.pool = pool


class AsyncOpenings:
    """The calls of `aiosqlite.connect` whose connections are not open yet.

    Args:
        pools: Knows the pools.
        local: What is opened while its `here.is_ours` is not recorded.
        failures: Keeps what went wrong here.
    """

    def __init__(self, pools: Pools, local: Local, failures: Failures) -> None:
        self.waiting: dict[Callable[[], Any], AsyncOpening] = {}
        """By weak references to the threads; an entry goes with its thread."""
        self._pools = pools
        self._local = local
        self._failures = failures
        self._original: Callable[..., Any] | None = None
        self._connect: Callable[..., Any] | None = None
        self._is_importing = False

    def importing(self) -> None:
        """At the import of aiosqlite's module: once it is there, whoever imports `connect` from it has ours."""
        if self._is_importing or MODULE in sys.modules:
            return
        self._is_importing = True
        try:
            __import__(MODULE)
        except Exception as error:
            if is_of_the_program(error):
                raise
            # The program's own import goes on, and says so itself.
        finally:
            self._is_importing = False
        self.install()

    def install(self) -> None:
        """Stand in for `aiosqlite.connect`, if aiosqlite is there."""
        original = getattr(sys.modules.get(MODULE), "connect", None)
        if self._connect is not None or original is None:
            return
        self._original = original
        self._connect = _standing_in(original, self)
        self._replace(original, self._connect)

    def stop(self) -> None:
        """Put back what stood in the places that still hold ours."""
        connect, self._connect = self._connect, None
        if connect is not None:
            self._replace(connect, self._original)
        self.waiting.clear()

    def called(self, connection: Any, frame: FrameType) -> None:  # noqa: ANN401 - one of aiosqlite
        """Take down a call.

        Args:
            connection: What it returned: not open yet.
            frame: Where the program called it.
        """
        if self._connect is None or self._local.here.is_ours:
            return
        try:
            # Up to aiosqlite 0.21 it is a thread itself.
            thread = getattr(connection, "_thread", connection)
            threading = sys.modules.get("threading")
            if threading is None or not isinstance(thread, threading.Thread):
                return
            stack = stack_from(frame)
            pool = self._pools.entry_on(frame, stack)
            outer = _stack_behind_greenlet()
            root = None if outer else root_of(sites_of(stack))
            self.waiting[ref(thread, self.waiting.pop)] = AsyncOpening(stack + outer, root, pool)
        except Exception as error:
            if is_of_the_program(error):
                raise
            self._failures.keep("While aiosqlite.connect was called", error)

    def opening_of_this_thread(self) -> AsyncOpening | None:
        """The call that the connection is for which the calling thread opens; None where it is for none."""
        thread = getattr(sys.modules.get("threading"), "_active", {}).get(self._local.here.ident)
        return None if thread is None else self.waiting.pop(ref(thread), None)

    @staticmethod
    def _replace(there: object, wanted: object) -> None:
        for name in _PLACES_OF_CONNECT:
            module = sys.modules.get(name)
            if getattr(module, "connect", None) is there:
                setattr(module, "connect", wanted)  # noqa: B010 - mypy knows no such attribute of a module


def _standing_in(original: Callable[..., Any], openings: AsyncOpenings) -> Callable[..., Any]:
    """A function like the original, which tells of each call."""
    import functools  # noqa: PLC0415 - aiosqlite has imported it

    @functools.wraps(original)
    def connect(*args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - whatever the original takes and gives
        try:
            connection = original(*args, **keywords)
        except BaseException as error:
            leave_out(1, error)
            raise
        openings.called(connection, sys._getframe(1))  # noqa: SLF001 - there is no other way
        return connection

    return connect


def _stack_behind_greenlet() -> Stack:
    """The stacks that wait for the calling greenlet, its parent's first; empty where no greenlet runs."""
    module = sys.modules.get("greenlet")
    stack: Stack = []
    if module is None:
        return stack
    parent = module.getcurrent().parent
    while parent is not None:
        stack += stack_from(parent.gr_frame)
        parent = parent.parent
    return stack
