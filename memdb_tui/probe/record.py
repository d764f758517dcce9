"""One connection of the program: what is known of it, and how that is told."""

from __future__ import annotations

import _thread
import sys
from _weakref import ref

from .bare import get_ident, getpid
from .closing import calls_close
from .opening import spelled
from .places import can_return, first_of_the_program, is_running, of_the_program, sites_of, told
from .unheld import look_at_connection
from .wire import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

    from .places import OwnSite, Site, Stack
    from .pools import PoolEntry

FOUND_BY_WRAPPER = "wrapper"
FOUND_BY_HOOK = "hook"
FOUND_IN_HEAP = "heap"
_MAIN_THREAD = "MainThread"


class Watch(ref):  # type: ignore[type-arg]  # generic in its stubs only: subscripting it needs no room here
    """A weak reference to a connection's statement cache, which dies when the connection is closed.

    `sqlite3.Connection` itself takes no weak reference; its cache does, and knows it as `__wrapped__`.
    """

    __slots__ = ("record",)
    record: Record


_LOCKING_SQLITE = (3, 53, 3)
"""From here on `sqlite3_get_autocommit` takes the connection's mutex, and Python calls it with the GIL held. Asked
from another thread during a long step, the whole interpreter would stand still. https://sqlite.org/src/file/src/main.c"""


_TRUTHS = (bool, int, str, type(None))


class Getters:
    """The getters of `sqlite3.Connection` in C: a subclass may have put code of its own in their place.

    Args:
        kind: The class.
        sqlite: The version of SQLite.
    """

    def __init__(self, kind: type, sqlite: tuple[int, ...]) -> None:
        self.in_transaction: Callable[[Any], bool] | None = None
        """None where another thread may not ask."""
        if sqlite < _LOCKING_SQLITE:
            self.in_transaction = vars(kind)["in_transaction"].__get__
        self.isolation_level: Callable[[Any], str | None] = vars(kind)["isolation_level"].__get__


class Sight:
    """What SQLite says of a connection at one moment.

    Attributes:
        file: The path of the main database, empty for one in memory.
        virtual: The name of a memdb store, empty for everything else.
        pager: What connections on one shared cache have in common, None where SQLite does not say.
        memdb: The size of the memdb store in bytes, None where it is none.
        attached: What is attached, as it is told.
        count: How many connections SQLite counts on the cache of `main`; None where the figure would not be valid.
        size: Bytes in the caches of the connection, or in its memdb store; None where it was not asked.
    """

    # As of a class they need not be given to each: most are never anything else.
    file = ""
    virtual = ""
    pager: int | None = None
    memdb: int | None = None
    attached: tuple[dict[str, Any], ...] = ()
    count: int | None = None
    size: int | None = None

    def told_schemas(self) -> list[dict[str, Any]]:
        """Of each database its name, file, name in memory, pager, and the size of its memdb store."""
        return [
            told_schema("main", file=self.file, virtual=self.virtual, pager=self.pager, memdb=self.memdb),
            *self.attached,
        ]


