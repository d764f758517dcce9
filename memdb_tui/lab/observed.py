"""What was observed while a piece of code ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from memdb_tui.model import Outcome

Plain = str | int | float | bool | list["Plain"] | dict[str, "Plain"] | None
"""What a variable may hold to be reported."""


@dataclass(frozen=True, slots=True)
class ConnectCall:
    """One call that reached `sqlite3.connect`.

    Attributes:
        database: The first argument.
        keywords: The other arguments by name; values that are not plain are given as their `repr()`.
    """

    database: str
    keywords: Mapping[str, Plain] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the call as Python source."""
        return (
            f"sqlite3.connect({', '.join([repr(self.database), *(f'{k}={v!r}' for k, v in self.keywords.items())])})"
        )


@dataclass(frozen=True, slots=True)
class Observed:
    """What a piece of code did, as seen from outside of it.

    Attributes:
        connect_args: The distinct calls that reached sqlite3, in order.
        outcome: Where the databases lived: the worst of them (a file before a temporary file before memory); None if
            none was opened, or a lock kept SQLite from saying.
        files: What lay in the folder, which was empty before, at the end of the code, relative to it.
        shared: Whether a second connection sees what a first one made: the variable `shared` of the code where it has
            one, else every call above made twice more; None if nobody could tell.
        error: `Class: words` of the exception that ended the code, without SQLAlchemy's wrapping.
        pool: The class names of the pools of the SQLAlchemy engines, joined by a comma; None without an engine.
        warnings: `Category: first line`, each once, in order.
        values: The code's variables that hold plain values.
        versions: `python`, `sqlite`, and `sqlalchemy` if it is installed, of the process that ran the code.
    """

    connect_args: tuple[ConnectCall, ...] = ()
    outcome: Outcome | None = None
    files: tuple[str, ...] = ()
    shared: bool | None = None
    error: str | None = None
    pool: str | None = None
    warnings: tuple[str, ...] = ()
    values: Mapping[str, Plain] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, variable: str) -> Plain:
        """Return what a variable of the code held at its end.

        Raises:
            KeyError: The code ended before it set the variable, or the value was not plain.
        """
        return self.values[variable]

    def version(self, of: str) -> tuple[int, ...]:
        """Return a version as numbers that compare, `()` if the thing is not installed."""
        numbers = []
        for part in self.versions.get(of, "").split(".")[:3]:
            digits = "".join(character for character in part if character.isdigit())
            if digits:
                numbers.append(int(digits))
        return tuple(numbers)

    def to_json(self) -> dict[str, object]:
        """Return the documented JSON form."""
        return {
            "connect_args": [
                {"database": call.database, "keywords": dict(call.keywords)} for call in self.connect_args
            ],
            "outcome": self.outcome,
            "files": list(self.files),
            "shared": self.shared,
            "error": self.error,
            "pool": self.pool,
            "warnings": list(self.warnings),
        }


NOTHING = Observed()
"""What is observed of code that did not run."""
