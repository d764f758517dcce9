"""One sqlite3 connection of ours, with everything its owner knows of it."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext, suppress

from memdb_tui.errors import UsageError
from memdb_tui.frozen import dataclass
from memdb_tui.host.caches import Declared, Look
from memdb_tui.host.engines import Checkout, EngineOfOurs
from memdb_tui.host.failures import Failure
from memdb_tui.host.modes import HAS_MANUAL_MODE, apply_mode
from memdb_tui.host.observation import NOTHING_SEEN
from memdb_tui.host.owner import Owner
from memdb_tui.model import (
    AttachedSchema,
    CacheKind,
    Connection,
    ConnectionId,
    CreatedBy,
    Outcome,
    TransactionMode,
    TransactionState,
)

_ENDLESS_SECONDS = 1e9


@dataclass(frozen=True, slots=True)
class Origin:
    """How a connection came to be; this never changes."""

    id: ConnectionId
    string: str
    created_by: CreatedBy
    predicted: Outcome
    prediction: str
    """The outcome in the explanation's own word, `error` included."""
    meant_as_memory: bool
    reason: str
    suggestion: str
    database: str
    """The first argument of `sqlite3.connect`."""
    is_uri: bool
    """The string reaches SQLite as a URI, so ATTACH reads URIs too."""
    brief: str = ""
    """The reason in at most 24 cells, empty where there is none."""


