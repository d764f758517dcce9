"""Sees every connection of the process being opened and closed, and holds none of them."""

from __future__ import annotations

import sys
from collections import deque
from itertools import count

from .afterwards import afterwards, keep
from .async_openings import MODULE, AsyncOpenings
from .bare import clock
from .guard import begin_uninterrupted, is_of_the_program
from .opening import Opener
from .places import programs_own_site
from .pools import Pools
from .record import Getters
from .threads import without_signals
from .witness import Local, Witness

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .afterwards import Held
    from .guard import Failures
    from .record import Record, Watch
    from .tracing import Tracing

MOST_CLOSED = 1000
"""Of each kind: thousands in memory, of tests say, are not to push out what leads to a file."""
_DRIVER = "_sqlite3"
_PLACES_OF_CONNECT = (_DRIVER, "sqlite3.dbapi2", "sqlite3")


class Recorder:
    """The connections of this process.

    Args:
        failures: Keeps what went wrong here.
        trace: Count statements.
        wake: Called in the program's threads when there is news and nobody has been told yet; must not block.
    """

    def __init__(self, failures: Failures, wake: Callable[[], None], *, trace: bool = False) -> None:
        self.open: dict[int, Record] = {}
        self.from_heap: dict[int, int] = {}
        """The numbers of connections found in the heap, by the hashes of their watches; those of closed ones stay."""
        self._closed_in_memory: deque[Record] = deque(maxlen=MOST_CLOSED)
        self._closed_to_files: deque[Record] = deque(maxlen=MOST_CLOSED)
        """Closed connections to a file, or to something that SQLite could not be asked about."""
        self.last_number = 0
        self._closed = 0
        self._closings = count(1)
        self.has_news = True
        self.original: Callable[..., Any] | None = None
        """`sqlite3.connect` as it was; None while sqlite3 is not imported."""
        self.getters: Getters | None = None
        self.limit_getter: Callable[..., Any] | None = None
        self.on_connect: Callable[[Record | None], None] | None = None
        """Called before each call of `sqlite3.connect`, in its thread, while there is something to do; before each
        traced statement too, then with its connection."""
        self.local = Local()
        self._failures = failures
        self._wake = wake
        self._numbers = count(1)
        self._trace = trace
        self.remember: Callable[[object, Record], None] | None = self._let_trace if trace else None
        """Lets a connection know its record; None where nothing asks it for that."""
        self._attach_record: Callable[[object, Record], None] | None = None
        self.pools = Pools()
        self.async_openings = AsyncOpenings(self.pools, self.local, failures)
        self.kind: type | None = None
        """The class of connections; None while sqlite3 is not imported."""
        self.cache_kind: type | None = None
        """The type of a connection's statement cache; None while sqlite3 is not imported."""
        self.witness = Witness(self, failures)
        self._tracing: Tracing | None = None
        self._opener: Opener | None = None
        self._is_importing = False
        # One object for all weak references.
        self.when_closed = self._when_closed

    def handlers(self) -> dict[str, Callable[[tuple[Any, ...]], None]]:
        """What is done at which audit event."""
        return {
            "import": self._importing,
            "sqlite3.connect": self.witness.connecting,
            "sqlite3.connect/handle": self.witness.connected,
        }

    @property
    def closed(self) -> list[Record]:
        """The closed connections that are listed."""
        return [*self._closed_in_memory, *self._closed_to_files]

    @property
    def dropped(self) -> int:
        """How many closed connections are no longer listed."""
        return max(0, self._closed - len(self._closed_in_memory) - len(self._closed_to_files))

    def news(self) -> None:
        """Something is to be told."""
        if not self.has_news:
            self.has_news = True
            self._wake()

    def install(self) -> None:
        """Stand in for `sqlite3.connect`, if sqlite3 is there already; what was known after a `stop` is forgotten."""
        for number, record in list(self.open.items()):
            if record.watch is None:
                del self.open[number]
        self.find_driver()
        self.async_openings.install()

    def stop(self) -> None:
        """Put back what stood in the places that still hold ours, and watch no connection any more.

        What was known stays known, for the last words.
        """
        for name in _PLACES_OF_CONNECT:
            module = sys.modules.get(name)
            if self._opener is not None and getattr(module, "connect", None) is self._opener:
                setattr(module, "connect", self.original)  # noqa: B010 - mypy knows no such attribute of a module
        self._opener = None
        self.async_openings.stop()
        for record in list(self.open.values()):
            record.watch = None

    def connect_ours(self, *args: Any, **keywords: Any) -> Any:  # noqa: ANN401 - as `sqlite3.connect`
        """`sqlite3.connect` as it was; what it opens is not recorded."""
        if self.original is None:
            raise RuntimeError("sqlite3 is not imported in this process")
        original = self.original
        return self.as_ours(lambda: original(*args, **keywords))

    def as_ours(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever it gives
        """Do something; what it opens is not recorded."""
        here = self.local.here
        before, here.is_ours = here.is_ours, True
        try:
            return work()
        finally:
            here.is_ours = before

    def before_call(self) -> None:
        """Do what waits for a thread of the program to come by."""
        try:
            if self.on_connect is not None and not self.local.here.is_ours:
                self.on_connect(None)
        except Exception as error:
            if is_of_the_program(error):
                raise
            self._failures.keep("While sqlite3.connect was called", error)

    def adopt(self, record: Record, watch: Watch) -> None:
        """List a connection."""
        watch.record = record
        record.watch = watch
        self.open[record.number] = record
        if self.from_heap:
            # It was found while it was being opened.
            self.open.pop(self.from_heap.pop(hash(watch), 0), None)
        if not self.has_news:
            self.news()

    def next_number(self) -> int:
        """A number that no connection of this process has had."""
        self.last_number = number = next(self._numbers)
        return number

    def is_connection(self, kind: object) -> bool:
        """Whether a type is that of connections. Not objects are asked: a proxy may say that it is anything."""
        return self.kind is not None and isinstance(kind, type) and issubclass(kind, self.kind)

    def _importing(self, args: tuple[Any, ...]) -> None:
        if args[0] in _PLACES_OF_CONNECT:
            self._importing_sqlite(args)
        elif args[0] == MODULE:
            self.async_openings.importing()

    def _importing_sqlite(self, args: tuple[Any, ...]) -> None:
        if _DRIVER in sys.modules:
            self.find_driver()
        elif args[0] == _DRIVER and args[1] is None and not self._is_importing:
            self._is_importing = True
            # Imported here, it is there already when the program's own import goes on, and `from _sqlite3 import *`
            # in sqlite3.dbapi2 takes over our `connect`. Not when it is being made from its file, of which
            # `importlib.import_module` alone is heard: the program would have another one than we.
            self._stand_in(__import__(_DRIVER))

    def find_driver(self) -> None:
        """Stand in for `sqlite3.connect`, if sqlite3 is there by now."""
        module = sys.modules.get(_DRIVER)
        # In another thread it may be in the midst of being imported.
        if module is not None and not getattr(module.__spec__, "_initializing", False):
            self._stand_in(module)

    def _stand_in(self, module: Any) -> None:  # noqa: ANN401 - a module
        if self._opener is not None or not hasattr(module, "Connection"):
            return
        import functools  # noqa: PLC0415 - _sqlite3 has imported it

        self.kind = module.Connection
        self.cache_kind = functools._lru_cache_wrapper  # noqa: SLF001 - there is no public name
        self.getters = Getters(module.Connection, _numbers_of(module.sqlite_version))
        self.limit_getter = vars(module.Connection).get("getlimit")
        self.original = module.connect
        self._opener = Opener(module.connect, self)
        if self._trace:
            self._opener.factory = self._traced
        for name in _PLACES_OF_CONNECT:
            place = sys.modules.get(name)
            if getattr(place, "connect", None) is self.original:
                place.connect = self._opener  # type: ignore[union-attr]  # it has just been found there

    def _let_trace(self, connection: object, record: Record) -> None:
        record.statements = 0
        if self._attach_record is not None:
            self._attach_record(connection, record)

    def _traced(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of a call with a class of ours; made at the first call, when sqlite3 is there."""
        if self.local.here.is_ours:
            return args, keywords
        if self._tracing is None:
            try:
                # Python's own imports lose what a signal handler raises in certain moments.
                without_signals(self._learn_to_trace)
            except Exception as error:
                if is_of_the_program(error):
                    raise
                # Nothing can be imported when Python ends, say.
                self._failures.keep("While statements were to be counted", error)
        return (args, keywords) if self._tracing is None else self._tracing.with_factory(args, keywords)

    def _learn_to_trace(self) -> None:
        from .tracing import Tracing, remember  # noqa: PLC0415 - it imports sqlite3

        self._attach_record = remember
        self._tracing = Tracing(self, self._failures)

    def _when_closed(self, watch: Watch) -> None:
        # Run by whoever closes it, or by the garbage collector in the midst of anything: no lock may be taken here.
        held: Held = {}
        try:
            record = getattr(watch, "record", None)
            if record is None or record.number not in self.open:
                return
            # They hold each other: only the garbage collector could free them.
            record.watch = None
            try:
                record.closer = programs_own_site(sys._getframe(1))  # noqa: SLF001 - there is no other way
            except ValueError as error:
                if is_of_the_program(error):
                    raise
                # A thread that has ended drops what it held with no Python code on its stack.
                record.closer = None
            record.closed_at = clock.time()
            sight = record.sight
            is_in_memory = sight is not None and not sight.file
            (self._closed_in_memory if is_in_memory else self._closed_to_files).append(record)
            # At no moment in neither: the thread that tells of it may look between any two instructions.
            self.open.pop(record.number, None)
            self._closed = next(self._closings)
            if not self.has_news:
                self.news()
        except BaseException as error:  # noqa: BLE001 - a weak reference's callback cannot raise into the program
            if not keep(held, error):
                self._failures.keep("While a connection was closed", error)
        if held:
            afterwards(held)


def _numbers_of(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


begin_uninterrupted(Recorder._when_closed)  # type: ignore[arg-type]  # noqa: SLF001 - a method is a function
