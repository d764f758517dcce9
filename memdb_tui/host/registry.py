"""The connections of one process: opening and closing them, and the whole picture."""

from __future__ import annotations

import contextlib
import functools
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from memdb_tui.errors import OpenError, UsageError
from memdb_tui.host.connection import DEFAULT_FILE_WAIT_SECONDS, HostConnection, Origin
from memdb_tui.host.engines import EngineOfOurs, RawOpening, check_out, make_engine, open_raw, prepare
from memdb_tui.host.facts import host_facts
from memdb_tui.host.file_trail import FileTrail, declared_by_attach
from memdb_tui.host.locks import lock_report
from memdb_tui.host.opening import Plan, as_url, consent_needed, plan
from memdb_tui.host.owner import Owner
from memdb_tui.host.picture import Picture
from memdb_tui.host.schema import read_tables
from memdb_tui.model import (
    Closing,
    ConnectionId,
    CreatedBy,
    DatabaseSchema,
    LockReport,
    Opened,
    Outcome,
    Snapshot,
    TransactionMode,
    TransactionState,
)
from memdb_tui.sql.split import Statement

_CLOSING_SECONDS = 2.0


class Registry:
    """Every connection with its owner and engine; its methods may be called from any thread.

    Args:
        on_change: Called from any thread when the picture has changed.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._lock = threading.RLock()
        self._connections: dict[ConnectionId, HostConnection] = {}
        self._engines: dict[str, EngineOfOurs] = {}
        self._numbers = {"c": 0, "e": 0, "owner": 0}
        self._picture = Picture()
        self._trail = FileTrail()
        self.facts = host_facts()

    def open(self, string: str, *, allow_file: bool) -> Future[Opened]:
        """Open a string on an owner of its own; the answer is a question where a file would be made unasked.

        Raises:
            OpenError: The string cannot be opened; also as the future's error.
        """
        found = plan(string)
        question = None if allow_file else consent_needed(found)
        if question is not None:
            return _done(Opened(None, question))
        way = CreatedBy.NEW_ENGINE if found.through_sqlalchemy else CreatedBy.RAW
        return self._open_on(self._new_owner(), found, way, engine=None)

    def open_another(self, like: ConnectionId, way: CreatedBy) -> Future[Opened]:
        """One more connection to the database of another, in one of four ways.

        Raises:
            UsageError: The way needs an engine, and the connection has none.
        """
        model = self.connection(like)
        found = plan(model.origin.string)
        if way is CreatedBy.RAW:
            return self._open_on(self._new_owner(), found, way, engine=None)
        if way is CreatedBy.NEW_ENGINE:
            return self._open_on(self._new_owner(), plan(as_url(found)), way, engine=None)
        with self._lock:
            engine = self._engines.get(model.origin.engine)
        if engine is None:
            raise UsageError(
                f"{like} was opened with sqlite3 alone, so it has no engine to ask again.",
                hint="Choose “new engine” or “raw sqlite3”.",
            )
        owner = model.owner if way is CreatedBy.SAME_ENGINE_SAME_THREAD else self._new_owner()
        return self._open_on(owner, found, way, engine=engine)

    def close_one(self, wanted: ConnectionId) -> Future[Closing]:
        """Close a connection, or give one of its checkouts back to its pool."""
        connection = self.connection(wanted)
        return connection.owner.submit(lambda: self._close(connection))

    def set_mode(self, wanted: ConnectionId, mode: TransactionMode) -> Future[None]:
        """Change when transactions begin on a connection.

        Raises:
            UsageError: By the future: a transaction is open, or this Python has no such mode.
        """
        connection = self.connection(wanted)

        def change() -> None:
            connection.set_mode(mode)
            self.looked(connection)

        return connection.owner.submit(change)

    def set_lock_wait(self, wanted: ConnectionId, seconds: float) -> None:
        """Change how long a connection's statements try again when a lock is in the way."""
        self.connection(wanted).lock_wait_seconds = max(0.0, seconds)
        self._on_change()

    def schema(self, wanted: ConnectionId) -> Future[DatabaseSchema]:
        """Tables, views and columns as the connection sees them, when its owner is free.

        Raises:
            QueryError: By the future: SQLite would not say.
        """
        connection = self.connection(wanted)
        return connection.owner.submit(lambda: self._read_schema(connection))

    def snapshot(self) -> Snapshot:
        """The whole picture now."""
        with self._lock:
            return self._picture.snapshot(self.facts.now(), self._connections, self._trail.touches())

    def close(self) -> None:
        """Close every connection, end every owner; may be called twice."""
        with self._lock:
            connections = list(self._connections.values())
        for connection in connections:
            with contextlib.suppress(UsageError):
                connection.owner.submit(functools.partial(self._shut, connection))
        for owner in {connection.owner for connection in connections}:
            owner.close(_CLOSING_SECONDS)

    # What runs ask of their surroundings.

    def looked(self, connection: HostConnection) -> None:
        """Look at a connection again; on its owner's thread, between its statements."""
        try:
            moved = self._picture.look(connection)
        except sqlite3.Error as error:
            connection.notice_foreign_close(f"closed by somebody else ({error})")
            moved = self._picture.forget(connection.id)
        self._measure(moved, connection)
        self._on_change()

    def changed(self) -> None:
        """The picture has changed."""
        self._on_change()

    def lock_report(self, connection: HostConnection, table: str) -> LockReport:
        """Who can hold the lock that the connection just met."""
        picture = self.snapshot()
        return lock_report(connection.id, picture.connections, picture.caches, table=table)

    @contextmanager
    def files_of(self, connection: HostConnection, statement: Statement) -> Iterator[None]:
        """Notice the files that a statement makes or opens, and what it attaches."""
        with self._trail.around(connection, statement.text):
            yield
        attached = declared_by_attach(statement.text, connection)
        if attached is not None:
            connection.declared[attached[0]] = attached[1]

    # Opening and closing, on owners' threads.

    def _open_on(self, owner: Owner, found: Plan, way: CreatedBy, *, engine: EngineOfOurs | None) -> Future[Opened]:
        def job() -> Opened:
            try:
                return self._open(owner, found, way, engine=engine)
            except OpenError:
                if not self._uses(owner):
                    owner.close()
                raise

        return owner.submit(job)

    def _open(self, owner: Owner, found: Plan, way: CreatedBy, *, engine: EngineOfOurs | None) -> Opened:
        path = found.explanation.path
        existed = path is not None and os.path.lexists(path)
        made: EngineOfOurs | None = None
        if way is CreatedBy.RAW:
            opening = open_raw(found.database, uri=found.is_uri)
        else:
            engine = engine or (made := make_engine(self._next("e"), found.string))
            opening = check_out(engine)
        same = self._holding(opening.raw)
        if same is not None and opening.checkout is not None:
            same.checkout_list.append(opening.checkout)
            self._on_change()
            return Opened(same.id, None)
        connection = self._adopt(owner, found, way, engine, opening)
        with self._lock:
            if made is not None:
                self._engines[made.id] = made
            self._connections[connection.id] = connection
        self.looked(connection)
        main = next((s for s in connection.seen_schemas() if s.name == "main"), None)
        if main is not None and main.file:
            self._trail.main_file(connection, main.file, existed=existed)
        self._notice_pool(engine)
        self._on_change()
        return Opened(connection.id, None)

    def _adopt(
        self, owner: Owner, found: Plan, way: CreatedBy, engine: EngineOfOurs | None, opening: RawOpening
    ) -> HostConnection:
        prepare(opening.raw)
        explanation = found.explanation
        origin = Origin(
            id=ConnectionId(f"c{self._next('c')}"),
            string=found.string,
            created_by=way,
            engine=engine.id if engine else "",
            pool=engine.pool if engine else "",
            predicted=found.outcome,
            meant_as_memory=explanation.meant_as_memory,
            reason=explanation.reason,
            suggestion=explanation.suggestion or "",
            database=found.database,
            is_uri=found.is_uri,
        )
        connection = HostConnection(origin, owner, opening.raw, checkout=opening.checkout, main=found.declared)
        if found.outcome is Outcome.FILE:
            connection.lock_wait_seconds = DEFAULT_FILE_WAIT_SECONDS
        return connection

    def _close(self, connection: HostConnection) -> Closing:
        if len(connection.checkout_list) > 1:
            connection.checkout_list.pop().close()
            self._on_change()
            left = len(connection.checkout_list)
            return Closing(
                closed=False,
                message=f"One checkout of {connection.id} went back to its pool; {left} left, still open.",
            )
        self._shut(connection)
        with self._lock:
            self._connections.pop(connection.id, None)
            moved = self._picture.forget(connection.id)
        self._measure(moved, None)
        self._drop_engine(connection.origin.engine)
        if not self._uses(connection.owner):
            connection.owner.close()
        self._on_change()
        return Closing(closed=True, message=f"{connection.id} is closed.")

    def _shut(self, connection: HostConnection) -> None:
        """Really close the sqlite3 connection, pool or not."""
        for checkout in connection.checkout_list:
            with contextlib.suppress(Exception):  # its pool may have closed or dropped it already
                checkout.detach()
        connection.checkout_list.clear()
        with contextlib.suppress(sqlite3.Error):
            connection.raw.close()

    def _drop_engine(self, engine_id: str) -> None:
        with self._lock:
            in_use = any(c.origin.engine == engine_id for c in self._connections.values())
            engine = None if in_use else self._engines.pop(engine_id, None)
        if engine is not None:
            engine.engine.dispose()

    def _notice_pool(self, engine: EngineOfOurs | None) -> None:
        """A pool may close others when it opens one: SingletonThreadPool does, from the sixth on."""
        if engine is None:
            return
        with self._lock:
            siblings = [c for c in self._connections.values() if c.origin.engine == engine.id]
        for sibling in siblings:
            if sibling.notice_foreign_close(f"closed by its pool ({engine.pool})"):
                self._measure(self._picture.forget(sibling.id), None)

    def _read_schema(self, connection: HostConnection) -> DatabaseSchema:
        look = connection.look
        state = look.observation.transaction if look else TransactionState.NONE
        if state is not TransactionState.OPEN or connection.origin.predicted is not Outcome.MEMORY_SHARED:
            tables = read_tables(connection.raw)
            self.looked(connection)
            return DatabaseSchema(connection.id, tables)
        # After BEGIN a read of ours would take a lock that stays until the user ends the transaction.
        own = open_raw(connection.origin.database, uri=connection.origin.is_uri).raw
        try:
            own.execute("PRAGMA read_uncommitted=1")
            return DatabaseSchema(connection.id, read_tables(own))
        finally:
            own.close()

    def _measure(self, keys: frozenset[tuple[str, ...]], but: HostConnection | None) -> None:
        """Have a member of each cache whose members changed ask SQLite for its count again."""
        for key in keys:
            asked = self._picture.who_can_measure(key, self._connections, but)
            if asked is None:
                self._picture.forget_measure(key)
                continue
            with contextlib.suppress(UsageError):
                asked.owner.submit(functools.partial(self._look_again, asked))

    def _look_again(self, connection: HostConnection) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._picture.look(connection)
            self._on_change()

    def connection(self, wanted: ConnectionId) -> HostConnection:
        """An open connection.

        Raises:
            UsageError: There is none of that id, or somebody else has closed it.
        """
        with self._lock:
            connection = self._connections.get(wanted)
        if connection is None:
            raise UsageError(f"There is no connection {wanted}.", hint="It was closed; choose another.")
        if connection.closed:
            raise UsageError(f"{wanted} is closed: {connection.closed}.", hint="Open a new connection with ^N.")
        return connection

    def _holding(self, raw: sqlite3.Connection) -> HostConnection | None:
        with self._lock:
            return next((c for c in self._connections.values() if c.raw is raw), None)

    def _uses(self, owner: Owner) -> bool:
        with self._lock:
            return any(c.owner is owner for c in self._connections.values())

    def _new_owner(self) -> Owner:
        return Owner(self._next("owner"))

    def _next(self, what: str) -> int:
        with self._lock:
            self._numbers[what] += 1
            return self._numbers[what]


def _done(value: Opened) -> Future[Opened]:
    future: Future[Opened] = Future()
    future.set_result(value)
    return future
