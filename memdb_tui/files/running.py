"""Which connections were running SQL at a given moment, as the snapshots told it."""

from __future__ import annotations

from collections import deque

from memdb_tui.frozen import dataclass
from memdb_tui.model import ConnectionId, Snapshot

_SLACK_SECONDS = 0.25
"""A snapshot comes a little after what it tells of."""

_MOST_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class _Stretch:
    connection: ConnectionId
    string: str
    statement: str
    since: float


class RunningHistory:
    """Remembers the stretches of time in which connections ran statements."""

    def __init__(self) -> None:
        self._now: dict[ConnectionId, _Stretch] = {}
        self._over: deque[tuple[_Stretch, float]] = deque(maxlen=_MOST_REMEMBERED)

    def take(self, snapshot: Snapshot, at: float) -> None:
        """Learn from a snapshot that arrived at a time, in seconds since the epoch."""
        now = {
            connection.id: _Stretch(
                connection.id, connection.string, connection.running, connection.running_since or at
            )
            for connection in snapshot.connections
            if connection.running
        }
        for connection, stretch in self._now.items():
            if now.get(connection) != stretch:
                self._over.append((stretch, at))
        self._now = now

    def at(self, moment: float) -> tuple[tuple[ConnectionId, str, str], ...]:
        """Connection, string and statement of each that was running then, give or take a quarter of a second."""
        found: dict[ConnectionId, tuple[ConnectionId, str, str]] = {}
        for stretch in self._now.values():
            if stretch.since - _SLACK_SECONDS <= moment:
                found[stretch.connection] = (stretch.connection, stretch.string, stretch.statement)
        for stretch, until in self._over:
            if stretch.since - _SLACK_SECONDS <= moment <= until + _SLACK_SECONDS:
                found.setdefault(stretch.connection, (stretch.connection, stretch.string, stretch.statement))
        return tuple(found.values())
