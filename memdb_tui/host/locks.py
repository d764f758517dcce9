"""Who can hold the lock that a statement met. SQLite does not say: it is inferred from who is in a transaction."""

from __future__ import annotations

import os
from collections.abc import Iterable
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
        for foreign in _foreign(cache):
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


def _foreign(cache: Cache) -> Iterable[LockHolder]:
    if cache.foreign_count:
        count = cache.foreign_count
        words = "a connection" if count == 1 else f"one of {count} connections"
        yield LockHolder(
            None, f"{words} not opened here (SQLite counts {cache.sqlite_count})", None, Evidence.INFERRED
        )
    if cache.kind is CacheKind.FILE:
        for pid in sorted(lock_pids(cache.name) - {os.getpid()}):
            yield LockHolder(None, f"process {pid}, which has a lock on the file", None, Evidence.OBSERVED)


def lock_pids(path: str) -> set[int]:
    """Processes with a POSIX lock on a file, from `/proc/locks`; empty where that cannot be read."""
    try:
        inode = Path(path).stat().st_ino
        lines = _PROC_LOCKS.read_text().splitlines()
    except OSError:
        return set()
    pids = set()
    for line in lines:
        fields = line.replace("->", "").split()
        if len(fields) > 5 and fields[1] == "POSIX" and fields[5].rpartition(":")[2] == str(inode):  # noqa: PLR2004 - proc(5)
            pids.add(int(fields[4]))
    return pids