class HostConnection:
    """A connection, its owner, and the last look at it.

    The sqlite3 connection is touched by its owner alone, between and during its statements; from any other thread
    only `interrupt()` and the attributes that sqlite3 allows.
    """

    def __init__(
        self,
        origin: Origin,
        owner: Owner,
        raw: sqlite3.Connection,
        *,
        engine: EngineOfOurs | None,
        checkout: Checkout | None,
        main: Declared,
        lock_wait_seconds: float,
    ) -> None:
        self.origin = origin
        self.owner = owner
        self.raw = raw
        self.engine = engine
        self.checkout_list = [checkout] if checkout is not None else []
        self.declared = {"main": main}
        self.lock_wait_seconds = lock_wait_seconds
        self.mode = TransactionMode.AUTOCOMMIT
        self.running = ""
        self.closed = ""
        self.has_old_counts = False
        self._waits_for_table_locks = False
        self._lock = threading.Lock()
        self.looked_at = 0.0
        """When the last look was taken, by `time.monotonic()`."""
        self._look: Look | None = None
        self._letters: Mapping[str, str] = {}
        self._runner: object = None
        self._running_since: float | None = None
        self._holds_cursor = False
        self._transaction_since: float | None = None
        self._view: Connection | None = None

    @property
    def id(self) -> ConnectionId:
        """Its id."""
        return self.origin.id

    @property
    def transaction(self) -> TransactionState:
        """Its state at the last look."""
        look = self._look
        return look.observation.transaction if look else TransactionState.NONE

    @property
    def look(self) -> Look | None:
        """The last look at it, None before the first and when it is closed."""
        return self._look

    @property
    def main_file(self) -> str:
        """The file that SQLite shows behind `main`, empty where there is none."""
        schemas = self._look.observation.schemas if self._look else ()
        return next((schema.file for schema in schemas if schema.name == "main"), "")

    def guard(self) -> AbstractContextManager[object]:
        """To be held while SQLite itself is asked: a pool may close a connection when another is checked out."""
        return self.engine.lock if self.engine is not None else nullcontext()

    def take_look(self, look: Look, letters: Mapping[str, str]) -> None:
        """Keep what its owner just saw."""
        state = look.observation.transaction
        with self._lock:
            # From a lock back to a mere BEGIN: one transaction ended and the next began, as autocommit=False has it.
            has_begun = state is TransactionState.OPEN and self.transaction is not TransactionState.OPEN
            if state is TransactionState.NONE:
                self._transaction_since = None
            elif self._transaction_since is None or has_begun:
                self._transaction_since = time.time()
            self._look, self._letters, self._view = look, letters, None
            self.looked_at = time.monotonic()
            # What an ATTACH declared ends with its DETACH.
            self.declared = {name: said for name, said in self.declared.items() if name in look.declared}

    def begin_statement(self, statement: str, runner: object) -> None:
        """A statement of that run begins."""
        with self._lock:
            self.running, self._runner, self._running_since = statement, runner, time.time()
            self._holds_cursor, self._view = False, None

    def end_statement(self) -> None:
        """The statement is over and its cursor closed."""
        with self._lock:
            self.running, self._runner, self._running_since = "", None, None
            self._holds_cursor, self._view = False, None

    def begin_rows(self) -> None:
        """The statement that runs holds a cursor open."""
        with self._lock:
            self._holds_cursor, self._view = True, None

    def interrupt(self, runner: object) -> None:
        """Interrupt the statement that runs, if it is one of that run. Safe from any thread."""
        with self._lock:
            if self.running and self._runner is runner:
                # A pool may have closed it while its statement ran: then that has ended already.
                with suppress(sqlite3.ProgrammingError):
                    self.raw.interrupt()

    @property
    def checkouts(self) -> int:
        """How many checkouts its pool counts; 0 when the pool has dropped it."""
        if self.engine is None:
            return 1
        return sum([checkout.driver_connection is not None for checkout in self.checkout_list])

    def notice_foreign_close(self, why: str) -> bool:
        """True when somebody else, its pool say, has closed the connection. Safe from any thread."""
        if self.closed:
            return True
        try:
            # Raises when the connection is closed. Not total_changes: from SQLite 3.53.3 on that takes the
            # connection's mutex while Python holds the GIL, so a long step of its owner would stop the whole process.
            self.raw.isolation_level  # noqa: B018
        except sqlite3.ProgrammingError:
            with self._lock:
                self.closed, self._look, self._transaction_since, self._view = why, None, None, None
            return True
        return False

    def set_lock_wait(self, seconds: float) -> None:
        """Change how long a statement that meets any lock is tried again."""
        with self._lock:
            self.lock_wait_seconds = min(max(0.0, seconds), _ENDLESS_SECONDS)
            self._waits_for_table_locks = True
            self._view = None

    def wait_seconds(self, failure: Failure) -> float:
        """How long to wait for the lock behind a failure.

        Where SQLite itself would give up at once, for a table lock of a shared cache, only the user's word counts.
        """
        if not failure.can_be_waited_for:
            return 0.0
        if failure.is_shared_cache_lock and not self._waits_for_table_locks:
            return 0.0
        return self.lock_wait_seconds

    def set_mode(self, mode: TransactionMode) -> None:
        """Change when transactions begin; its owner calls this.

        Raises:
            UsageError: A transaction is open, or this Python has no such mode. Changing the mode would commit it:
                https://docs.python.org/3/library/sqlite3.html#sqlite3.Connection.isolation_level
        """
        if mode is TransactionMode.MANUAL and not HAS_MANUAL_MODE:
            raise UsageError(
                "This Python has no autocommit=False.", hint="Python 3.12 and later have it; use “as sqlite3” here."
            )
        if mode is self.mode:
            return
        if self.raw.in_transaction and not self._has_only_begun():
            raise UsageError(
                f"{self.id} has an open transaction, and changing the mode would commit it.",
                hint="Commit it or roll it back first.",
            )
        apply_mode(self.raw, mode)
        with self._lock:
            self.mode, self._view = mode, None

    def _has_only_begun(self) -> bool:
        """Its transaction was begun by the mode alone: nothing is locked, so nothing can be lost."""
        return self.mode is TransactionMode.MANUAL and self.transaction is TransactionState.OPEN

    def view(self) -> Connection:
        """The connection as a value; the same object as long as nothing has changed."""
        with self._lock:
            if self._view is None or self._view.checkouts != self.checkouts:
                self._view = self._make_view()
            return self._view

    def _make_view(self) -> Connection:
        origin, engine, look = self.origin, self.engine, self._look
        observation = look.observation if look else NOTHING_SEEN
        return Connection(
            id=origin.id,
            string=origin.string,
            created_by=origin.created_by,
            engine=engine.id if engine else "",
            pool=engine.pool if engine else "",
            checkouts=self.checkouts,
            thread=self.owner.name,
            outcome=observed_outcome(origin.predicted, look),
            meant_as_memory=origin.meant_as_memory,
            reason=origin.reason,
            suggestion=origin.suggestion,
            mode=self.mode,
            lock_wait_seconds=self.lock_wait_seconds,
            transaction=observation.transaction,
            transaction_since=self._transaction_since,
            schemas=tuple(
                AttachedSchema(s.name, self._letters.get(s.name, ""), s.file, s.transaction)
                for s in observation.schemas
            ),
            has_temp_tables=observation.has_temp,
            running=self.running,
            running_since=self._running_since,
            holds_cursor=self._holds_cursor,
            closed=self.closed,
            predicted=origin.prediction,
            database=origin.database if origin.created_by is CreatedBy.RAW else "",
            is_uri=origin.created_by is CreatedBy.RAW and origin.is_uri,
        )


def observed_outcome(predicted: Outcome, look: Look | None) -> Outcome:
    """Where the main database lives: what SQLite shows beats what the string said."""
    main = next((s for s in look.observation.schemas if s.name == "main"), None) if look else None
    if main is None or look is None:
        return predicted
    if main.file:
        return Outcome.FILE
    if main.store_bytes is not None:
        return Outcome.MEMORY_SHARED if main.is_named_store else Outcome.MEMORY_PRIVATE
    declared = look.declared["main"].kind
    if predicted is Outcome.FILE:
        return Outcome.MEMORY_SHARED if declared is CacheKind.SHARED_CACHE else Outcome.MEMORY_PRIVATE
    return predicted
