"""The picture the host gives: the last look at every connection, grouped by cache."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping

from memdb_tui.host.caches import Key, Look, Measure, cache_of, letter
from memdb_tui.model import Cache, ConnectionId, Member


class _Group:
    """A cache as long as it lives: its letter, its members, what SQLite last said of it."""

    __slots__ = ("letter", "measure", "measured_at", "members", "value")

    def __init__(self, name: str) -> None:
        self.letter = name
        # A dict keeps the order in which they joined.
        self.members: dict[Member, None] = {}
        self.measure: Measure | None = None
        self.measured_at = 0.0
        self.value: Cache | None = None


class Picture:
    """Looks and measures, and the caches they make. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looks: dict[ConnectionId, Look] = {}
        self._groups: dict[Key, _Group] = {}
        self._given_letters = 0
        self._moves = 0

    @property
    def moves(self) -> int:
        """Grows whenever a cache's members change: a count taken before is worth nothing after."""
        with self._lock:
            return self._moves

    def unmeasured(self, connection: ConnectionId, look: Look, *, older_than_seconds: float) -> frozenset[Key]:
        """The caches of a look that have no count, an old one, or one from before the connection was there."""
        oldest = time.monotonic() - older_than_seconds
        with self._lock:
            before = self._looks.get(connection)
            known = set(before.keys.values()) if before else set()
            return frozenset(
                key
                for key in look.keys.values()
                if key not in known or (group := self._groups[key]).measure is None or group.measured_at < oldest
            )

    def take(
        self, connection: ConnectionId, look: Look, measures: Mapping[Key, Measure], *, moves: int
    ) -> tuple[frozenset[Key], Mapping[str, str], bool]:
        """Keep a look.

        Args:
            connection: Whose look it is.
            look: What was seen.
            measures: What SQLite said of caches in this look.
            moves: `moves` from before SQLite was asked.

        Returns:
            The caches it has left; the letter of each of its schemas; whether the measures were kept. They are not
            if members have changed meanwhile: then they must be taken anew.
        """
        with self._lock:
            is_current = moves == self._moves
            before = self._looks.get(connection)
            self._looks[connection] = look
            left = self._regroup(connection, before.keys if before else {}, look.keys)
            now = time.monotonic()
            for key in set(look.keys.values()):
                group = self._groups[key]
                group.value = None
                if is_current and key in measures:
                    group.measure, group.measured_at = measures[key], now
            return left, {schema: self._groups[key].letter for schema, key in look.keys.items()}, is_current

    def forget(self, connection: ConnectionId) -> frozenset[Key]:
        """Drop a connection that is closed or about to be; returns the caches it was on that live on."""
        with self._lock:
            look = self._looks.pop(connection, None)
            return self._regroup(connection, look.keys, {}) if look else frozenset()

    def unmeasure(self, keys: Iterable[Key]) -> None:
        """What SQLite said of these caches no longer holds."""
        with self._lock:
            self._moves += 1
            for key in keys:
                group = self._groups.get(key)
                if group is not None:
                    group.measure = group.value = None

    def members(self, key: Key) -> tuple[tuple[ConnectionId, Look], ...]:
        """The connections on a cache, with the last look at each."""
        with self._lock:
            group = self._groups.get(key)
            found = dict.fromkeys(member.connection for member in group.members) if group else {}
            return tuple((connection, self._looks[connection]) for connection in found)

    def caches(self) -> tuple[Cache, ...]:
        """All caches, oldest first."""
        with self._lock:
            return tuple([group.value or self._value(key, group) for key, group in self._groups.items()])

    def _value(self, key: Key, group: _Group) -> Cache:
        group.value = cache_of(group.letter, key, tuple(group.members), looks=self._looks, measure=group.measure)
        return group.value

    def _regroup(self, connection: ConnectionId, before: Mapping[str, Key], now: Mapping[str, Key]) -> frozenset[Key]:
        """Move a connection from its old caches to its new ones; the old ones that live on are returned."""
        if before == now:
            return frozenset()
        self._moves += 1
        changed = set(before.values()) ^ set(now.values())
        for schema, key in before.items():
            if now.get(schema) != key:
                self._leave(key, Member(connection, schema))
        for schema, key in now.items():
            if before.get(schema) != key:
                self._join(key, Member(connection, schema))
        for key in changed & self._groups.keys():
            self._groups[key].measure = None
        return frozenset((set(before.values()) - set(now.values())) & self._groups.keys())

    def _leave(self, key: Key, member: Member) -> None:
        group = self._groups[key]
        group.members.pop(member, None)
        group.value = None
        if not group.members:
            # An address is used again after a close: the next cache there is another one, with a letter of its own.
            del self._groups[key]

    def _join(self, key: Key, member: Member) -> None:
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(letter(self._given_letters))
            self._given_letters += 1
        group.members[member] = None
        group.value = None
