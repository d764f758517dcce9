"""From a string to an open connection, or to the question that must be answered first."""

from __future__ import annotations

from memdb_tui.errors import OpenError
from memdb_tui.explain import explain
from memdb_tui.explain.explanation import Explanation, Kind
from memdb_tui.explain.explanation import Outcome as Predicted
from memdb_tui.explain.names import classify
from memdb_tui.frozen import dataclass
from memdb_tui.host.caches import Declared
from memdb_tui.host.connection import Origin
from memdb_tui.host.engines import warnings_lock
from memdb_tui.host.file_trail import declared_of
from memdb_tui.model import ConnectionId, Consent, CreatedBy, Given, Outcome

DEFAULT_WAIT_SECONDS = 5.0
"""How long a statement waits for a lock on a file: sqlite3's own default, which we replace by retries of ours."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What opening a string will do, decided before it is opened."""

    string: str
    kind: Kind
    explanation: Explanation
    declared: Declared

    @property
    def through_sqlalchemy(self) -> bool:
        """It goes through an engine and a pool."""
        return self.kind is Kind.SQLALCHEMY_URL

    @property
    def database(self) -> str:
        """The first argument of `sqlite3.connect`."""
        connect = self.explanation.connect
        return connect.database if connect is not None else self.string

    @property
    def is_uri(self) -> bool:
        """`sqlite3.connect` is called with `uri=True`."""
        connect = self.explanation.connect
        return connect.uri if connect is not None else self.kind is Kind.SQLITE3_URI

    @property
    def outcome(self) -> Outcome:
        """Where the main database is expected; an error is found out by opening."""
        found = self.explanation.outcome
        return Outcome.MEMORY_PRIVATE if found is Predicted.ERROR else Outcome(found.value)

    @property
    def lock_wait_seconds(self) -> float:
        """What the string says of a timeout; else sqlite3's own default for files, and no waiting in memory."""
        connect = self.explanation.connect
        timeout = dict(connect.keywords).get("timeout") if connect is not None else None
        if isinstance(timeout, (int, float)):
            return max(0.0, float(timeout))
        return DEFAULT_WAIT_SECONDS if self.outcome is Outcome.FILE else 0.0


def given(argument: str) -> Given:
    """What a DATABASE means, as this process sees it.

    Raises:
        OpenError: It is a bare name that no database can have.
    """
    found = classify(argument)
    return Given(
        text=found.text,
        string=found.string,
        label=found.label,
        question=found.question,
        as_memory=found.as_memory or "",
        as_file=found.as_file or "",
    )


def plan(string: str) -> Plan:
    """What opening the string will do.

    Raises:
        OpenError: It is none of the forms that can be opened.
    """
    if not string.strip():
        raise OpenError("There is nothing to open.", hint="Give a name, a SQLAlchemy URL, or a file: URI.")
    kind = _kind(string)
    with warnings_lock:
        explanation = explain(string, kind=kind)
    return Plan(string, kind, explanation, declared_of(explanation))


def consent_needed(found: Plan) -> Consent | None:
    """The question to ask before opening; None when the string makes no file, or clearly means one that is there."""
    explanation = found.explanation
    if explanation.path is None or not explanation.opens_file:
        return None
    if not explanation.creates_file and not explanation.meant_as_memory:
        return None
    return Consent(
        string=found.string,
        path=explanation.path,
        exists=explanation.path_exists,
        meant_as_memory=explanation.meant_as_memory,
        reason=explanation.reason,
        suggestion=explanation.suggestion or "",
    )


def origin_of(found: Plan, way: CreatedBy, name: ConnectionId) -> Origin:
    """How a connection opened as planned came to be."""
    explanation = found.explanation
    return Origin(
        id=name,
        string=found.string,
        created_by=way,
        predicted=found.outcome,
        prediction=explanation.outcome.value,
        meant_as_memory=explanation.meant_as_memory,
        reason=explanation.reason,
        suggestion=explanation.suggestion or "",
        database=found.database,
        is_uri=found.is_uri,
        brief=explanation.brief,
    )


def as_url(found: Plan) -> str:
    """The SQLAlchemy URL that hands `sqlite3.connect` what this raw string is."""
    if found.through_sqlalchemy:
        return found.string
    if not found.is_uri:
        return f"sqlite:///{found.database}"
    return f"sqlite:///{found.string}{'&' if '?' in found.string else '?'}uri=true"


def _kind(string: str) -> Kind:
    if string.startswith("file:"):
        return Kind.SQLITE3_URI
    return Kind.SQLITE3_PATH if string == ":memory:" else Kind.SQLALCHEMY_URL
