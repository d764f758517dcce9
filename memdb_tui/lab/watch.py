"""Watches a piece of code from outside: what reaches sqlite3, which pools there are, what is warned of.

Works in the process that runs the code, before and after it; the code itself runs undisturbed.
"""

from __future__ import annotations

import functools
import importlib
import sqlite3
import sys
import threading
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from memdb_tui.lab.observed import ConnectCall, Plain
from memdb_tui.model import Outcome

TABLE = "memdb_tui_lab"
_PARAMETERS = (
    "database",
    "timeout",
    "detect_types",
    "isolation_level",
    "check_same_thread",
    "factory",
    "cached_statements",
    "uri",
)
"""The positional parameters of `sqlite3.connect`, in their order (docs.python.org, sqlite3)."""


_WORST_FIRST = (Outcome.FILE, Outcome.TEMPORARY, Outcome.MEMORY_PRIVATE, Outcome.MEMORY_SHARED)


class Connect(Protocol):
    """`sqlite3.connect`, or another module's function of that form."""

    def __call__(self, *args: object, **keywords: object) -> sqlite3.Connection:
        """Open a database."""


def _plain_connect(*args: object, **keywords: object) -> sqlite3.Connection:
    return sqlite3.Connection(*args, **keywords)  # type: ignore[arg-type]  # as sqlite3.connect hands them on


@dataclass(frozen=True, slots=True)
class Place:
    """A database as it was asked for: enough to open it again."""

    connect: Connect
    database: object
    uri: bool


class Watch:
    """Notes every connection that is opened while it is on.

    Attributes:
        calls: The distinct calls, in order.
        places: What they asked for, distinct, in order.
    """

    def __init__(self) -> None:
        self.calls: list[ConnectCall] = []
        self.places: list[Place] = []
        self._noted = threading.local()

    def begin(self, drivers: Iterable[str] = ("sqlite3",)) -> None:
        """Wrap the `connect` of drivers that are made like sqlite3; notice what goes past it."""
        for driver in drivers:
            for name in (driver, f"{driver}.dbapi2"):
                module = importlib.import_module(name)
                module.connect = self._noting(module.connect)  # type: ignore[attr-defined]  # each of them has one
        sys.addaudithook(self._heard)

    def _noting(self, connect: Connect) -> Connect:
        @functools.wraps(connect)
        def noting(*args: object, **keywords: object) -> sqlite3.Connection:
            named = {**dict(zip(_PARAMETERS, args, strict=False)), **keywords}
            database = named.pop("database", "")
            self._note(connect, database, named)
            self._noted.now = True
            try:
                return connect(*args, **keywords)
            finally:
                self._noted.now = False

        return noting

    def _heard(self, event: str, args: tuple[object, ...]) -> None:
        # A subclass of Connection that is called by itself does not pass `connect`.
        if event == "sqlite3.connect" and not getattr(self._noted, "now", False):
            self._note(_plain_connect, args[0], {})

    def _note(self, connect: Connect, database: object, keywords: Mapping[str, object]) -> None:
        call = ConnectCall(_text(database), {name: as_plain(value) for name, value in keywords.items()})
        if call not in self.calls:
            self.calls.append(call)
        place = Place(connect, database, bool(keywords.get("uri", False)))
        if place not in self.places:
            self.places.append(place)

    def sharing(self) -> tuple[Outcome | None, bool | None]:
        """Open every place twice more and return the worst outcome, and whether the second sees the first's table."""
        self._noted.now = True
        seen = [found for place in self.places if (found := opened_twice(place)) is not None]
        if not seen:
            return None, None
        outcomes = [outcome for outcome, _ in seen if outcome is not None]
        return min(outcomes, key=_WORST_FIRST.index, default=None), all(shared for _, shared in seen)


def opened_twice(place: Place) -> tuple[Outcome | None, bool] | None:
    """Return where a place leads and whether two connections to it share; None if it cannot be opened.

    Where it leads is None if a lock of the code's keeps SQLite from saying it.
    """

    def again() -> closing[sqlite3.Connection]:
        return closing(place.connect(place.database, uri=place.uri, timeout=0, isolation_level=None))

    try:
        with again() as first, again() as second:
            try:
                outcome = _outcome(first)
            except Exception as error:
                if _is_lock(error):
                    return None, True
                raise
            shared = _shares(first, second)
    except Exception:  # noqa: BLE001 - another driver's errors have another root
        return None
    return (Outcome.MEMORY_SHARED if shared and outcome is Outcome.MEMORY_PRIVATE else outcome), shared


def _outcome(connection: sqlite3.Connection) -> Outcome:
    """Return where the main database lives; in memory counts as private as long as no other is seen."""
    file = connection.execute("PRAGMA database_list").fetchone()[2]
    # What is in memory, memdb stores included, has the journal there too.
    if connection.execute("PRAGMA main.journal_mode").fetchone()[0] == "memory":
        return Outcome.MEMORY_PRIVATE
    return Outcome.FILE if file else Outcome.TEMPORARY


def _shares(first: sqlite3.Connection, second: sqlite3.Connection) -> bool:
    try:
        first.execute(f"CREATE TABLE {TABLE} (x)")
        found = second.execute(f"SELECT 1 FROM sqlite_master WHERE name = '{TABLE}'").fetchone() is not None
        first.execute(f"DROP TABLE {TABLE}")
    except Exception as error:
        # Only a connection to the same database can be in the way of a new one.
        if _is_lock(error):
            return True
        raise
    return found


def _is_lock(error: Exception) -> bool:
    return "locked" in str(error)


def pools(variables: Mapping[str, object]) -> str | None:
    """Return the pool classes of the engines among these variables, distinct, in order."""
    if "sqlalchemy" not in sys.modules:
        return None
    from sqlalchemy.engine import Engine  # noqa: PLC0415 - only where the code has imported it

    names: dict[str, None] = {}
    for value in variables.values():
        # An AsyncEngine has the Engine it stands on as `sync_engine`.
        engine = value if isinstance(value, Engine) else getattr(value, "sync_engine", None)
        if isinstance(engine, Engine):
            names[type(engine.pool).__name__] = None
    return ", ".join(names) or None


def as_plain(value: object) -> Plain:
    """Return a value as JSON can hold it: itself where it is plain, else its `repr()`."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [as_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): as_plain(each) for key, each in value.items()}
    return repr(value)


def _text(database: object) -> str:
    if isinstance(database, bytes):
        return database.decode(errors="surrogateescape")
    return str(database)


def plain_variables(variables: Mapping[str, object]) -> dict[str, Plain]:
    """Return the variables that hold plain values and were set by the code."""
    return {
        name: as_plain(value) for name, value in variables.items() if not name.startswith("__") and _is_plain(value)
    }


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return value is None or isinstance(value, bool | int | float | str)


def words_of(error: BaseException) -> str:
    """Return `Class: words` of an exception, without SQLAlchemy's wrapping."""
    original: BaseException = getattr(error, "orig", None) or error
    return f"{type(original).__name__}: {original}".removesuffix(": ")
