"""Keeping the picture right: looking at connections, and having SQLite count those of each cache."""

from __future__ import annotations

import contextlib
import functools
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping

from memdb_tui.errors import UsageError
from memdb_tui.host.caches import Key, Look, Measure, look_at
from memdb_tui.host.census import ask_fresh, askable, own_measures
from memdb_tui.host.connection import HostConnection
from memdb_tui.host.observation import is_as_seen, observe
from memdb_tui.host.picture import Picture
from memdb_tui.model import Cache, ConnectionId

_OLD_SECONDS = 0.05
"""Within a run, counts and sizes are taken again when they are older than this."""
_ATTEMPTS = 5


class Lookout:
    """Looks at connections on their owners' threads, and asks others for what they alone can tell.

    Args:
        connections: The connections there are, as they come and go.
        on_change: Called from any thread when the picture has changed.
    """

    def __init__(
        self, connections: Callable[[], Mapping[ConnectionId, HostConnection]], on_change: Callable[[], None]
    ) -> None:
        self._connections = connections
        self._on_change = on_change
        self._picture = Picture()

    def caches(self) -> tuple[Cache, ...]:
        """All caches as last seen, oldest first."""
        return self._picture.caches()

    def look(self, connection: HostConnection, *, within_run: bool = False) -> None:
        """Look at a connection; on its owner's thread, between its statements."""
        try:
            if within_run and self._is_as_seen(connection):
                # Nothing else of it can have changed; the size of its cache, and the count, are left for later.
                connection.has_old_counts = True
                self._on_change()
            else:
                self._look(connection, _OLD_SECONDS if within_run else 0.0)
        except sqlite3.ProgrammingError as error:
            connection.notice_foreign_close(f"somebody else closed it ({error})")
            self.gone(connection.id)
        except sqlite3.Error:
            # SQLite would not answer, for a schema that another has locked, say: the last look stands.
            self._on_change()

    def gone(self, connection: ConnectionId) -> None:
        """A connection is closed, or its pool has closed it; from any thread."""
        self.miscounted(self._picture.forget(connection))
        self._on_change()

    def leave(self, connection: ConnectionId) -> frozenset[Key]:
        """A connection is about to be closed: give `miscounted` what comes back when it is."""
        return self._picture.forget(connection)

    def miscounted(self, keys: Iterable[Key]) -> None:
        """A connection has left these caches: have an idle member of each count again.

        Where every member is busy the count is not known until one of them has finished.
        """
        keys = frozenset(keys)
        if not keys:
            return
        self._picture.unmeasure(keys)
        asked = {member.id: member for key in keys if (member := self._idle_member(key)) is not None}
        for member in asked.values():
            with contextlib.suppress(UsageError):  # it is being closed; closing it will ask the next
                member.owner.submit(functools.partial(self.look, member))

    def _is_as_seen(self, connection: HostConnection) -> bool:
        look = connection.look
        if look is None or time.monotonic() - connection.looked_at > _OLD_SECONDS:
            return False
        with connection.guard():
            return is_as_seen(connection.raw, look.observation)

    def _look(self, connection: HostConnection, old_seconds: float) -> None:
        for _ in range(_ATTEMPTS):
            moves = self._picture.moves
            with connection.guard():
                observation = observe(connection.raw)
            look = look_at(connection.id, observation, connection.declared)
            measures = self._measure(connection, look, old_seconds)
            left, letters, was_kept = self._picture.take(connection.id, look, measures, moves=moves)
            connection.take_look(look, letters)
            self.miscounted(left)
            if was_kept:
                break
        self._on_change()

    def _measure(self, connection: HostConnection, look: Look, old_seconds: float) -> dict[Key, Measure]:
        measures = own_measures(look)
        fresh = {key: how for key, how in askable(look).items() if key not in measures}
        if not fresh:
            connection.has_old_counts = False
            return measures
        wanted = self._picture.unmeasured(connection.id, look, older_than_seconds=old_seconds) & fresh.keys()
        connection.has_old_counts = bool(fresh.keys() - wanted)
        for key in wanted:
            measure = ask_fresh(*fresh[key])
            if measure is not None:
                measures[key] = measure
        return measures

    def _idle_member(self, key: Key) -> HostConnection | None:
        """A member that can count, preferably by itself."""
        connections = self._connections()
        able: list[tuple[bool, HostConnection]] = []
        for member, look in self._picture.members(key):
            connection = connections.get(member)
            if connection is None or connection.running:
                continue
            counts_itself = key in own_measures(look)
            if counts_itself or key in askable(look):
                able.append((not counts_itself, connection))
        return min(able, key=lambda found: found[0], default=(True, None))[1]
