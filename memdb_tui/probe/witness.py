"""Takes down each connection in the thread that opens it, at the moment it is opened: later much cannot be known.

Every microsecond here is one of the program's, so what can wait until it is told waits.
"""

from __future__ import annotations

import _thread
import sys
from gc import get_referents

from .bare import clock, fsdecode, get_ident
from .files_before import existed_before, leads_to_memory, was_there
from .guard import is_of_the_program
from .opening import NO_OPENING, PLAIN, Opener, arguments_of
from .places import outermost, stack_from
from .process import current_folder
from .record import FOUND_BY_HOOK, Record, Sight, Watch, name_of, name_of_this_thread
from .threads import without_signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from .files_before import Existed
    from .guard import Failures
    from .opening import Call, Opening
    from .places import Stack
    from .pools import PoolEntry
    from .recorder import Recorder

_MOST_CHARACTERS = 4096
_OF_OPENER = Opener.__call__.__globals__
"""In the frames that stand between the program and `sqlite3.connect`, and in no frame of the program."""
_MOST_STRINGS = 1000
_MOST_COUNTS = 100
"""For how many connections opened within one second SQLite is asked to count who shares their caches: it takes longer
than all the rest that is asked."""


class Here:
    """What belongs to one thread that opens connections.

    Attributes:
        is_ours: The connection is one of the probe: not to be recorded.
        call: The call of `sqlite3.connect` that runs.
        opening: What was seen of the connection that is being opened.
        opened: The same, once it is open and its call is to take it down.
        depth: How many traced statements run within each other.
        ident: Of the thread.
        name: Of the thread, as long as `threading` does not know better.
    """

    __slots__ = ("call", "depth", "ident", "is_ours", "name", "opened", "opening")

    def __init__(self) -> None:
        self.is_ours = False
        self.call: Call | None = None
        self.opening: Opening = NO_OPENING
        self.opened: Opening | None = None
        self.depth = 0
        self.ident = get_ident()
        self.name = name_of_this_thread()


class Local(_thread._local):  # noqa: SLF001 - as `threading` itself has it, which is not imported here
    """Gives each thread its own, by one look-up: each attribute here would take one."""

    def __init__(self) -> None:
        self.here = Here()


