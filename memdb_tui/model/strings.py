"""Connection strings: what they are taken for, what they will do, what came of opening them."""

from __future__ import annotations

from memdb_tui.frozen import dataclass
from memdb_tui.model.names import ConnectionId
from memdb_tui.model.picture import Outcome


@dataclass(frozen=True, slots=True)
class Given:
    """What a DATABASE typed by the user is taken for."""

    text: str
    string: str
    """What to open for it."""
    label: str
    question: str
    """What to ask first, empty where nothing is in doubt."""
    as_memory: str
    """What opens a shared in-memory database instead, empty where there is no such doubt."""
    as_file: str
    """What opens the file instead, empty where there is no such doubt."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a connection string."""

    code: str
    """Stable, documented in the guide page on findings."""
    severity: str
    """`error`, `warning` or `note`."""
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Station:
    """One layer on a string's way to SQLite."""

    name: str
    came_in: str
    went_out: str
    lost: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """What a string will do, told before it is opened."""

    string: str
    outcome: str
    """`memory-shared`, `memory-private`, `file`, `temporary` or `error`."""
    database: str
    """The shared name, empty where there is none."""
    path: str
    """The absolute path, empty where there is none."""
    path_exists: bool
    creates_file: bool
    meant_as_memory: bool
    reason: str
    error: str
    """SQLite's, sqlite3's or SQLAlchemy's words, empty where it opens."""
    pool: str
    connect: str
    """The call of `sqlite3.connect` it leads to, as Python, empty where none is reached."""
    suggestion: str
    alternatives: tuple[str, ...]
    as_raw: str
    """The same for sqlite3 alone, as a string this session can open; empty where there is none."""
    as_url: str
    """The same through SQLAlchemy, empty where there is none."""
    findings: tuple[Finding, ...]
    stations: tuple[Station, ...]
    brief: str = ""
    """The cause of a file in at most 24 cells, empty where there is nothing so short to say."""

    @property
    def is_stray(self) -> bool:
        """Meant as memory, yet a file."""
        return self.meant_as_memory and self.outcome == Outcome.FILE.value


@dataclass(frozen=True, slots=True)
class Consent:
    """Opening the string would make, or open, a file though that was not clearly asked for."""

    string: str
    path: str
    exists: bool
    """The file is there: opening makes none, but uses this one."""
    meant_as_memory: bool
    reason: str
    suggestion: str
    """What would keep it in memory, empty where there is nothing to suggest."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of a request to open: a connection, or a question that must be answered first."""

    connection: ConnectionId | None
    consent: Consent | None


@dataclass(frozen=True, slots=True)
class Tried:
    """How far opening what was typed came without a question."""

    given: Given
    opened: Opened | None
    """None where a question comes first, or it was refused."""
    error: str
    """Why it was refused, a whole sentence; empty where it was not."""
    hint: str


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing a connection did."""

    closed: bool
    """False: a checkout went back to its pool, and the connection lives on."""
    message: str
