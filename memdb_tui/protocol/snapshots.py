"""Snapshots on the wire: what did not change is neither made nor read anew."""

from __future__ import annotations

from typing import Any, TypeVar

from memdb_tui.errors import ProtocolError
from memdb_tui.model import Cache, Connection, FileTouch, HostFacts, Snapshot
from memdb_tui.protocol.codec import from_wire, to_wire
from memdb_tui.protocol.rpc import to_json

_T = TypeVar("_T")


class SnapshotWriter:
    """Writes snapshots as JSON; of 1,000 connections only those that changed are encoded.

    It goes by identity: a value that is the same object as in the snapshot before has the same text.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, str]] = {}

    def write(self, snapshot: Snapshot) -> str:
        """The snapshot as JSON text."""
        before, self._known = self._known, {}
        parts = (snapshot.connections, snapshot.caches, snapshot.touches)
        lists = ["[" + ",".join([self._text(value, before) for value in part]) + "]" for part in parts]
        return f"[{snapshot.seq},{self._text(snapshot.facts, before)},{','.join(lists)}]"

    def _text(self, value: object, before: dict[int, tuple[object, str]]) -> str:
        # The value is kept beside its text: so no other object can get its id.
        known = before.get(id(value))
        if known is None:
            known = (value, to_json(to_wire(value)))
        self._known[id(value)] = known
        return known[1]


class SnapshotReader:
    """Reads snapshots; of 1,000 connections only those that changed are made anew."""

    def __init__(self) -> None:
        self._connections: dict[str, tuple[Any, Connection]] = {}
        self._caches: dict[str, tuple[Any, Cache]] = {}
        self._touches: list[tuple[Any, FileTouch]] = []
        self._facts: tuple[Any, HostFacts] | None = None

    def read(self, data: object) -> Snapshot:
        """The snapshot that JSON holds.

        Raises:
            ProtocolError: It holds none.
        """
        match data:
            case [int(seq), facts, list(connections), list(caches), list(touches)]:
                if self._facts is None or self._facts[0] != facts:
                    self._facts = (facts, from_wire(HostFacts, facts))
                self._connections = _by_id(connections, self._connections, Connection)
                self._caches = _by_id(caches, self._caches, Cache)
                return Snapshot(
                    seq=seq,
                    facts=self._facts[1],
                    connections=tuple([value for _, value in self._connections.values()]),
                    caches=tuple([value for _, value in self._caches.values()]),
                    touches=self._read_touches(touches),
                )
        raise ProtocolError("A message does not hold a Snapshot.")

    def _read_touches(self, data: list[Any]) -> tuple[FileTouch, ...]:
        known = self._touches
        self._touches = [
            known[i] if i < len(known) and known[i][0] == raw else (raw, from_wire(FileTouch, raw))
            for i, raw in enumerate(data)
        ]
        return tuple([value for _, value in self._touches])


def _by_id(data: list[Any], before: dict[str, tuple[Any, _T]], cls: type[_T]) -> dict[str, tuple[Any, _T]]:
    """The values of a list, each under its first field, its id; those that read the same are the same objects."""
    now: dict[str, tuple[Any, _T]] = {}
    for entry in data:
        name = entry[0] if isinstance(entry, list) and entry and isinstance(entry[0], str) else ""
        known = before.get(name)
        now[name] = known if known is not None and known[0] == entry else (entry, from_wire(cls, entry))
    return now