class Witness:
    """Sees connections being opened.

    Args:
        recorder: Gets the records.
        failures: Keeps what went wrong here.
    """

    def __init__(self, recorder: Recorder, failures: Failures) -> None:
        self._recorder = recorder
        self._failures = failures
        self._local = recorder.local
        self._is_memory: dict[str, bool] = {}
        """Of URIs, what `leads_to_memory` says."""
        self._see: Callable[[sqlite3.Connection, str | None], Sight | None] | None = None
        self._see_pager: Callable[[sqlite3.Connection], int | None] | None = None
        """None as long as SQLite cannot be asked."""
        self._count: Callable[[sqlite3.Connection, Sight], None] | None = None
        self._read_cache: Callable[[sqlite3.Connection], Any] | None = None
        self._counted = 0
        self._counting_since = 0.0
        self._counts_again_at = 0.0

    def connecting(self, args: tuple[Any, ...]) -> None:
        """At the audit event `sqlite3.connect`: the database is not opened yet."""
        here = self._local.here
        if here.is_ours:
            return
        if self._recorder.kind is None:
            # It was imported with nobody told of it.
            self._recorder.find_driver()
        database = args[0]
        call = here.call
        if call is not None and call[0] is not database:
            # Only the first connection that is opened within the call is the one the call is for.
            call = None
        text = database if type(database) is str and len(database) < _MOST_CHARACTERS else _text_of(database)
        if call is not None and text is not None and call[2].get("uri") is True and self._leads_to_memory(text):
            here.opening = text, True, None, call
        else:
            here.opening = text, False, existed_before(text), call

    def _leads_to_memory(self, uri: str) -> bool:
        found = self._is_memory.get(uri)
        if found is None:
            if len(self._is_memory) >= _MOST_STRINGS:
                self._is_memory.clear()
            found = self._is_memory[uri] = leads_to_memory(uri)
        return found

    def connected(self, args: tuple[Any, ...]) -> None:
        """At the audit event `sqlite3.connect/handle`: it is open, and the program does not have it yet."""
        here = self._local.here
        opening = here.opening
        here.opening = NO_OPENING
        call = opening[3]
        if call is not None:
            if call[3]:
                here.opened = opening
                return
            here.call = None
        if here.is_ours:
            return
        connection = args[0]
        if not self._recorder.is_connection(type(connection)):
            return
        frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - this one, and that of the hook
        if frame is not None and frame.f_globals is _OF_OPENER:
            # Each look at the code of a frame is audited, which calls the hook again.
            frame = frame.f_back
        self._take_down(connection, here, opening, frame)

    def opened(self, connection: sqlite3.Connection, here: Here, frame: FrameType) -> None:
        """A plain call has opened a connection: of it `here.opened` knows."""
        try:
            opening = here.opened
            here.opened = None
            if opening is not None:
                self._take_down(connection, here, opening, frame)
        except Exception as error:
            if is_of_the_program(error):
                raise
            self._failures.keep("When a connection was opened", error)

    def _take_down(
        self, connection: sqlite3.Connection, here: Here, opening: Opening, frame: FrameType | None
    ) -> None:
        cache = self._cache_of(connection) if self._read_cache is None else self._read_cache(connection)
        if cache is None:
            return
        recorder = self._recorder
        text, _, _, call = opening
        record = Record()
        record.number = recorder.next_number()
        record.opened_at = now = clock.time()
        record.database = text
        kind = type(connection)
        if kind is not recorder.kind:
            record.kind = name_of(kind)
        if call is None:
            record.found = FOUND_BY_HOOK
        else:
            record.arguments = _told(call)
        record.ident = here.ident
        modules = sys.modules
        record.thread = name_of_this_thread() if "threading" in modules else here.name
        # Mostly there are none: looking is cheaper than asking.
        asked = recorder.async_openings.opening_of_this_thread() if recorder.async_openings.waiting else None
        if asked is not None:
            record.stack, record.pool = asked.stack, asked.pool
        else:
            record.stack = stack_from(frame)
            if "sqlalchemy.pool.base" in modules:
                record.pool = self._pool_on(frame, record.stack)
        if "greenlet" in modules:
            record.may_be_set_aside(outermost(frame) if asked is None else asked.root)
        self._look_at(record, connection, opening, now)
        if recorder.remember is not None:
            recorder.remember(connection, record)
        recorder.adopt(record, Watch(cache, recorder.when_closed))

    def _cache_of(self, connection: sqlite3.Connection) -> Any:  # noqa: ANN401 - a type of functools' own
        for found in get_referents(connection):
            if type(found) is self._recorder.cache_kind and getattr(found, "__wrapped__", None) is connection:
                self._learn_to_read(connection, found)
                return found
        return None

    def _learn_to_read(self, connection: sqlite3.Connection, cache: object) -> None:
        """Find out where a connection has its statement cache; with `get_referents` it takes five times as long."""
        if self._see is not None:
            # Imported whole: another thread may be in the midst of it.
            from .native import reader_of  # noqa: PLC0415 - as below

            self._read_cache = reader_of(cache, connection)

    def _pool_on(self, frame: FrameType | None, stack: Stack) -> PoolEntry | None:
        try:
            return self._recorder.pools.entry_on(frame, stack)
        except Exception as error:
            if is_of_the_program(error):
                raise
            self._failures.keep("While the pool of a connection was looked for", error)
            return None

    def _learn_to_see(self) -> None:
        # Libraries in C, which a program without connections never needs.
        from .native import native  # noqa: PLC0415
        from .sight import count, see_opened  # noqa: PLC0415

        library = native()
        self._count = count
        self._see_pager = None if library is None else library.main_pager
        self._see = see_opened

    def _look_at(self, record: Record, connection: sqlite3.Connection, opening: Opening, now: float) -> None:
        """See now what only the opening thread may see, and only between statements."""
        try:
            if self._see is None:
                # Python's own imports lose what a signal handler raises in certain moments.
                without_signals(self._learn_to_see)
            if opening[1] and self._see_pager is not None:
                record.sight = sight = Sight()
                sight.pager = self._see_pager(connection)
            elif not self._see_all(record, connection, opening[2]):
                return
            record.observed_at = now
            # It is over as well when the clock is set back.
            if not 0.0 < self._counts_again_at - now <= 1.0:
                self._count_sharers(record, connection, now)
        except Exception as error:
            if is_of_the_program(error):
                raise
            record.unobserved = "It could not be looked at when it was opened."
            self._failures.keep("While a connection was looked at", error)

    def _see_all(self, record: Record, connection: sqlite3.Connection, existed: Existed | None) -> bool:
        """See what there is to see of a connection that may be to a file; False where SQLite cannot be asked."""
        sight = self._see and self._see(connection, record.database)
        if sight is None:
            from .native import native_problem  # noqa: PLC0415 - as above

            record.unobserved = native_problem()
            record.cwd = current_folder()
            return False
        record.sight = sight
        if sight.file:
            # What is in memory needs no folder.
            record.cwd = current_folder()
            record.existed = was_there(sight.file, existed, record.cwd)
        return True

    def _count_sharers(self, record: Record, connection: sqlite3.Connection, now: float) -> None:
        if record.database is None or "cache=shared" not in record.database or self._count is None:
            return
        if not 0 <= now - self._counting_since < 1:
            self._counting_since = now
            self._counted = 0
        self._counted += 1
        if self._counted >= _MOST_COUNTS:
            self._counts_again_at = self._counting_since + 1
        if record.sight is not None:
            self._count(connection, record.sight)


def _told(call: Call) -> dict[str, object]:
    """The arguments of a call besides the database; of a plain one with plain values they are its own, not a copy."""
    _, args, keywords, is_plain = call
    if not is_plain:
        return arguments_of(args, keywords)
    for name in keywords:
        if type(keywords[name]) not in PLAIN:
            return arguments_of(args, keywords)
    return keywords


def _text_of(database: object) -> str | None:
    """The first argument of `sqlite3.connect` as text; None where only code of the program could say it."""
    # As the classes themselves have it: those of the program may have methods of its own.
    if isinstance(database, bytes):
        return fsdecode(bytes.__getitem__(database, slice(_MOST_CHARACTERS)))
    if isinstance(database, str):
        return str.__getitem__(database, slice(_MOST_CHARACTERS))
    if type(database).__module__.partition(".")[0] == "pathlib":
        return str(database)[:_MOST_CHARACTERS]
    return None
