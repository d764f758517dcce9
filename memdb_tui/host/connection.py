"""One sqlite3 connection of ours, with everything its owner knows of it."""

from __future__ import annotations

import sqlite3
import threading
import time
from dataclasses import dataclass

from memdb_tui.errors import UsageError
from memdb_tui.host.caches import Declared, Look
from memdb_tui.host.engines import Checkout
from memdb_tui.host.modes import HAS_MANUAL_MODE, apply_mode
from memdb_tui.host.observation import Observation, SchemaObservation
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

DEFAULT_FILE_WAIT_SECONDS = 5.0
"""How long a statement waits for a lock on a file: sqlite3's own default, which we replace by retries of ours."""


@dataclass(frozen=True, slots=True)
class Origin:
    """How a connection came to be; this never changes."""

    id: ConnectionId
    string: str
    created_by: CreatedBy
    engine: str
    pool: str
    predicted: Outcome
    meant_as_memory: bool
    reason: str
    suggestion: str
    database: str
    """The first argument of `sqlite3.connect`."""
    is_uri: bool
    """The string reaches SQLite as a URI, so ATTACH reads URIs too."""


class HostConnection:
    """A connection, its owner, and the last look at it.

    The sqlite3 connection is touched by its owner alone, between and during its statements; from any other thread
    only `interrupt()` and the attributes that sqlite3 allows.
    """

    def __init__(
        self, origin: Origin, owner: Owner, raw: sqlite3.Connection, *, checkout: Checkout | None, main: Declared
    ) -> None:
        self.origin = origin
        self.owner = owner
        self.raw = raw
        self.checkout_list = [checkout] if checkout is not None else []
        self.declared = {"main": main}
        self.lock = threading.Lock()
        self.look: Look | None = None
        self.mode = TransactionMode.AUTOCOMMIT
        self.lock_wait_seconds = 0.0
        self.running = ""
        self.running_since: float | None = None
        self.holds_cursor = False
        self.transaction_since: float | None = None
        self.closed = ""

    @property
    def id(self) -> ConnectionId:
        """Its id."""
        return self.origin.id

    def declared_for(self, schema: str) -> Declared:
        """What the string, or an ATTACH, said of a database of this connection."""
        return self.declared.get(schema, Declared(CacheKind.PRIVATE, "attached by an expression"))

    def seen_schemas(self) -> tuple[SchemaObservation, ...]:
        """Its databases at the last look."""
        return self.look.observation.schemas if self.look else ()

    def take_look(self, look: Look) -> None:
        """Keep what its owner just saw."""
        with self.lock:
            self.look = look
            if look.observation.transaction is TransactionState.NONE:
                self.transaction_since = None
            elif self.transaction_since is None:
                self.transaction_since = time.time()

    def set_running(self, statement: str) -> None:
        """A statement begins, or ends where the text is empty."""
        with self.lock:
            self.running = statement
            self.running_since = time.time() if statement else None
            self.holds_cursor = False

    def interrupt(self) -> None:
        """Interrupt the statement that runs, if one does. Safe from any thread."""
        with self.lock:
            if self.running:
                self.raw.interrupt()

    @property
    def checkouts(self) -> int:
        """How many checkouts its pool counts; 0 when the pool has dropped it."""
        if not self.origin.engine:
            return 1
        return sum(1 for checkout in self.checkout_list if checkout.is_valid)

    def notice_foreign_close(self, why: str) -> bool:
        """True when somebody else, its pool say, has closed the connection. Safe from any thread."""
        if self.closed:
            return True
        try:
            self.raw.total_changes  # noqa: B018 - raises when the connection is closed
        except sqlite3.ProgrammingError:
            self.closed = why
            self.look = None
            return True
        return False

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
        if self.raw.in_transaction:
            if not self._is_untouched():
                raise UsageError(
                    f"{self.id} has an open transaction, and changing the mode would commit it.",
                    hint="Commit it or roll it back first.",
                )
            self.raw.rollback()
        apply_mode(self.raw, mode)
        self.mode = mode

    def _is_untouched(self) -> bool:
        """Its transaction was begun by the mode alone: nothing is locked, nothing was done."""
        look = self.look
        return (
            self.mode is TransactionMode.MANUAL
            and look is not None
            and look.observation.transaction is TransactionState.OPEN
        )

    def view(self, letters: dict[str, str]) -> Connection:
        """The connection as a value; `letters` gives the cache of each schema."""
        origin = self.origin
        with self.lock:
            look = self.look
            observation = look.observation if look else Observation((), False, False, None, None)
            return Connection(
                id=origin.id,
                string=origin.string,
                created_by=origin.created_by,
                engine=origin.engine,
                pool=origin.pool,
                checkouts=self.checkouts,
                thread=self.owner.name,
                outcome=observed_outcome(origin.predicted, look),
                meant_as_memory=origin.meant_as_memory,
                reason=origin.reason,
                suggestion=origin.suggestion,
                mode=self.mode,
                lock_wait_seconds=self.lock_wait_seconds,
                transaction=observation.transaction,
                transaction_since=self.transaction_since,
                schemas=tuple(
                    AttachedSchema(s.name, letters.get(s.name, ""), s.file, s.transaction)
                    for s in observation.schemas
                ),
                has_temp_tables=observation.has_temp,
                running=self.running,
                running_since=self.running_since,
                holds_cursor=self.holds_cursor,
                closed=self.closed,
            )


def observed_outcome(predicted: Outcome, look: Look | None) -> Outcome:
    """Where the main database lives: what SQLite shows beats what the string said."""
    main = next((s for s in look.observation.schemas if s.name == "main"), None) if look else None
    if main is None or look is None:
        return predicted
    if main.file:
        return Outcome.FILE
    if main.store is not None:
        return Outcome.MEMORY_SHARED if main.virtual_name.startswith("/") else Outcome.MEMORY_PRIVATE
    declared = look.declared["main"].kind
    if predicted is Outcome.FILE:
        return Outcome.MEMORY_SHARED if declared is CacheKind.SHARED_CACHE else Outcome.MEMORY_PRIVATE
    return predicted
