"""Which connections and owners there are."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from memdb_tui.errors import UsageError
from memdb_tui.host.connection import HostConnection
from memdb_tui.host.engines import EngineOfOurs
from memdb_tui.host.owner import Owner
from memdb_tui.model import ConnectionId

_T = TypeVar("_T")


class Directory:
    """Connections by id, the owners that hold them, and the numbers given so far. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connections: dict[ConnectionId, HostConnection] = {}
        self._owners: list[Owner] = []
        self._numbers: dict[str, int] = {}

    def number(self, what: str) -> int:
        """The next number of that kind, from 1; none is given twice."""
        with self._lock:
            self._numbers[what] = self._numbers.get(what, 0) + 1
            return self._numbers[what]

    def all(self) -> dict[ConnectionId, HostConnection]:
        """Every connection of the picture, in the order they were opened."""
        with self._lock:
            return dict(self._connections)

    def owners(self) -> list[Owner]:
        """Every owner that has not ended."""
        with self._lock:
            return list(self._owners)

    def known(self, wanted: ConnectionId) -> HostConnection:
        """A connection of the picture, also one that somebody else has closed.

        Raises:
            UsageError: There is none of that id.
        """
        with self._lock:
            connection = self._connections.get(wanted)
        if connection is None:
            raise UsageError(f"There is no connection {wanted}.", hint="It was closed; choose another.")
        return connection

    def open(self, wanted: ConnectionId) -> HostConnection:
        """An open connection.

        Raises:
            UsageError: There is none of that id, or somebody else has closed it.
        """
        connection = self.known(wanted)
        if connection.closed:
            raise UsageError(f"{wanted} is closed: {connection.closed}.", hint="Open a new connection.")
        return connection

    def holding(self, raw: sqlite3.Connection) -> HostConnection | None:
        """The connection that is this very sqlite3 connection."""
        return next((known for known in self.all().values() if known.raw is raw), None)

    def of_engine(self, engine: EngineOfOurs) -> list[HostConnection]:
        """The connections of an engine."""
        return [known for known in self.all().values() if known.engine is engine]

    def add(self, connection: HostConnection) -> None:
        """Take a connection in.

        Raises:
            UsageError: Its owner is about to end.
        """
        with self._lock:
            if connection.owner.is_closed:
                raise UsageError("The connection beside this one was closed meanwhile.", hint="Open it anew.")
            self._connections[connection.id] = connection

    def remove(self, connection: HostConnection) -> None:
        """Forget a connection."""
        with self._lock:
            self._connections.pop(connection.id, None)

    def new_owner(self) -> Owner:
        """An owner with nothing to own yet."""
        owner = Owner(self.number("owner"))
        with self._lock:
            self._owners.append(owner)
        return owner

    def on_owner(self, owner: Owner, job: Callable[[Owner], _T]) -> Future[_T]:
        """Do a job that may leave a connection with that owner; an owner left with none ends."""

        def work() -> _T:
            try:
                return job(owner)
            finally:
                self.end_if_idle(owner)

        return owner.submit(work)

    def end_if_idle(self, owner: Owner) -> None:
        """End an owner that owns nothing."""
        with self._lock:
            if any(known.owner is owner for known in self._connections.values()):
                return
            if owner in self._owners:
                self._owners.remove(owner)
            owner.close(0)
