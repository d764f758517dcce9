"""The connections of one process: opening and closing them, and the whole picture."""

from __future__ import annotations

import contextlib
import functools
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TypeVar

from memdb_tui.errors import UsageError
from memdb_tui.host.caches import Declared
from memdb_tui.host.closer import Closer
from memdb_tui.host.connection import HostConnection, Origin
from memdb_tui.host.copies import copy_origin, open_image
from memdb_tui.host.directory import Directory
from memdb_tui.host.engines import EngineOfOurs, RawOpening, check_out, make_engine, open_raw, prepare
from memdb_tui.host.facts import host_facts
from memdb_tui.host.file_trail import FileTrail, declared_by_attach, may_name_a_file
from memdb_tui.host.locks import lock_report
from memdb_tui.host.lookout import Lookout
from memdb_tui.host.opening import Plan, as_url, consent_needed, origin_of, plan
from memdb_tui.host.owner import Owner
from memdb_tui.host.schema import schema_of
from memdb_tui.model import (
    CacheKind,
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

_T = TypeVar("_T")
_CLOSING_SECONDS = 2.0
_NOTHING = nullcontext()


class Registry:
    """Every connection with its owner and engine; its methods may be called from any thread.

    Args:
        on_change: Called from any thread when the picture has changed.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._directory = Directory()
        self._lookout = Lookout(self._directory.all, on_change)
        self._closer = Closer(self._directory, self._lookout, on_change)
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

        return self._directory.on_owner(self._directory.new_owner(), job)

    def open_another(self, like: ConnectionId, way: CreatedBy) -> Future[Opened]:
        """One more connection to the database of another, in one of four ways.

        Raises:
            UsageError: The way needs an engine, and the connection has none; or it is no way to open one here.
            OpenError: By the future: it cannot be opened.
        """
        model = self._directory.open(like)
        if way in {CreatedBy.COPY, CreatedBy.PROGRAM} or model.origin.created_by is CreatedBy.COPY:
            raise UsageError(
                f"A second connection cannot be opened to {like}: nothing leads to its database but itself.",
                hint="Take another copy.",
            )
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

        owner = model.owner if way is CreatedBy.SAME_ENGINE_SAME_THREAD else self._directory.new_owner()
        return self._directory.on_owner(owner, job)

    def open_copy(self, image: bytes, label: str, *, taken_at: float) -> Future[Opened]:
        """Open an image of a database as a private one, on an owner of its own.

        Raises:
            OpenError: By the future: SQLite finds no database in it.
        """

        def job(owner: Owner) -> Opened:
            opening = RawOpening(open_image(image), None)
            origin = copy_origin(label, self._next_id(), taken_at=taken_at)
            declared = Declared(CacheKind.PRIVATE, label)
            connection = self._adopt(owner, origin, opening, engine=None, main=declared, lock_wait_seconds=0.0)
            self._on_change()
            return Opened(connection.id, None)

        return self._directory.on_owner(self._directory.new_owner(), job)

    def copy_called(self, string: str) -> Origin | None:
        """The copy that is shown under this string; None where there is none."""
        origins = [known.origin for known in self._directory.all().values()]
        return next((o for o in origins if o.created_by is CreatedBy.COPY and o.string == string), None)

    def beside(self, job: Callable[[], _T]) -> Future[_T]:
        """Do a job on a thread of its own, which ends with it."""
        return self._directory.on_owner(self._directory.new_owner(), lambda _: job())

    def close_one(self, wanted: ConnectionId) -> Future[Closing]:
        """Close a connection, or give one of its checkouts back to its pool; one closed by others is removed.

        Raises:
            UsageError: There is none of that id.
        """
        connection = self.known(wanted)
        return connection.owner.submit(lambda: self._closer.close_or_return(connection))

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
        connections = self._directory.all().values()
        return Snapshot(
            seq=self._directory.number("snapshot"),
            facts=self.facts.now(),
            connections=tuple([connection.view() for connection in connections]),
            caches=self._lookout.caches(),
            touches=self._trail.touches(),
        )

    def close(self) -> None:
        """Close every connection, end every owner that lets go within 2 s in all; may be called twice."""
        deadline = time.monotonic() + _CLOSING_SECONDS
        owners = self._directory.owners()
        for connection in self._directory.all().values():
            with contextlib.suppress(UsageError):
                connection.owner.submit(functools.partial(self._closer.remove, connection))
        for owner in owners:
            owner.close(0)
        for owner in owners:
            owner.close(max(0.0, deadline - time.monotonic()))

    # What runs ask of their surroundings.

    def looked(self, connection: HostConnection, *, within_run: bool = False) -> None:
        """Look at a connection again; on its owner's thread, between its statements."""
        self._lookout.look(connection, within_run=within_run)

    def changed(self) -> None:
        """The picture has changed."""
        self._on_change()

    def lock_report(self, connection: HostConnection, table: str) -> LockReport:
        """Who can hold the lock that the connection just met."""
        views = [known.view() for known in self._directory.all().values()]
        return lock_report(connection.id, views, self._lookout.caches(), table=table)

    def files_of(self, connection: HostConnection, statement: Statement) -> AbstractContextManager[None]:
        """Notice the files that a statement makes or opens, and what it attaches."""
        return self._files_of(connection, statement) if may_name_a_file(statement.text) else _NOTHING

    @contextmanager
    def _files_of(self, connection: HostConnection, statement: Statement) -> Iterator[None]:
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
        return self._directory.open(wanted)

    def known(self, wanted: ConnectionId) -> HostConnection:
        """A connection of the picture, also one that somebody else has closed.

        Raises:
            UsageError: There is none of that id.
        """
        return self._directory.known(wanted)

    def has(self, wanted: ConnectionId) -> bool:
        """The connection is in the picture."""
        return wanted in self._directory.all()

    # Opening and closing, on owners' threads.

    def _open(self, owner: Owner, found: Plan, way: CreatedBy, *, engine: EngineOfOurs | None) -> Opened:
        path = found.explanation.path
        existed = path is not None and os.path.lexists(path)
        if way is CreatedBy.RAW:
            opening = open_raw(found.database, uri=found.is_uri)
        else:
            engine, opening = self._check_out(engine, found.string)
        same = self._directory.holding(opening.raw)
        if same is not None and opening.checkout is not None:
            same.checkout_list.append(opening.checkout)
            self._on_change()
            return Opened(same.id, None)
        origin = origin_of(found, way, self._next_id())
        connection = self._adopt(
            owner, origin, opening, engine=engine, main=found.declared, lock_wait_seconds=found.lock_wait_seconds
        )
        if connection.main_file:
            self._trail.main_file(connection, connection.main_file, existed=existed)
        self._notice_pool(engine)
        self._on_change()
        return Opened(connection.id, None)

    def _check_out(self, engine: EngineOfOurs | None, string: str) -> tuple[EngineOfOurs, RawOpening]:
        ours = engine or make_engine(self._directory.number("e"), string)
        try:
            return ours, check_out(ours)
        except BaseException:
            if engine is None:
                ours.engine.dispose()
            raise

    def _adopt(
        self,
        owner: Owner,
        origin: Origin,
        opening: RawOpening,
        *,
        engine: EngineOfOurs | None,
        main: Declared,
        lock_wait_seconds: float,
    ) -> HostConnection:
        """Take a connection that was just opened into the picture; where that fails it is closed."""
        try:
            prepare(opening.raw)
            connection = HostConnection(
                origin,
                owner,
                opening.raw,
                engine=engine,
                checkout=opening.checkout,
                main=main,
                lock_wait_seconds=lock_wait_seconds,
            )
            self._directory.add(connection)
        except BaseException:
            opening.raw.close()
            raise
        self.looked(connection)
        return connection

    def _next_id(self) -> ConnectionId:
        return ConnectionId(f"c{self._directory.number('c')}")

    def _notice_pool(self, engine: EngineOfOurs | None) -> None:
        """A pool may close others when it opens one: SingletonThreadPool does, from the sixth on."""
        if engine is None:
            return
        for sibling in self._directory.of_engine(engine):
            if not sibling.closed and sibling.notice_foreign_close(f"its pool ({engine.pool}) closed it"):
                self._lookout.gone(sibling.id)