class Record:
    """What is known of one connection; holds nothing of the program's."""

    # What a class has as attributes, its instances need not be given: there may be thousands.
    number = 0
    found = FOUND_BY_WRAPPER
    kind = "sqlite3.Connection"
    cwd = ""
    watch: Watch | None = None
    database: str | None = None
    arguments: dict[str, object] | None = None
    """Of the call, besides the database: plain values, and of others what is told of them. None where not known."""
    existed: bool | None = None
    ident: int | None = None
    thread = ""
    stack: Stack = []  # noqa: RUF012 - replaced, never changed
    opened_at: float | None = None
    closed_at: float | None = None
    closer: OwnSite | None = None
    pool: PoolEntry | None = None
    checkouts: int | None = None
    in_transaction: bool | None = None
    isolation: str | None = None
    is_isolation_known = False
    sight: Sight | None = None
    observed_at: float | None = None
    unobserved = ""
    statements: int | None = None
    last_statement = ""
    _opener: Site | None = None
    _root: Site | None = None
    _is_root_needed = False
    _is_returned = False
    _opening = ""
    _final = ""

    @property
    def id(self) -> str:
        """As it is told."""
        return f"c{self.number}"

    def saw(self, sight: Sight, at: float) -> None:
        """Take what its owner saw at a time; what is attached is known from when it was first seen."""
        before = {} if self.sight is None else {_identity(each): each["since"] for each in self.sight.attached}
        for each in sight.attached:
            each["since"] = before.get(_identity(each), at)
        self.sight = sight
        self.observed_at = at
        self.unobserved = ""
        self._opening = ""

    @property
    def opener(self) -> Site | None:
        """The function of the program that opened it, where it can be told whether that has returned."""
        if self._opener is None:
            self._opener = first_of_the_program(of_the_program(sites_of(self.stack)))
        site = self._opener
        return site if site is not None and can_return(site[0]) else None

    def refresh(self, getters: Getters) -> bool:
        """Read what may be read from any thread; whether something has changed."""
        watch = self.watch
        if watch is None:
            return False
        before = (self.in_transaction, self.isolation, self.checkouts)
        if getters.in_transaction is not None:
            for value in _read(watch, getters.in_transaction):
                self.in_transaction = value
        for level in _read(watch, getters.isolation_level):
            self.isolation = level
            self.is_isolation_known = True
        if self.pool is not None:
            self.checkouts = self.pool.checkouts()
        return before != (self.in_transaction, self.isolation, self.checkouts)

    def may_be_set_aside(self, root: Site | None) -> None:
        """It is opened where stacks can be put aside and taken up again: by greenlets.

        Args:
            root: The outermost frame of its stack; None where that is not known.
        """
        self._root = root
        self._is_root_needed = True

    @property
    def awaited_frames(self) -> list[int]:
        """The hashes of the frames whose running tells something; none when all is known."""
        opener = self.opener
        if self._is_returned or self.closed_at is not None or opener is None:
            return []
        if not self._is_root_needed:
            return [opener[2]]
        return [] if self._root is None else [opener[2], self._root[2]]

    def compare_with(self, running: dict[int, str]) -> bool:
        """See whether its opener is among the frames that run; whether something has changed by that."""
        opener = self.opener
        if opener is None or not self.awaited_frames or is_running(opener, running):
            return False
        if self._root is not None and not is_running(self._root, running):
            # Not this stack runs now, but another one of the thread.
            return False
        self._is_returned = True
        return True

    def json(self) -> str:
        """The connection object, as JSON text."""
        if self._final:
            return self._final
        # What is closed meanwhile is told as closed the next time.
        closed_at = self.closed_at
        sight = self.sight
        opening = self._opening or to_json(self._told_opening())[:-1]
        # What its owner sees meanwhile is told the next time, and not taken for told.
        self._opening = opening if self.sight is sight else ""
        text = f"{opening},{to_json(self._told_now(closed_at))[1:]}"
        if closed_at is not None:
            self._final = text
            self._opening = ""
            self.stack = []
            self._opener = self._root = self.closer = None
            self.arguments = self.sight = self.pool = None
        return text

    def _told_opening(self) -> dict[str, Any]:
        sight = self.sight
        return {
            "id": self.id,
            "database": self.database,
            "keywords": spelled(self.arguments),
            "uri": self._uri(),
            "cwd": self.cwd,
            "found": self.found,
            "thread": None if self.ident is None else {"ident": self.ident, "name": self.thread},
            "stack": [told(site, self.cwd) for site in of_the_program(sites_of(self.stack))],
            "opened_at": self.opened_at,
            "class": self.kind,
            "existed": self.existed,
            "engine": None if self.pool is None else self.pool.engine,
            "schemas": None if sight is None else sight.told_schemas(),
            "count": None if sight is None else sight.count,
            "size": None if sight is None else sight.size,
            "observed_at": self.observed_at,
            "unobserved": self.unobserved,
        }

    def _uri(self) -> bool | None:
        if self.arguments is None:
            return None
        uri = self.arguments.get("uri", False)
        # Of anything else asking for its truth would run code of the program.
        return bool(uri) if type(uri) in _TRUTHS else None

    def _told_now(self, closed_at: float | None) -> dict[str, Any]:
        closer = self.closer
        isolation: object = self.isolation
        is_known = self.is_isolation_known
        if not is_known and self.arguments is not None:
            # Only of a connection that has not been asked yet, or was closed before.
            isolation = self.arguments.get("isolation_level", "")
            is_known = isolation is None or type(isolation) is str
        return {
            "closed_at": closed_at,
            "closed_by": None if closer is None else told(closer[:3], self.cwd),
            "closed_for_certain": closer is not None and calls_close(closer[3] or closer[:3]),
            "in_transaction": None if closed_at is not None else self.in_transaction,
            "isolation": isolation if is_known else None,
            "isolation_known": is_known,
            "checked_out": None if self.checkouts is None else self.checkouts > 0,
            "check_outs_by": self.checkouts,
            "statements": self.statements,
            "last_statement": self.last_statement,
            "opener_returned": self._returned(),
        }

    def _returned(self) -> bool | None:
        if self._is_returned:
            return True
        if self.opener is None or (self._is_root_needed and self._root is None):
            return None
        return False


def told_schema(name: str, *, file: str, virtual: str, pager: int | None, memdb: int | None) -> dict[str, Any]:
    """A database of a connection, as it is told."""
    return {"name": name, "file": file, "virtual": virtual, "pager": pager, "memdb": memdb, "since": None}


def _identity(schema: dict[str, Any]) -> tuple[object, ...]:
    return schema["name"], schema["file"], schema["pager"]


def _read(watch: Watch, getter: Callable[[Any], Any]) -> tuple[Any, ...]:
    try:
        return look_at_connection(watch, getter)
    except Exception:  # noqa: BLE001 - closed at this very moment, or never opened
        return ()


def name_of(kind: type) -> str:
    """A class as it is told."""
    return f"{kind.__module__}.{kind.__qualname__}"


def name_of_this_thread() -> str:
    """What the program calls the calling thread, empty where it has no name there."""
    threading = sys.modules.get("threading")
    if threading is not None:
        return _name_in(threading, get_ident())
    return _MAIN_THREAD if _thread.get_native_id() == getpid() else ""


def name_of_thread(ident: int) -> str:
    """What the program calls a thread, empty where it has no name there, or where that cannot be told."""
    threading = sys.modules.get("threading")
    if threading is not None:
        return _name_in(threading, ident)
    # From Python 3.13 on.
    main_ident = getattr(_thread, "_get_main_thread_ident", None)
    return _MAIN_THREAD if main_ident is not None and main_ident() == ident else ""


def _name_in(threading: ModuleType, ident: int) -> str:
    # `threading.current_thread()` would make an entry where there is none.
    return str(getattr(getattr(threading, "_active", {}).get(ident), "_name", ""))
