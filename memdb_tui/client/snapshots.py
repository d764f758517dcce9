"""Snapshots from the wire, with what did not change taken from the one before."""

from __future__ import annotations

from typing import Any

from memdb_tui.errors import ProtocolError
from memdb_tui.model import Cache, Connection, FileTouch, HostFacts, Snapshot
from memdb_tui.protocol.codec import from_wire


class SnapshotReader:
    """Reads snapshots; of 1,000 connections only those that changed are made anew."""

    def __init__(self) -> None:
        self._connections: dict[str, tuple[Any, Connection]] = {}
        self._touches: list[tuple[Any, FileTouch]] = []

    def read(self, data: object) -> Snapshot:
        """The snapshot that JSON holds.

        Raises:
            ProtocolError: It holds none.
        """
        match data:
            case [int(seq), facts, list(connections), list(caches), list(touches)]:
                return Snapshot(
                    seq=seq,
                    facts=from_wire(HostFacts, facts),
                    connections=self._read_connections(connections),
                    caches=tuple(from_wire(Cache, cache) for cache in caches),
                    touches=self._read_touches(touches),
                )
        raise ProtocolError("A message does not hold a Snapshot.")

    def _read_connections(self, data: list[Any]) -> tuple[Connection, ...]:
        before = self._connections
        now: dict[str, tuple[Any, Connection]] = {}
        for entry in data:
            known = before.get(entry[0]) if isinstance(entry, list) and entry else None
            value = known[1] if known is not None and known[0] == entry else from_wire(Connection, entry)
            now[value.id] = (entry, value)
        self._connections = now
        return tuple(value for _, value in now.values())

    def _read_touches(self, data: list[Any]) -> tuple[FileTouch, ...]:
        known = self._touches
        self._touches = [
            known[i] if i < len(known) and known[i][0] == raw else (raw, from_wire(FileTouch, raw))
            for i, raw in enumerate(data)
        ]
        return tuple(value for _, value in self._touches)
