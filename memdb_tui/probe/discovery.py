"""Connections and their pools that are older than our arrival: looked for among what the garbage collector knows."""

from __future__ import annotations

import gc
import sys
from _weakref import ref
from operator import attrgetter

from .record import FOUND_IN_HEAP, Record, Watch, name_of, name_of_thread
from .unheld import address_of, look, look_at_connection, weak_references

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .recorder import Recorder

_ANY_LIMIT = 0
_OF_PYTHON = 1000
"""Python 3.12 itself freezes some hundreds of its objects as it starts; a program that freezes has many thousands."""
_connection_of_cache = attrgetter("__wrapped__")
_connection_of_entry = attrgetter("dbapi_connection")
_kind_in_entry = attrgetter("dbapi_connection.__class__.__name__")
_ASYNC_KIND = "AsyncAdapt_aiosqlite_connection"
_async_connection_of_entry = attrgetter("dbapi_connection._connection._connection")
"""SQLAlchemy's connection holds aiosqlite's, and that holds sqlite3's."""
_UNOBSERVED = "It is older than our arrival, and only its own thread may ask SQLite about it."


def find_older(recorder: Recorder) -> int:
    """List the connections that nobody saw being opened; how many were found.

    Not in a thread that owns connections: whose they are is told by sqlite3's refusal to let another thread use them.
    """
    kind = recorder.cache_kind
    if kind is None:
        return 0
    found = []
    watches = weak_references(kind, Watch, recorder.when_closed)
    # Only now: what is opened from here on is not among them.
    known = _watched(recorder)
    for watch in watches:
        key = _key(watch)
        if not key or key in known:
            continue
        record = _record(watch, recorder)
        if record is not None:
            recorder.adopt(record, watch)
            recorder.from_heap[key] = record.number
            if not look(watch, type):
                # It was closed before the watch knew its record.
                recorder.when_closed(watch)
            found.append(record)
    if not found:
        return 0
    # One that was being opened meanwhile is the hook's, which knows more: whichever of the two is second sees that.
    seen = _watched(recorder, but_not=FOUND_IN_HEAP)
    for record in found:
        if record.watch is not None and _key(record.watch) in seen:
            recorder.open.pop(record.number, None)
    found = [record for record in found if record.number in recorder.open]
    _find_pools(found, recorder)
    return len(found)


def frozen_note() -> str:
    """What is to be said where `gc.freeze()` has put objects out of sight; else empty."""
    frozen = gc.get_freeze_count()
    if frozen <= _OF_PYTHON:
        return ""
    return f"gc.freeze() has hidden {frozen} objects: connections among them could not be found."


def _watched(recorder: Recorder, *, but_not: str = "") -> set[int]:
    records = list(recorder.open.values())
    return {_key(record.watch) for record in records if record.watch is not None and record.found != but_not}


def _key(watch: Watch) -> int:
    try:
        return hash(watch)
    except TypeError:
        # It is gone already.
        return 0


def _record(watch: Watch, recorder: Recorder) -> Record | None:
    try:
        kinds = look_at_connection(watch, type)
    except AttributeError:
        # The cache of some function.
        return None
    if not kinds or not recorder.is_connection(kinds[0]):
        return None
    record = Record()
    record.number = recorder.next_number()
    record.found = FOUND_IN_HEAP
    record.kind = name_of(kinds[0])
    record.unobserved = _UNOBSERVED
    record.ident = _owner(watch, recorder)
    if record.ident is not None:
        record.thread = name_of_thread(record.ident)
    return record


def _owner(watch: Watch, recorder: Recorder) -> int | None:
    """The thread that opened a connection, None where any thread may use it.

    Asking for a limit does nothing to a connection: https://sqlite.org/c3ref/limit.html.
    """
    if recorder.limit_getter is None:
        return None
    try:
        look_at_connection(watch, recorder.limit_getter, _ANY_LIMIT)
    except Exception as error:  # noqa: BLE001 - sqlite3 is not imported here; whatever it says, only a number counts
        # "The object was created in thread id 140 and this is thread id 141."
        number = str(error).partition("thread id ")[2].partition(" ")[0]
        return int(number) if number.isdigit() else None
    return None


def _find_pools(found: list[Record], recorder: Recorder) -> None:
    pools, engines = sys.modules.get("sqlalchemy.pool.base"), sys.modules.get("sqlalchemy.engine.base")
    kind, engine_kind = getattr(pools, "_ConnectionRecord", None), getattr(engines, "Engine", None)
    if kind is None or engine_kind is None:
        return
    engine_references: list[Callable[[], Any]] = weak_references(engine_kind, ref)
    by_address = {
        address: record
        for record in found
        if record.watch is not None
        for address in address_of(record.watch, _connection_of_cache)
    }
    for entry in weak_references(kind, ref):
        is_async = look(entry, _kind_in_entry) == (_ASYNC_KIND,)
        for address in address_of(entry, _async_connection_of_entry if is_async else _connection_of_entry):
            record = by_address.get(address)
            if record is not None:
                record.pool = recorder.pools.entry_in_heap(entry, engine_references)
