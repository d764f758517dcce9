"""Who can hold the lock that a statement met. SQLite does not say: it is inferred from who is in a transaction."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from memdb_tui.model import (
    Cache,
    CacheKind,
    Connection,
    ConnectionId,
    Evidence,
    LockHolder,
    LockReport,
    TransactionState,
)

_PROC_LOCKS = Path("/proc/locks")
_FILE_LOCK_BYTES = range(0x40000000, 0x40000200)
"""PENDING, RESERVED and SHARED."""
_SHM_LOCK_BYTES = range(120, 128)
"""The locks of a WAL index."""
_HELD = {
    TransactionState.READ: "read transaction",
    TransactionState.WRITE: "write transaction",
}


def lock_report(
    me: ConnectionId, connections: Iterable[Connection], caches: Iterable[Cache], *, table: str
) -> LockReport:
    """Members of my caches in a transaction or with an open cursor; those not of ours are said as such."""
    mine = [cache for cache in caches if any(member.connection == me for member in cache.members)]
    known = {connection.id: connection for connection in connections}
    holders: dict[ConnectionId | str, LockHolder] = {}
    for cache in mine:
        for member in cache.members:
            connection = known.get(member.connection)
            if member.connection != me and connection is not None:
                holder = _holder(connection, member.schema)
                if holder is not None:
                    holders.setdefault(connection.id, holder)
    for cache in mine:
        one_of_ours = any(member.connection in holders for member in cache.members)
        for foreign in _foreign(cache, one_of_ours=one_of_ours):
            holders.setdefault(foreign.description, foreign)
    return LockReport(table, tuple(holders.values()))


def _holder(connection: Connection, schema: str) -> LockHolder | None:
    state = next((s.transaction for s in connection.schemas if s.name == schema), TransactionState.NONE)
    if state in _HELD:
        return LockHolder(connection.id, _HELD[state], connection.transaction_since, Evidence.INFERRED)
    if connection.running:
        # What a running statement locks is not seen before it ends.
        what = "an open cursor" if connection.holds_cursor else "a running statement"
        return LockHolder(connection.id, what, connection.running_since, Evidence.INFERRED)
    return None


def _foreign(cache: Cache, *, one_of_ours: bool) -> Iterable[LockHolder]:
    if cache.foreign_count:
        count = cache.foreign_count
        words = "a connection" if count == 1 else f"one of {count} connections"
        yield LockHolder(
            None, f"{words} not opened here (SQLite counts {cache.sqlite_count})", None, Evidence.INFERRED
        )
    if cache.kind is CacheKind.FILE:
        pids = lock_pids(cache.name)
        for pid in sorted(pids - {os.getpid()}):
            yield LockHolder(None, f"process {pid}, which has a lock on the file", None, Evidence.OBSERVED)
        if os.getpid() in pids and not one_of_ours:
            yield LockHolder(None, "a connection of this process, not opened here", None, Evidence.INFERRED)


def lock_pids(path: str) -> set[int]:
    """Processes that hold one of SQLite's locks on a file or its shm; empty where `/proc/locks` cannot be read.

    Sources: https://man7.org/linux/man-pages/man5/proc_locks.5.html, https://sqlite.org/lockingv3.html
    """
    inodes = {}
    for name, ranges in ((path, _FILE_LOCK_BYTES), (f"{path}-shm", _SHM_LOCK_BYTES)):
        with contextlib.suppress(OSError):
            inodes[str(Path(name).stat().st_ino)] = ranges
    try:
        lines = _PROC_LOCKS.read_text().splitlines()
    except OSError:
        return set()
    return {pid for line in lines if (pid := _holder_pid(line.split(), inodes)) is not None}


def _holder_pid(fields: list[str], inodes: Mapping[str, range]) -> int | None:
    match fields:
        # `7: POSIX ADVISORY WRITE 4242 08:01:131 1073741825 1073741825`; one that waits has `->` after the number.
        case [_, "POSIX", _, _, pid, place, first, _]:
            if int(first) in inodes.get(place.rpartition(":")[2], range(0)):
                return int(pid)
    return None
