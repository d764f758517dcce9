"""How many connections SQLite counts on a shared cache, those nobody told us of included."""

from __future__ import annotations

import sqlite3

from memdb_tui.errors import OpenError
from memdb_tui.explain.names import shared_memory_uri
from memdb_tui.host.caches import Declared, Key, Look, Measure
from memdb_tui.host.turns import counting
from memdb_tui.model import CacheKind
from memdb_tui.probe.native import native, sharers

_PROCESS_WIDE = ":memory:"
"""Unnamed but shared: one database for the whole process."""


def own_measures(look: Look) -> dict[Key, Measure]:
    """What the look itself tells: sizes of memdb stores, and of the cache of `main` where it speaks of no other."""
    observation = look.observation
    found = {
        look.keys[schema.name]: Measure(None, schema.store_bytes)
        for schema in observation.schemas
        if schema.store_bytes is not None
    }
    if observation.cache_bytes is not None:
        found.setdefault(look.keys["main"], Measure(observation.sqlite_count, observation.cache_bytes))
    return found


def askable(look: Look) -> dict[Key, tuple[int, Declared]]:
    """Caches of a look that a fresh connection can be opened to: the pager it must find there, and the name."""
    found = {}
    for schema in look.observation.schemas:
        declared = look.declared[schema.name]
        if schema.pager is not None and declared.kind is CacheKind.SHARED_CACHE and not schema.file:
            found[look.keys[schema.name]] = (schema.pager, declared)
    return found


def ask_fresh(pager: int, declared: Declared) -> Measure | None:
    """Ask a connection that lives for this moment alone, and subtract it; None where it finds another cache.

    A connection with several databases, or with temporary tables, cannot say it itself. To be called by the owner of
    a member of that cache, which it keeps alive: so the moment prolongs no database's life.
    """
    uri = _uri(declared.name)
    if not uri:
        return None
    # Attached to a memdb, a name is looked up among the caches of that VFS: another cache of the same name.
    with counting(pager):
        return _ask(uri, pager) or _ask(f"{uri}&vfs=memdb", pager)


def _ask(uri: str, pager: int) -> Measure | None:
    library = native()
    if library is None:
        return None
    try:
        fresh = sqlite3.connect(uri, timeout=0, uri=True, isolation_level=None)
    except sqlite3.Error:
        return None
    try:
        handle = library.handle(fresh)
        if library.pager(handle, b"main") != pager:
            return None
        whole, divided = library.cache_bytes(handle)
    finally:
        fresh.close()
    counted = sharers(whole, divided)
    return Measure(None if counted is None else counted - 1, whole)


def _uri(name: str) -> str:
    if name == _PROCESS_WIDE:
        return "file::memory:?cache=shared"
    try:
        return shared_memory_uri(name)
    except OpenError:
        return ""
