"""Sees every connection of the process being opened and closed, and holds none of them."""

from __future__ import annotations

import _thread
import os
import sys
import time
from collections import deque
from gc import get_referents
from itertools import count

from .files_before import existed_before, leads_to_memory, was_there
from .guard import begin_uninterrupted, deliver_again, is_of_the_program
from .opening import NO_OPENING, Opener, arguments_of
from .places import programs_own_site, stack_from
from .pools import Pools
from .record import FOUND_BY_HOOK, FOUND_BY_WRAPPER, Getters, Record, Watch, name_of, name_of_this_thread
from .threads import without_signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from .files_before import Existed
    from .guard import Failures
    from .pools import PoolEntry
    from .sight import Sight
    from .tracing import Tracing

MOST_CLOSED = 1000
_MOST_CHARACTERS = 4096
_OF_OPENER = Opener.__call__.__globals__
"""In the frames that stand between the program and `sqlite3.connect`, and in no frame of the program."""
_TRUTHS = (bool, int, str, type(None))
_PLACES_OF_CONNECT = ("_sqlite3", "sqlite3.dbapi2", "sqlite3")


class _Here:
    """What belongs to one thread that opens connections.

    Attributes:
        is_ours: The connection is one of the probe: not to be recorded.
        call: The arguments of the call of `sqlite3.connect` that runs.
        opening: Of the connection that is being opened: the first argument, the same as text, the files that were
            there.
        depth: How many traced statements run within each other.
        is_main: It is the main thread; asked once, and only while `threading` does not know.
    """

    __slots__ = ("call", "depth", "is_main", "is_ours", "opening")

    def __init__(self) -> None:
        self.is_ours = False
        self.call: tuple[tuple[Any, ...], dict[str, Any]] | None = None
        self.opening: tuple[object, str | None, Existed | None] = NO_OPENING
        self.depth = 0
        self.is_main: bool | None = None


