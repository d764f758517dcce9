"""Opening for real: through SQLAlchemy's engine and pool, or with sqlite3 alone."""

from __future__ import annotations

import sqlite3
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, cast

from memdb_tui.errors import OpenError
from memdb_tui.frozen import dataclass
from memdb_tui.host.modes import apply_mode
from memdb_tui.model import TransactionMode

if TYPE_CHECKING:
    from sqlalchemy import Engine


_SCHEMA_LOCKED = "Another connection has changed the schema in an open transaction: commit it or roll it back first."
warnings_lock = threading.Lock()
"""Python's warning filters are one for the whole process: one owner at a time may change them for a moment."""


class Checkout(Protocol):
    """What a pool hands out, as far as it is used here."""

    def close(self) -> None:
        """Give the connection back to its pool."""

    def detach(self) -> None:
        """Take the connection out of its pool for good."""

    @property
    def driver_connection(self) -> object:
        """The sqlite3 connection behind it, None when the pool has dropped that."""


@dataclass(frozen=True, slots=True)
class EngineOfOurs:
    """An engine, with the number it is shown by."""

    id: str
    string: str
    pool: str
    engine: Engine
    lock: threading.Lock
    """Held while its pool hands one out: SingletonThreadPool closes others then, from the sixth on."""
    connected: list[sqlite3.Connection]
    """What the pool connected while it was last asked for one."""


@dataclass(frozen=True, slots=True)
class RawOpening:
    """A connection just opened, and the checkout it came with, None without a pool."""

    raw: sqlite3.Connection
    checkout: Checkout | None


def make_engine(number: int, string: str) -> EngineOfOurs:
    """An engine for a URL, its busy timeout 0; on the thread that will use it.

    Raises:
        OpenError: SQLAlchemy refuses the URL; its words are in the message.
    """
    # Of the UI's strings only those that need it import SQLAlchemy; a quarter of a second.
    import sqlalchemy  # noqa: PLC0415
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError  # noqa: PLC0415

    try:
        with warnings_lock, warnings.catch_warnings():
            # What SQLAlchemy warns of is part of the explanation, not of stderr.
            warnings.simplefilter("ignore")
            engine = sqlalchemy.create_engine(string, connect_args={"timeout": 0})
    except (ArgumentError, NoSuchModuleError, ImportError, TypeError, ValueError) as error:
        raise OpenError(f"SQLAlchemy does not take {string!r}: {first_line(error)}") from error
    if engine.dialect.name != "sqlite" or engine.dialect.is_async:
        engine.dispose()
        raise OpenError(
            f"{string!r} is not opened with sqlite3 but with {engine.dialect.name}+{engine.dialect.driver}.",
            hint="Give the same database as sqlite:///…; the part behind the slashes stays as it is.",
        )
    connected: list[sqlite3.Connection] = []
    sqlalchemy.event.listen(engine, "connect", lambda raw, _: connected.append(raw), insert=True)
    return EngineOfOurs(f"e{number}", string, type(engine.pool).__name__, engine, threading.Lock(), connected)


def check_out(ours: EngineOfOurs) -> RawOpening:
    """A connection from the engine's pool, on the calling thread.

    Raises:
        OpenError: It cannot be opened; SQLite's or SQLAlchemy's words are in the message.
    """
    from sqlalchemy.exc import DBAPIError, SQLAlchemyError  # noqa: PLC0415 - imported by make_engine already

    try:
        with ours.lock, _closing_what_fails(ours.connected):
            fairy = ours.engine.raw_connection()
    except (DBAPIError, SQLAlchemyError, sqlite3.Error, TypeError, ValueError, OSError) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        words = first_line(cause)
        # SQLAlchemy asks its first connection a few things, and then needs the schema.
        hint = _SCHEMA_LOCKED if "schema is locked" in words else ""
        raise OpenError(f"{ours.string!r} cannot be opened: {words}.", hint=hint) from error
    raw = cast("sqlite3.Connection", fairy.dbapi_connection)
    return RawOpening(raw, cast("Checkout", fairy))


@contextmanager
def _closing_what_fails(connected: list[sqlite3.Connection]) -> Iterator[None]:
    """Close a connection that SQLAlchemy opened and then could not use: it would leave that to the collector."""
    connected.clear()
    try:
        yield
    except BaseException:
        for raw in connected:
            raw.close()
        raise
    finally:
        connected.clear()


def open_raw(database: str, *, uri: bool) -> RawOpening:
    """A connection of `sqlite3.connect`, its busy timeout 0.

    Raises:
        OpenError: It cannot be opened; SQLite's words are in the message.
    """
    try:
        raw = sqlite3.connect(database, timeout=0, uri=uri, isolation_level=None)
    except (sqlite3.Error, ValueError, TypeError, OSError) as error:
        raise OpenError(f"{database!r} cannot be opened: {first_line(error)}.") from error
    return RawOpening(raw, None)


def prepare(raw: sqlite3.Connection) -> None:
    """Set a connection up as typed SQL expects it: autocommit, rows as plain tuples."""
    if raw.in_transaction:
        raw.rollback()
    raw.text_factory = str
    raw.row_factory = None
    apply_mode(raw, TransactionMode.AUTOCOMMIT)


def sqlalchemy_version() -> str:
    """The version, empty while SQLAlchemy is not imported."""
    module = sys.modules.get("sqlalchemy")
    return str(getattr(module, "__version__", "")) if module else ""


def first_line(error: BaseException) -> str:
    """The error's own words, without the lines SQLAlchemy adds below them."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0]
