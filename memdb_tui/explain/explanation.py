"""The values an explanation is made of: what a connection string will do, layer by layer."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from memdb_tui.frozen import dataclass

if TYPE_CHECKING:
    from memdb_tui.explain.trial import Proof

JSON_VERSION = 1
"""The version of the JSON form; it grows when a key changes its meaning or goes away."""


class Kind(enum.StrEnum):
    """Who is given the string."""

    SQLALCHEMY_URL = "sqlalchemy-url"
    """`sqlalchemy.create_engine(string)`."""
    SQLITE3_URI = "sqlite3-uri"
    """`sqlite3.connect(string, uri=True)`."""
    SQLITE3_PATH = "sqlite3-path"
    """`sqlite3.connect(string)`."""
    DJANGO = "django"
    """The NAME of a Django DATABASES entry; the connect arguments are its OPTIONS."""


class Outcome(enum.StrEnum):
    """Where the database will live, and who can reach it."""

    MEMORY_SHARED = "memory-shared"
    """In memory; a second connection opened with the same string sees the same tables."""
    MEMORY_PRIVATE = "memory-private"
    """In memory; every connection has a database of its own."""
    FILE = "file"
    """A file on disk."""
    TEMPORARY = "temporary"
    """A private temporary database that spills to a file SQLite unlinks at once."""
    ERROR = "error"
    """It cannot be opened."""


class Severity(enum.StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """The string does not do what it says: a file, a private database or a failure instead."""
    WARNING = "warning"
    """It works, and has a consequence that surprises."""
    NOTE = "note"
    """Worth knowing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a string.

    Attributes:
        code: Stable name, documented in the guide page on findings.
        severity: How much it matters.
        message: What is so, one whole sentence.
        remedy: What to do about it, a whole sentence, or an empty string.
    """

    code: str
    severity: Severity
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One station on the string's way to SQLite.

    Attributes:
        name: Who reads it here, for example "SQLAlchemy's URL".
        came_in: What arrived, as text.
        went_out: What was passed on, as text.
        lost: What arrived and was not passed on or not honoured, a phrase each.
        notes: What else this layer decided, a sentence each.
    """

    name: str
    came_in: str
    went_out: str
    lost: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectCall:
    """The call of `sqlite3.connect` that a string leads to.

    Attributes:
        database: The first argument, as it reaches `sqlite3.connect`.
        keywords: The keyword arguments, in the order they are passed.
    """

    database: str
    keywords: tuple[tuple[str, object], ...] = ()

    @property
    def uri(self) -> bool:
        """Whether the call asks SQLite to read the string as a URI."""
        return bool(dict(self.keywords).get("uri", False))

    def __str__(self) -> str:
        """Return the call as Python source."""
        keywords = "".join(f", {name}={value!r}" for name, value in self.keywords)
        return f"sqlite3.connect({self.database!r}{keywords})"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a connection string will do, and why.

    Attributes:
        input: The string as it was given.
        kind: Who is given the string.
        outcome: Where the database will live.
        database: The shared name or memdb store that a second connection has to name, as SQLite
            decodes it; None unless the outcome is `memory-shared`.
        path: The absolute path SQLite arrives at; None where no path is involved. An error that comes
            from the file system keeps the path it comes from.
        path_exists: Whether something is at that path now.
        creates_file: Whether opening makes a file that is not there now.
        opens_file: Whether opening opens a file, new or not.
        read_only: Whether the string itself asks for a database that cannot be written.
        meant_as_memory: Whether the string says memory, in any spelling, right or wrong.
        reason: One sentence: why the outcome is what it is.
        suggestion: The corrected string, itself explained as shared memory; None where nothing is wrong.
        alternatives: Other strings that may have been meant.
        error: The words of SQLite, sqlite3 or SQLAlchemy, where the outcome is an error.
        error_type: The name of the exception's class, where the outcome is an error.
        pool: The name of the pool class SQLAlchemy takes; None where SQLAlchemy is not involved.
        connect: The call `sqlite3.connect` receives; None where it is never reached.
        findings: What there is to know, the gravest first.
        layers: The string's way, in order.
        connect_args: The keyword arguments that were explained together with the string.
        poolclass: The name of the pool class that was asked for, if one was.
        sqlalchemy_version: The version that was asked; None where none was.
        brief: The cause of a file in at most 24 cells, for where `reason` has no room; else empty.
    """

    input: str
    kind: Kind
    outcome: Outcome
    database: str | None
    path: str | None
    path_exists: bool
    creates_file: bool
    opens_file: bool
    read_only: bool
    meant_as_memory: bool
    reason: str
    suggestion: str | None
    alternatives: tuple[str, ...]
    error: str | None
    error_type: str | None
    pool: str | None
    connect: ConnectCall | None
    findings: tuple[Finding, ...]
    layers: tuple[Layer, ...]
    connect_args: tuple[tuple[str, object], ...] = ()
    poolclass: str | None = None
    sqlalchemy_version: str | None = None
    brief: str = ""

    @property
    def stray(self) -> bool:
        """Whether the string says memory and a file is what it gets."""
        return self.meant_as_memory and self.outcome is Outcome.FILE

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the findings, in their order."""
        return tuple(finding.code for finding in self.findings)

    def to_json(self) -> dict[str, object]:
        """Return the documented JSON form, made of dicts, lists, strings, booleans and None alone."""
        return {
            "version": JSON_VERSION,
            "input": self.input,
            "kind": self.kind.value,
            "outcome": self.outcome.value,
            "path": self.path,
            "path_exists": self.path_exists,
            "database": self.database,
            "creates_file": self.creates_file,
            "opens_file": self.opens_file,
            "read_only": self.read_only,
            "meant_as_memory": self.meant_as_memory,
            "stray": self.stray,
            "reason": self.reason,
            "error": self.error,
            "error_type": self.error_type,
            "pool": self.pool,
            "findings": [
                {
                    "code": finding.code,
                    "severity": finding.severity.value,
                    "message": finding.message,
                    "remedy": finding.remedy,
                }
                for finding in self.findings
            ],
            "suggestion": self.suggestion,
            "alternatives": list(self.alternatives),
            "connect": None if self.connect is None else str(self.connect),
            "layers": [
                {
                    "name": layer.name,
                    "in": layer.came_in,
                    "out": layer.went_out,
                    "lost": list(layer.lost),
                    "notes": list(layer.notes),
                }
                for layer in self.layers
            ],
            "sqlalchemy": self.sqlalchemy_version,
        }

    def prove(self, *, raw: bool = False) -> Proof:
        """Open the string for real, twice, in a child process in an empty folder.

        Args:
            raw: Prove `sqlite3.connect(…, uri=True)` with the part after `sqlite:///` instead of going
                through SQLAlchemy, which tells whose doing a file is.

        Returns:
            What happened, beside the prediction for that folder.
        """
        from memdb_tui.explain.trial import prove  # noqa: PLC0415 -- most explanations are never proven

        return prove(self, raw=raw)
