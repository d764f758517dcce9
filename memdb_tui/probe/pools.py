"""Which SQLAlchemy engine opened a connection, and whether its pool has handed it out: read, never asked."""

from __future__ import annotations

import sys
from _weakref import ref
from itertools import count
from operator import attrgetter

from .places import FRAMES_IN_ORDER, SITE_PARTS
from .unheld import address_of, look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any

    from .places import Stack

_POOL_SOURCE = "sqlalchemy/pool/base.py"
_ENGINE_SOURCE = "sqlalchemy/engine/base.py"
_fairy_reference = attrgetter("fairy_ref")
_checkouts = attrgetter("_counter")
_pool = attrgetter("_ConnectionRecord__pool")
_pool_kind = attrgetter("_ConnectionRecord__pool.__class__")
_pool_of_engine = attrgetter("pool")
_url = attrgetter("url")


class PoolEntry:
    """Where a connection stands in its pool.

    Args:
        record: A weak reference to SQLAlchemy's record of the connection.
        engine: The engine as it is told: id, URL, class of the pool.
    """

    __slots__ = ("_record", "engine")

    def __init__(self, record: Callable[[], Any], engine: dict[str, str]) -> None:
        self._record = record
        self.engine = engine

    def checkouts(self) -> int | None:
        """How often it is handed out just now, 0 when it lies in the pool; None when the pool has dropped it.

        `fairy_ref` of a record refers to what was handed out, and is None while nothing is.
        """
        found = look(self._record, _fairy_reference)
        if not found:
            return None
        (fairy,) = found
        if fairy is None:
            return 0
        # SingletonThreadPool hands the same one out again and counts.
        return next(iter(look(fairy, _checkouts)), 0) or 1


class Pools:
    """The engines that were seen."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._known: list[tuple[Callable[[], Any], dict[str, str]]] = []

    def entry_on(self, frame: FrameType | None, stack: Stack) -> PoolEntry | None:
        """The place in a pool for which a connection is being opened; None where no pool is opening it.

        Args:
            frame: Where the connection is opened, on the thread that opens it.
            stack: The same as `stack_from` it: looking at the code of a frame again would be audited again.
        """
        if "sqlalchemy.pool.base" not in sys.modules:
            return None
        record = pool = None
        known = iter(stack[: FRAMES_IN_ORDER * SITE_PARTS : SITE_PARTS])
        while frame is not None:
            code = next(known, None) or frame.f_code
            name = code.co_name
            if record is None:
                if name == "__connect" and code.co_filename.endswith(_POOL_SOURCE):
                    record = frame.f_locals.get("self")
                    pool = getattr(record, "_ConnectionRecord__pool", None)
            elif name == "raw_connection" and code.co_filename.endswith(_ENGINE_SOURCE):
                engine = frame.f_locals.get("self")
                if engine is not None and getattr(engine, "pool", None) is pool:
                    reference = ref(engine)
                    return PoolEntry(ref(record), self._told(reference, type(pool).__name__, _url_behind))
            frame = frame.f_back
        if record is None or pool is None:
            return None
        # A pool that is used without its engine, or without any.
        return PoolEntry(ref(record), self._told(ref(pool), type(pool).__name__, lambda _pool: ""))

    def entry_in_heap(self, record: Callable[[], Any], engines: list[Callable[[], Any]]) -> PoolEntry | None:
        """The place in a pool of a connection that is older than our arrival; None where its pool is gone.

        Args:
            record: A weak reference to SQLAlchemy's record of the connection.
            engines: Weak references to the engines there are.
        """
        pool = address_of(record, _pool)
        for kind in look(record, _pool_kind):
            for engine in engines:
                if address_of(engine, _pool_of_engine) == pool:
                    return PoolEntry(record, self._told(engine, kind.__name__, _url_behind))
            return PoolEntry(record, {"id": "", "url": "", "pool": kind.__name__})
        return None

    def _told(self, what: Callable[[], Any], pool: str, url: Callable[[Callable[[], Any]], str]) -> dict[str, str]:
        """An engine as it is told; the same one has the same id each time.

        Args:
            what: A weak reference: equal to another as long as both refer to the same.
            pool: The class of its pool.
            url: Says its URL, given the weak reference; asked if it is new.
        """
        known = self._known_as(what, pool)
        if known is None:
            spelled = url(what)
            # Another thread may have been first meanwhile.
            known = self._known_as(what, pool)
        if known is not None:
            return known
        told = {"id": f"e{next(self._numbers)}", "url": spelled, "pool": pool}
        self._known = [entry for entry in self._known if look(entry[0], type)]
        self._known.append((what, told))
        return told

    def _known_as(self, what: Callable[[], Any], pool: str) -> dict[str, str] | None:
        for reference, known in self._known:
            if reference == what and known["pool"] == pool:
                return known
        return None


def _url_behind(engine: Callable[[], Any]) -> str:
    # A URL is a value: holding it holds nothing of the engine.
    return next((_spelled(url) for url in look(engine, _url)), "")


def _spelled(url: Any) -> str:  # noqa: ANN401 - a URL of SQLAlchemy, which is not imported here
    """The URL as it was written, as far as it keeps that; SQLAlchemy escapes the name and sorts the query."""
    if url.host or url.username or url.password:
        return str(url.render_as_string(hide_password=True))
    pairs = (
        f"{name}={value}"
        for name, values in url.query.items()
        for value in ((values,) if isinstance(values, str) else values)
    )
    query = "&".join(pairs)
    return f"{url.drivername}://{'' if url.database is None else '/' + url.database}{'?' if query else ''}{query}"
