"""A program's in-memory database as bytes: what `sqlite3.Connection.deserialize` takes."""

from __future__ import annotations

import sqlite3

from .bare import clock
from .collector import pause_collectable
from .native import native
from .visit import Gone, Visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .visit import Connect, Target

MAX_BYTES = 256 << 20
"""A larger database is not copied: the program's process would hold it twice."""

_STEP_PAGES = 256
"""About 1 MiB: a step holds the program up for about a millisecond."""
_MOST_RESTARTS = 20
"""How often a writing program may make the copy begin anew before it is made in one step."""
_WHOLE = -1
_BUSY = (5, 6)
"""SQLITE_BUSY and SQLITE_LOCKED: a transaction of the program writes at this moment."""
_PRIMARY = 0xFF
_WRITING = 2
_AGAIN_SECONDS = 0.01
_OVERHEAD = 2
"""What a cache in memory takes beyond its pages is less than the pages themselves."""


class CopyError(Exception):
    """A database could not be copied.

    Attributes:
        code: `gone`, `too-big`, `cancelled`, `busy`, `not-possible` or `failed`.
        hint: What can be done, a whole sentence, or an empty string.
    """

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class _Again(Exception):  # noqa: N818 - no fault: the way out of sqlite3's own loop
    """The copy is given up for now and begun anew."""


def backup_copy(
    target: Target, *, connect: Connect, should_stop: Callable[[], bool], held: Callable[[float], None]
) -> bytes:
    """The image of a shared database, as it is between two transactions of the program.

    By `backup()` in small steps from a connection of ours that lives for one attempt alone; `serialize()` of what
    others share corrupts what they write, for it takes no lock: https://sqlite.org/c3ref/serialize.html. While the
    program has a transaction open that writes, there is nothing to copy: it is tried again, with no connection open
    meanwhile, until `should_stop` says so.

    Args:
        target: Where.
        connect: `sqlite3.connect`, not recorded.
        should_stop: Asked between steps; True ends the copying.
        held: Told how long a step held the database, and the making of the image the interpreter, in seconds at most.

    Raises:
        CopyError: It is gone, too big, cancelled, or SQLite refuses.
    """
    copying = _Copying(should_stop, held)
    while True:
        try:
            visit = Visit(target, connect)
            with visit as raw:
                return copying.image(raw, visit.is_alone)
        except Gone:
            raise CopyError("gone", "The database is gone: its last connection in the program was closed.") from None
        except _Again:
            if should_stop():
                raise _cancelled() from None
        except sqlite3.Error as error:
            if not _is_busy(error):
                raise _failed(error) from error
            if should_stop():
                raise _cancelled() from None
        pause_collectable(_AGAIN_SECONDS)


def serialize_own(connection: sqlite3.Connection, *, is_known_private: bool = False) -> bytes:
    """The image of a connection's own in-memory database; only its owner may call this, between statements.

    By `backup()` in one step, which is right for every database and runs no statement that a trace callback of the
    program would see. Only where a transaction of the connection itself is writing SQLite refuses that: then
    `serialize()`, which also holds what is not committed yet, if nobody else can ever come to its cache. That nobody
    is there now is not enough. It takes no lock, and whoever came meanwhile and only read would hang, or leave the
    cache broken: both change the same counts and lists of pages.

    Args:
        connection: A connection of the program.
        is_known_private: Its string says that no other connection can share its database. Believed only where SQLite
            cannot be asked.

    Raises:
        CopyError: It is a file, it is shared, too big, in the middle of a transaction, or SQLite refuses.
    """
    try:
        is_writing = _look_at_own(connection, is_known_private=is_known_private)
        if is_writing:
            return _checked(sqlite3.Connection.serialize(connection))
    except sqlite3.Error as error:
        raise _failed(error) from error
    return backup_own(connection)


def backup_own(connection: sqlite3.Connection) -> bytes:
    """The image of whatever database a connection's `main` is, in one step; on its owner's thread.

    Raises:
        CopyError: A transaction is writing at this moment, it is too big, or SQLite refuses.
    """
    try:
        return _Copying(_never, _unsaid, is_patient=False).image(connection, _never)
    except _Again:
        raise CopyError(
            "busy", "The database is being written at this moment.", hint="It can be copied when that has ended."
        ) from None
    except sqlite3.Error as error:
        raise _failed(error) from error


