"""What a failed statement tells: SQLite's words, the place, what to do."""

from __future__ import annotations

import sqlite3

from memdb_tui.frozen import dataclass
from memdb_tui.probe.native import native

STATEMENT_FAILURES = (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError, MemoryError)
"""What `execute` and `fetchmany` raise for a statement of the user's; anything else is a fault of ours."""

_LOCKED = 6
_BUSY = 5
_INTERRUPT = 9
_BUSY_SNAPSHOT = 517
_MESSAGE_CHARACTERS = 2000
_PRIMARY = 0xFF
"""The low byte of an extended code is the primary one: https://sqlite.org/rescode.html."""

_HINTS = (
    ("incorrect number of bindings", "It has parameters, and nothing is bound to them here: write the values out."),
    ("did not supply a value for binding", "It has parameters, and nothing is bound here: write the values out."),
    ("null character", "SQLite ends SQL at a NUL character; write x'00' or char(0) for one in a value."),
    ("surrogates not allowed", "The text holds half a character (a lone surrogate); type it again."),
    ("cannot start a transaction within", "A transaction is open already: commit it or roll it back first."),
    ("cannot commit - no transaction", "No transaction is open. In autocommit every statement commits itself."),
    ("cannot rollback - no transaction", "No transaction is open, so there is nothing to roll back."),
    ("no such table", "Another connection string means another database, with tables of its own."),
    ("database is locked", "Another connection holds a lock; waiting for it can be turned on."),
)


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception of a statement, read once, on the owner's thread, right after it was raised."""

    message: str
    code: str
    extended: int
    """SQLite's extended result code, 0 where SQLite was not reached: https://sqlite.org/rescode.html."""
    byte_offset: int | None
    hint: str

    @property
    def primary(self) -> int:
        """The primary result code."""
        return self.extended & _PRIMARY

    @property
    def is_lock(self) -> bool:
        """Somebody else's lock was in the way."""
        return self.primary in {_LOCKED, _BUSY}

    @property
    def is_shared_cache_lock(self) -> bool:
        """A table lock of a shared cache, where SQLite gives up at once."""
        return self.primary == _LOCKED

    @property
    def can_be_waited_for(self) -> bool:
        """Somebody else may let go: it is no lock of the connection's own, and no snapshot grown too old."""
        return self.is_lock and self.extended not in {_LOCKED, _BUSY_SNAPSHOT}

    @property
    def is_interrupt(self) -> bool:
        """It was interrupted."""
        return self.primary == _INTERRUPT


def read_failure(error: BaseException, connection: sqlite3.Connection) -> Failure:
    """What the exception and SQLite say; only the connection's owner may call this."""
    code = getattr(error, "sqlite_errorcode", None)
    message = str(error) or type(error).__name__
    if isinstance(error, MemoryError):
        message = "out of memory"
    lowered = message.lower()
    return Failure(
        message=message if len(message) <= _MESSAGE_CHARACTERS else f"{message[:_MESSAGE_CHARACTERS]}…",
        code=str(getattr(error, "sqlite_errorname", "") or ""),
        extended=0 if code is None else code,
        byte_offset=_offset(connection) if code is not None else None,
        hint=next((hint for words, hint in _HINTS if words in lowered), ""),
    )


def locked_table(message: str) -> str:
    """The table in `database table is locked: users`, `sqlite_schema` for a locked schema, else empty."""
    for words in ("database table is locked: ", "database schema is locked: "):
        if message.startswith(words):
            rest = message[len(words) :]
            return rest if "table" in words else f"the schema of {rest}"
    return ""


def _offset(connection: sqlite3.Connection) -> int | None:
    library = native()
    if library is None:
        return None
    try:
        return library.error_offset(library.handle(connection))
    except sqlite3.ProgrammingError:
        return None
