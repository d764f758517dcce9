"""The picture the host gives: the last look at every connection, grouped by cache."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from memdb_tui.host.caches import Key, Letters, Look, Measure, group, keys_of, measure_of
from memdb_tui.host.connection import HostConnection
from memdb_tui.host.observation import observe
from memdb_tui.model import ConnectionId, FileTouch, HostFacts, Snapshot


class Picture:
    """Looks and measures, and the snapshot they make."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looks: dict[ConnectionId, Look] = {}
        self._measures: dict[Key, Measure] = {}
        self._letters = Letters()
        self._seq = 0

    def look(self, connection: HostConnection) -> frozenset[Key]:
        """Look at a connection; on its owner's thread. Returns the caches it joined, left, or cannot measure itself.

        Raises:
            sqlite3.Error: It is closed.
        """
        observation = observe(connection.raw)
        declared = {s.name: connection.declared_for(s.name) for s in observation.schemas}
        look = Look(observation, declared)
        connection.take_look(look)
        with self._lock:
            before = self._looks.get(connection.id)
            self._looks[connection.id] = look
            keys = keys_of(connection.id, look)
            moved = set(keys.values()) ^ set(keys_of(connection.id, before).values() if before else ())
            measure = measure_of(look)
            if measure is not None:
                self._measures[keys["main"]] = measure
                moved.discard(keys["main"])
        return frozenset(moved)

    def forget(self, connection: ConnectionId) -> frozenset[Key]:
        """Drop a connection that was closed; returns the caches it was on."""
        with self._lock:
            look = self._looks.pop(connection, None)
            keys = frozenset(keys_of(connection, look).values()) if look else frozenset()
            still = {key for c, other in self._looks.items() for key in keys_of(c, other).values()}
            # An address is used again after a close: what was measured there speaks of another cache from now on.
            for key in keys - still:
                self._measures.pop(key, None)
            return keys & still

    def who_can_measure(
        self, key: Key, connections: Mapping[ConnectionId, HostConnection], but: HostConnection | None
    ) -> HostConnection | None:
        """A connection whose figures speak of this cache alone, an idle one if there is any."""
        with self._lock:
            able = [
                connections[c]
                for c, look in self._looks.items()
                if c in connections
                and connections[c] is not but
                and measure_of(look) is not None
                and keys_of(c, look).get("main") == key
            ]
        return min(able, key=lambda c: bool(c.running), default=None)

    def forget_measure(self, key: Key) -> None:
        """Nobody can say how many share this cache now."""
        with self._lock:
            self._measures.pop(key, None)

    def snapshot(
        self,
        facts: HostFacts,
        connections: Mapping[ConnectionId, HostConnection],
        touches: tuple[FileTouch, ...],
    ) -> Snapshot:
        """Everything, as last seen."""
        with self._lock:
            self._seq += 1
            caches, letters = group(self._looks, self._measures, self._letters)
            by_connection: dict[ConnectionId, dict[str, str]] = {}
            for member, letter in letters.items():
                by_connection.setdefault(member.connection, {})[member.schema] = letter
            return Snapshot(
                seq=self._seq,
                facts=facts,
                connections=tuple(c.view(by_connection.get(c.id, {})) for c in connections.values()),
                caches=caches,
                touches=touches,
            )