class _Local(_thread._local):  # noqa: SLF001 - as `threading` itself has it, which is not imported here
    """Gives each thread its own, by one look-up: each attribute here would take one."""

    def __init__(self) -> None:
        self.here = _Here()


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
        self.closed: deque[Record] = deque(maxlen=MOST_CLOSED)
        self.last_number = 0
        self.has_news = True
        self.original: Callable[..., Any] | None = None
        """`sqlite3.connect` as it was; None while sqlite3 is not imported."""
        self.getters: Getters | None = None
        self.limit_getter: Callable[..., Any] | None = None
        self.on_connect: Callable[[], None] | None = None
        """Called before each call of `sqlite3.connect`, in its thread, while there is something to do there."""
        self.local = _Local()
        self._failures = failures
        self._wake = wake
        self._numbers = count(1)
        self._trace = trace
        self._remember: Callable[[object, Record], None] | None = None
        self.pools = Pools()
        self._see: Callable[..., Sight | None] | None = None
        self._kind: type | None = None
        self._kind_name = ""
        self._read_cache: Callable[[sqlite3.Connection], Any] | None = None
        self._cache_kind: type | None = None
        self._tracing: Tracing | None = None
        self._opener: Opener | None = None
        self._is_importing = False
        # One object for all weak references.
        self.when_closed = self._when_closed

    def handlers(self) -> dict[str, Callable[[tuple[Any, ...]], None]]:
        """What is done at which audit event."""
        return {
            "import": self._importing,
            "sqlite3.connect": self._connecting,
            "sqlite3.connect/handle": self._connected,
        }

    @property
    def dropped(self) -> int:
        """How many closed connections are no longer listed."""
        return max(0, self.last_number - len(self.open) - len(self.closed))

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
        module = sys.modules.get("_sqlite3")
        if module is not None:
            self._stand_in(module)

    def stop(self) -> None:
        """Put back what stood in the places that still hold ours, and watch no connection any more.

        What was known stays known, for the last words.
        """
        for name in _PLACES_OF_CONNECT:
            module = sys.modules.get(name)
            if self._opener is not None and getattr(module, "connect", None) is self._opener:
                setattr(module, "connect", self.original)  # noqa: B010 - mypy knows no such attribute of a module
        self._opener = None
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
                self.on_connect()
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
        return self._kind is not None and isinstance(kind, type) and issubclass(kind, self._kind)

    @property
    def cache_kind(self) -> type | None:
        """The type of a connection's statement cache; None while sqlite3 is not imported."""
        return self._cache_kind

    def _importing(self, args: tuple[Any, ...]) -> None:
        if args[0] == "_sqlite3" and not self._is_importing:
            self._is_importing = True
            # Imported here, it is there already when the program's own import goes on, and `from _sqlite3 import *`
            # in sqlite3.dbapi2 takes over our `connect`.
            self._stand_in(__import__("_sqlite3"))

    def _stand_in(self, module: Any) -> None:  # noqa: ANN401 - a module
        if self._opener is not None or not hasattr(module, "Connection"):
            return
        import functools  # noqa: PLC0415 - _sqlite3 has imported it

        self._kind = module.Connection
        self._kind_name = name_of(module.Connection)
        self._cache_kind = functools._lru_cache_wrapper  # noqa: SLF001 - there is no public name
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

    def _let_trace(self, record: Record, connection: sqlite3.Connection) -> None:
        record.statements = 0
        if self._remember is not None:
            self._remember(connection, record)

    def _traced(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of a call with a class of ours; made at the first call, when sqlite3 is there."""
        if self.local.here.is_ours:
            return args, keywords
        if self._tracing is None:
            # As in `_look_at`.
            without_signals(self._learn_to_trace)
        return (args, keywords) if self._tracing is None else self._tracing.with_factory(args, keywords)

    def _learn_to_trace(self) -> None:
        from .tracing import Tracing, remember  # noqa: PLC0415 - it imports sqlite3

        self._remember = remember
        self._tracing = Tracing(self, self._failures)

    def _connecting(self, args: tuple[Any, ...]) -> None:
        here = self.local.here
        if not here.is_ours:
            database = args[0]
            text = _database(database)
            is_memory = text is not None and leads_to_memory(text) and _says_uri(here.call, database)
            here.opening = (database, text, None if is_memory else existed_before(text))

    def _connected(self, args: tuple[Any, ...]) -> None:
        # Every microsecond here is one of the program's: what can wait until it is told, waits.
        here = self.local.here
        connection = args[0]
        database, text, existed = here.opening
        here.opening = NO_OPENING
        call = here.call
        kind = type(connection)
        if here.is_ours or (kind is not self._kind and not self.is_connection(kind)):
            return
        cache = self._cache_of(connection) if self._read_cache is None else self._read_cache(connection)
        if cache is None:
            return
        frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - this one, and that of the hook
        if frame is not None and frame.f_globals is _OF_OPENER:
            # Each look at the code of a frame is audited, which calls the hook again.
            frame = frame.f_back
        self.last_number = number = next(self._numbers)
        record = Record(number)
        record.opened_at = time.time()
        record.database = text
        record.kind = self._kind_name if kind is self._kind else name_of(kind)
        record.found = FOUND_BY_HOOK
        if call is not None and _first_of(call) is database:
            # Only the first connection that is opened within the call is the one the call is for.
            here.call = None
            record.found = FOUND_BY_WRAPPER
            _describe_call(record, call)
        record.ident = _thread.get_ident()
        record.thread = name_of_this_thread(here)
        record.stack = stack_from(frame)
        modules = sys.modules
        if "greenlet" in modules:
            record.may_be_set_aside()
        if "sqlalchemy.pool.base" in modules:
            record.pool = self._pool_on(frame)
        self._look_at(record, connection, existed)
        if record.sight is None or record.sight.file:
            # What is in memory needs no folder.
            record.cwd = _cwd()
        if self._trace:
            self._let_trace(record, connection)
        self.adopt(record, Watch(cache, self.when_closed))

    def _cache_of(self, connection: sqlite3.Connection) -> Any:  # noqa: ANN401 - a type of functools' own
        for found in get_referents(connection):
            if type(found) is self._cache_kind and getattr(found, "__wrapped__", None) is connection:
                self._learn_to_read(connection, found)
                return found
        return None

    def _learn_to_read(self, connection: sqlite3.Connection, cache: object) -> None:
        """Find out where a connection has its statement cache; with `get_referents` it takes five times as long."""
        if self._see is not None:
            # Imported whole: another thread may be in the midst of it.
            from .native import reader_of  # noqa: PLC0415 - ctypes

            self._read_cache = reader_of(cache, connection)

    def _pool_on(self, frame: FrameType | None) -> PoolEntry | None:
        try:
            return self.pools.entry_on(frame)
        except Exception as error:
            if is_of_the_program(error):
                raise
            self._failures.keep("While the pool of a connection was looked for", error)
            return None

    def _learn_to_see(self) -> None:
        # ctypes, which a program without connections never needs.
        from .native import native  # noqa: PLC0415
        from .sight import see_opened  # noqa: PLC0415

        native()
        self._see = see_opened

    def _look_at(self, record: Record, connection: sqlite3.Connection, existed: Existed | None) -> None:
        """See now what only the opening thread may see, and only between statements."""
        try:
            if self._see is None:
                # Python's own imports lose what a signal handler raises in certain moments.
                without_signals(self._learn_to_see)
            sight = self._see and self._see(connection, record.database)
            if sight is None:
                from .native import native_problem  # noqa: PLC0415 - as above

                record.unobserved = native_problem()
                return
            record.sight = sight
            record.observed_at = record.opened_at
            if sight.file:
                record.existed = was_there(sight.file, existed)
        except Exception as error:
            if is_of_the_program(error):
                raise
            record.unobserved = "It could not be looked at when it was opened."
            self._failures.keep("While a connection was looked at", error)

    def _when_closed(self, watch: Watch) -> None:
        # Run by whoever closes it, or by the garbage collector in the midst of anything: no lock may be taken here.
        try:
            record = getattr(watch, "record", None)
            if record is None or self.open.pop(record.number, None) is None:
                return
            # They hold each other: only the garbage collector could free them.
            record.watch = None
            try:
                record.closer = programs_own_site(sys._getframe(1))  # noqa: SLF001 - there is no other way
            except ValueError:
                # A thread that has ended drops what it held with no Python code on its stack.
                record.closer = None
            record.closed_at = time.time()
            self.closed.append(record)
            self.news()
        except BaseException as error:  # noqa: BLE001 - a weak reference's callback cannot raise into the program
            if not isinstance(error, Exception) or is_of_the_program(error):
                deliver_again(error)
            else:
                self._failures.keep("While a connection was closed", error)


def _numbers_of(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


begin_uninterrupted(Recorder._when_closed)  # type: ignore[arg-type]  # noqa: SLF001 - a method is a function


def _says_uri(call: tuple[tuple[Any, ...], dict[str, Any]] | None, database: object) -> bool:
    return call is not None and call[1].get("uri") is True and _first_of(call) is database


def _cwd() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - pathlib is not imported here
    except OSError:
        # The folder has been removed.
        return ""


def _first_of(call: tuple[tuple[Any, ...], dict[str, Any]]) -> object:
    args, keywords = call
    return args[0] if args else keywords.get("database")


def _describe_call(record: Record, call: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    args, keywords = call
    record.arguments = arguments = arguments_of(args, keywords)
    # The connection itself does not give it out before it is open.
    isolation = arguments.get("isolation_level", "")
    if isolation is None or type(isolation) is str:
        record.isolation = isolation
        record.is_isolation_known = True
    uri = arguments.get("uri", False)
    # Of anything else asking for its truth would run code of the program.
    record.uri = bool(uri) if type(uri) in _TRUTHS else None


def _database(value: object) -> str | None:
    """The first argument of `sqlite3.connect` as text; None where only code of the program could say it."""
    if isinstance(value, bytes):
        return os.fsdecode(value)[:_MOST_CHARACTERS]
    if type(value) is str or type(value).__module__.partition(".")[0] == "pathlib":
        return str(value)[:_MOST_CHARACTERS]
    return None