def _look_at_own(connection: sqlite3.Connection, *, is_known_private: bool) -> bool:
    """Whether a transaction of the connection itself is writing; what cannot be copied is refused."""
    library = native()
    if library is None:
        # Without SQLite's own word only the string can be believed.
        if not is_known_private:
            raise CopyError("not-possible", "Whether this database is shared cannot be told here.")
        return connection.in_transaction
    handle = library.handle(connection)
    store_bytes = library.memdb_bytes(handle, b"main")
    if library.filename(handle, b"main") and store_bytes is None:
        raise CopyError("not-possible", "This database is a file.", hint="Any process can open the file itself.")
    whole, _ = library.cache_bytes(handle)
    if whole > _OVERHEAD * MAX_BYTES:
        raise _too_big(whole)
    if library.transaction(handle, b"main") != _WRITING:
        return False
    if store_bytes is not None:
        # Of a store `serialize()` gives what has been written to it: not what the transaction has still in its cache.
        raise _writes("what it has written is in its store only in part")
    may_share = library.may_share(handle)
    if may_share is None and not is_known_private:
        raise _writes("whether others can come to its database is not known")
    if may_share:
        raise _writes("others can come to its database")
    return True


class _Copying:
    """Attempts to copy one database into memory of ours; what was learnt in one helps the next."""

    def __init__(
        self, should_stop: Callable[[], bool], held: Callable[[float], None], *, is_patient: bool = True
    ) -> None:
        self._should_stop = should_stop
        self._held = held
        self._restarts = 0
        self._pages = _STEP_PAGES if is_patient else _WHOLE

    def image(self, raw: sqlite3.Connection, is_alone: Callable[[], bool]) -> bytes:
        """One attempt.

        Raises:
            _Again: A transaction is writing, or wrote so often that the copy never came to its end.
        """
        library = native()
        if library is not None and library.cache_bytes(library.handle(raw))[0] > _OVERHEAD * MAX_BYTES:
            raise _too_big(library.cache_bytes(library.handle(raw))[0])
        copy = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)
        least_left = 1 << 62

        began = clock.perf_counter()

        def after_step(status: int, left: int, _: int) -> None:
            nonlocal least_left, began
            before, began = began, clock.perf_counter()
            self._held(began - before)
            if self._should_stop():
                raise _cancelled()
            if status & _PRIMARY in _BUSY:
                raise _Again
            if left > least_left:
                # Somebody wrote: https://sqlite.org/c3ref/backup_finish.html says that it begins anew.
                self._restarts += 1
                if self._restarts >= _MOST_RESTARTS and self._pages != _WHOLE:
                    self._pages = _WHOLE
                    raise _Again
            least_left = left
            if left and is_alone():
                raise Gone

        try:
            sqlite3.Connection.backup(raw, copy, pages=self._pages, progress=after_step, sleep=0)
            began = clock.perf_counter()
            image = copy.serialize()
            self._held(clock.perf_counter() - began)
            return _checked(image)
        finally:
            copy.close()


def _checked(image: bytes) -> bytes:
    if len(image) > MAX_BYTES:
        raise _too_big(len(image))
    return image


def _writes(why: str) -> CopyError:
    return CopyError(
        "busy",
        f"The connection has a transaction open that writes, and {why}.",
        hint="It can be copied after its COMMIT or ROLLBACK. A shared database whose string is known, as under "
        "memdb-tui run or after listen(), can be read live meanwhile.",
    )


def _too_big(size_bytes: int) -> CopyError:
    return CopyError(
        "too-big",
        f"The database takes {size_bytes >> 20:,} MiB; at most {MAX_BYTES >> 20} MiB are copied.",
        hint="Read parts of it live.",
    )


def _failed(error: sqlite3.Error) -> CopyError:
    return CopyError("failed", f"SQLite could not copy the database: {error}.")


def _cancelled() -> CopyError:
    return CopyError("cancelled", "The copying was stopped before it was done.")


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY in _BUSY


def _unsaid(_: float) -> None:
    return


def _never() -> bool:
    return False
