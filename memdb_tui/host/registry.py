"""The connections of one process: opening and closing them, and the whole picture."""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TypeVar

from memdb_tui.errors import UsageError
from memdb_tui.host.connection import HostConnection, Origin
from memdb_tui.host.engines import EngineOfOurs, RawOpening, check_out, make_engine, open_raw, prepare
from memdb_tui.host.facts import host_facts
from memdb_tui.host.file_trail import FileTrail, declared_by_attach
from memdb_tui.host.locks import lock_report
from memdb_tui.host.lookout import Lookout
from memdb_tui.host.opening import Plan, as_url, consent_needed, plan
from memdb_tui.host.owner import Owner
from memdb_tui.host.schema import schema_of
from memdb_tui.model import (
    Closing,
    ConnectionId,
    CreatedBy,
    DatabaseSchema,
    LockReport,
    Opened,
    Snapshot,
    TransactionMode,
)
from memdb_tui.sql.split import Statement

_CLOSING_SECONDS = 2.0
_T = TypeVar("_T")


class Registry:
    """Every connection with its owner and engine; its methods may be called from any thread.

    Args:
        on_change: Called from any thread when the picture has changed.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._lock = threading.RLock()
        self._connections: dict[ConnectionId, HostConnection] = {}
        self._owners: list[Owner] = []
        self._numbers = {"c": 0, "e": 0, "owner": 0, "snapshot": 0}
        self._lookout = Lookout(self._open_connections, on_change)
        self._trail = FileTrail()
        self.facts = host_facts()

    def open(self, string: str, *, allow_file: bool) -> Future[Opened]:
        """Open a string on an owner of its own; the answer is a question where a file would be made unasked.

        Raises:
            OpenError: By the future: the string cannot be opened.
        """

        def job(owner: Owner) -> Opened:
            found = plan(string)
            question = None if allow_file else consent_needed(found)
            if question is not None:
                return Opened(None, question)
            way = CreatedBy.NEW_ENGINE if found.through_sqlalchemy else CreatedBy.RAW
            return self._open(owner, found, way, engine=None)

        return self._on_owner(self._new_owner(), job)

    def open_another(self, like: ConnectionId, way: CreatedBy) -> Future[Opened]:
        """One more connection to the database of another, in one of four ways.

        Raises:
            UsageError: The way needs an engine, and the connection has none.
            OpenError: By the future: it cannot be opened.
        """
        model = self.connection(like)
        engine: EngineOfOurs | None = None
        if way in {CreatedBy.SAME_ENGINE_SAME_THREAD, CreatedBy.SAME_ENGINE_NEW_THREAD}:
            engine = model.engine
            if engine is None:
                raise UsageError(
                    f"{like} was opened with sqlite3 alone, so it has no engine to ask again.",
                    hint="Choose “new engine” or “raw sqlite3”.",
                )

        def job(owner: Owner) -> Opened:
            found = plan(model.origin.string)
            if way is CreatedBy.NEW_ENGINE:
                found = plan(as_url(found))
            return self._open(owner, found, way, engine=engine)

        owner = model.owner if way is CreatedBy.SAME_ENGINE_SAME_THREAD else self._new_owner()
        return self._on_owner(owner, job)

    def close_one(self, wanted: ConnectionId) -> Future[Closing]:
        """Close a connection, or give one of its checkouts back to its pool; one closed by others is removed.

        Raises:
            UsageError: There is none of that id.
        """
        connection = self.known(wanted)
        return connection.owner.submit(lambda: self._close(connection))

    def set_mode(self, wanted: ConnectionId, mode: TransactionMode) -> Future[None]:
        """Change when transactions begin on a connection.

        Raises:
            UsageError: Also by the future: a transaction is open, or this Python has no such mode.
        """
        connection = self.connection(wanted)

        def change() -> None:
            connection.set_mode(mode)
            self.looked(connection)

        return connection.owner.submit(change)

    def set_lock_wait(self, wanted: ConnectionId, seconds: float) -> None:
        """Change how long a connection's statements try again when a lock is in the way."""
        self.connection(wanted).set_lock_wait(seconds)
        self._on_change()

    def schema(self, wanted: ConnectionId) -> Future[DatabaseSchema]:
        """Tables, views and columns as the connection sees them, when its owner is free.

        Raises:
            QueryError: By the future: SQLite would not say.
        """
        connection = self.connection(wanted)

        def read() -> DatabaseSchema:
            tables = schema_of(connection)
            self.looked(connection)
            return tables

        return connection.owner.submit(read)

    def snapshot(self) -> Snapshot:
        """The whole picture now."""
        connections = self._open_connections().values()
        return Snapshot(
            seq=self._next("snapshot"),
            facts=self.facts.now(),
            connections=tuple([connection.view() for connection in connections]),
            caches=self._lookout.caches(),
            touches=self._trail.touches(),
        )

    def close(self) -> None:
        """Close every connection, end every owner that lets go within 2 s in all; may be called twice."""
        deadline = time.monotonic() + _CLOSING_SECONDS
        with self._lock:
            connections, owners = list(self._connections.values()), list(self._owners)
        for connection in connections:
            with contextlib.suppress(UsageError):
                connection.owner.submit(functools.partial(self._remove, connection))
        for owner in owners:
            owner.close(0)
        for owner in owners:
            owner.close(max(0.0, deadline - time.monotonic()))
        with self._lock:
            self._connections.clear()
            self._owners.clear()

    # What runs ask of their surroundings.

    def looked(self, connection: HostConnection) -> None:
        """Look at a connection again; on its owner's thread, between its statements."""
        self._lookout.look(connection)

    def changed(self) -> None:
        """The picture has changed."""
        self._on_change()

    def lock_report(self, connection: HostConnection, table: str) -> LockReport:
        """Who can hold the lock that the connection just met."""
        views = [known.view() for known in self._open_connections().values()]
        return lock_report(connection.id, views, self._lookout.caches(), table=table)

    @contextmanager
    def files_of(self, connection: HostConnection, statement: Statement) -> Iterator[None]:
        """Notice the files that a statement makes or opens, and what it attaches."""
        with self._trail.around(connection, statement.text):
            yield
        attached = declared_by_attach(statement.text, connection)
        if attached is not None:
            connection.declared[attached[0]] = attached[1]

    def connection(self, wanted: ConnectionId) -> HostConnection:
        """An open connection.

        Raises:
            UsageError: There is none of that id, or somebody else has closed it.
        """
        connection = self.known(wanted)
        if connection.closed:
            raise UsageError(f"{wanted} is closed: {connection.closed}.", hint="Open a new connection.")
        return connection

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

    # Opening and closing, on owners' threads.

    def _on_owner(self, owner: Owner, job: Callable[[Owner], _T]) -> Future[_T]:
        """Do a job that may leave a connection behind on that owner; an owner left with none ends."""

        def work() -> _T:
            try:
                return job(owner)
            finally:
                self._end_if_idle(owner)

        return owner.submit(work)

    def _open(self, owner: Owner, found: Plan, way: CreatedBy, *, engine: EngineOfOurs | None) -> Opened:
        path = found.explanation.path
        existed = path is not None and os.path.lexists(path)
        if way is CreatedBy.RAW:
            opening = open_raw(found.database, uri=found.is_uri)
        else:
            engine, opening = self._check_out(engine, found.string)
        same = self._holding(opening.raw)
        if same is not None and opening.checkout is not None:
            same.checkout_list.append(opening.checkout)
            self._on_change()
            return Opened(same.id, None)
        try:
            connection = self._adopt(owner, found, way, engine, opening)
        except BaseException:
            opening.raw.close()
            raise
        self.looked(connection)
        if connection.main_file:
            self._trail.main_file(connection, connection.main_file, existed=existed)
        self._notice_pool(engine)
        self._on_change()
        return Opened(connection.id, None)

    def _check_out(self, engine: EngineOfOurs | None, string: str) -> tuple[EngineOfOurs, RawOpening]:
        ours = engine or make_engine(self._next("e"), string)
        try:
            return ours, check_out(ours)
        except BaseException:
            if engine is None:
                ours.engine.dispose()
            raise

    def _adopt(
        self, owner: Owner, found: Plan, way: CreatedBy, engine: EngineOfOurs | None, opening: RawOpening
    ) -> HostConnection:
        prepare(opening.raw)
        explanation = found.explanation
        origin = Origin(
            id=ConnectionId(f"c{self._next('c')}"),
            string=found.string,
            created_by=way,
            predicted=found.outcome,
            prediction=found.explanation.outcome.value,
            meant_as_memory=explanation.meant_as_memory,
            reason=explanation.reason,
            suggestion=explanation.suggestion or "",
            database=found.database,
            is_uri=found.is_uri,
        )
        connection = HostConnection(
            origin,
            owner,
            opening.raw,
            engine=engine,
            checkout=opening.checkout,
            main=found.declared,
            lock_wait_seconds=found.lock_wait_seconds,
        )
        with self._lock:
            if owner.is_closed:
                raise UsageError("The connection beside this one was closed meanwhile.", hint="Open it anew.")
            self._connections[connection.id] = connection
        return connection

    def _close(self, connection: HostConnection) -> Closing:
        if len(connection.checkout_list) > 1 and not connection.closed:
            connection.checkout_list.pop().close()
            self._on_change()
            left = len(connection.checkout_list)
            return Closing(
                closed=False,
                message=f"One checkout of {connection.id} went back to its pool; {left} left, still open.",
            )
        self._remove(connection)
        self._end_if_idle(connection.owner)
        self._on_change()
        return Closing(closed=True, message=f"{connection.id} is closed.")

    def _remove(self, connection: HostConnection) -> None:
        """Really close the sqlite3 connection, pool or not, and forget it."""
        # Out of the picture first: once it is closed, SQLite may use the address of its pager for another cache.
        left = self._lookout.leave(connection.id)
        for checkout in connection.checkout_list:
            with contextlib.suppress(Exception):  # its pool may have closed or dropped it already
                checkout.detach()
        connection.checkout_list.clear()
        with contextlib.suppress(sqlite3.Error), connection.guard():
            connection.raw.close()
        self._lookout.miscounted(left)
        with self._lock:
            self._connections.pop(connection.id, None)
        engine = connection.engine
        if engine is not None and not any(c.engine is engine for c in self._open_connections().values()):
            engine.engine.dispose()

    def _notice_pool(self, engine: EngineOfOurs | None) -> None:
        """A pool may close others when it opens one: SingletonThreadPool does, from the sixth on."""
        if engine is None:
            return
        for sibling in self._open_connections().values():
            is_one = sibling.engine is engine and not sibling.closed
            if is_one and sibling.notice_foreign_close(f"its pool ({engine.pool}) closed it"):
                self._lookout.gone(sibling.id)

    def _open_connections(self) -> dict[ConnectionId, HostConnection]:
        with self._lock:
            return dict(self._connections)

    def _holding(self, raw: sqlite3.Connection) -> HostConnection | None:
        return next((c for c in self._open_connections().values() if c.raw is raw), None)

    def _new_owner(self) -> Owner:
        owner = Owner(self._next("owner"))
        with self._lock:
            self._owners.append(owner)
        return owner

    def _end_if_idle(self, owner: Owner) -> None:
        with self._lock:
            if any(c.owner is owner for c in self._connections.values()):
                return
            if owner in self._owners:
                self._owners.remove(owner)
        owner.close()

    def _next(self, what: str) -> int:
        with self._lock:
            self._numbers[what] += 1
            return self._numbers[what]
