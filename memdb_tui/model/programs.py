"""Programs of the user that are looked into: their processes, and where their connections came from."""

from __future__ import annotations

import re
from enum import StrEnum

from memdb_tui.frozen import dataclass
from memdb_tui.model.names import ConnectionId

_OF_MULTIPROCESSING = re.compile(r"from multiprocessing\.(\w+) import ")
"""How Python's own commands begin: https://github.com/python/cpython/blob/3.13/Lib/multiprocessing/spawn.py."""
_HELPERS = {"spawn": "spawned child", "resource_tracker": "resource tracker", "forkserver": "fork server"}
"""What the processes are called that `multiprocessing` starts with those commands."""


@dataclass(frozen=True, slots=True)
class CodePlace:
    """A line of a program's source that was running."""

    path: str
    line: int
    function: str


class FoundBy(StrEnum):
    """How a connection of a program became known."""

    WRAPPER = "seen being opened"
    """A wrapper of ours around `sqlite3.connect` saw the call, with its keywords."""
    HOOK = "seen being opened, keywords not known"
    """Opened past the wrapper: `sqlite3.Connection(…)`, or a reference taken before."""
    HEAP = "found in memory"
    """It is older than our arrival; where it was opened, when, and with which keywords is not known."""


class CopyState(StrEnum):
    """Whether, and how, the database behind a connection of a program can be read."""

    LIVE = "live"
    """By name: a connection of ours can be opened to it for a moment."""
    PRIVATE = "private"
    """Only the thread that owns the connection can hand out a copy."""
    FILE = "file"
    """It is a file: any process can open it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of a connection that a program opened, beyond what is known of every connection."""

    process: str
    """The id of its `Program`."""
    database: str
    """The first argument of `sqlite3.connect`; empty where it is not known."""
    keywords: tuple[tuple[str, str], ...] | None
    """The other arguments as Python writes them; None where nobody saw the call."""
    found_by: FoundBy
    reading: CopyState
    url: str
    """The engine's URL, its password hidden; empty where SQLAlchemy is not known to have opened it."""
    stack: tuple[CodePlace, ...]
    """Where it was opened, the innermost first; empty where that is not known."""
    opener: CodePlace | None
    """The first line of the stack that belongs to the program rather than to an installed package."""
    has_opener_returned: bool | None
    """The function that opened it is no longer running; None where that cannot be told."""
    opened_at: float | None
    closed_at: float | None
    closer: CodePlace | None
    """The line that closed it, or that ran when it was collected as garbage; None where neither was in sight."""
    is_closer_certain: bool
    """That line closed it."""
    is_checked_out: bool | None
    """Its pool has handed it out; None without a pool."""
    statement_count: int | None
    """Statements run on it; None unless every statement is traced."""
    last_statement: str
    is_for_all_threads: bool = False
    """Python lets any thread use it, not only the one that opened it; False where that is not known."""


class LeakKind(StrEnum):
    """What was left open, or lost."""

    STILL_OPEN = "still open"
    """The function that opened it has returned, and nobody closed it."""
    CHECKED_OUT = "never returned"
    """Checked out of its pool and not given back when the program ended."""
    LAST_CONNECTION = "one connection left"
    """An in-memory database that lives only as long as one connection that is about to go."""
    DIED = "died"
    """An in-memory database that is gone with its last connection."""


@dataclass(frozen=True, slots=True)
class Leak:
    """Something a program left open, or a database it lost."""

    kind: LeakKind
    connection: ConnectionId
    message: str
    reopened_by: ConnectionId | None = None
    """Of a database that died: the first connection that opened its name again, and found it empty."""
    several: str = ""
    """What is said of many like it, after their number: `connections still open, ...`; empty if it is told alone."""


class ProgramState(StrEnum):
    """Where a followed process stands."""

    RUNNING = "running"
    STOPPED = "stopped"
    """By a signal: SIGSTOP, or ^Z in its terminal. It answers nothing until it goes on."""
    WAITING = "waiting in inspect()"
    ENDED = "ended"
    DETACHED = "detached"


@dataclass(frozen=True, slots=True)
class WaitingCopy:
    """A private database that only one thread of the program can hand out, and that has not come by yet."""

    connection: ConnectionId
    thread: str
    """Its name, `thread 1234` for one without; empty where it is not known."""
    is_traced: bool
    """A statement of that thread is enough; else it must open a connection."""
    is_for_all_threads: bool = False
    """A statement of any thread is enough, if it is on this connection."""


@dataclass(frozen=True, slots=True)
class Unfollowed:
    """A process the program started that could not be followed."""

    parent: str
    """The id of the `Program` that started it."""
    command: str
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class Program:
    """One process of the user's program."""

    id: str
    """`p1`, `p2`, …, in the order they were met."""
    pid: int
    parent_pid: int
    argv: tuple[str, ...]
    cwd: str
    executable: str
    python_version: str
    sqlite_version: str
    """Empty while sqlite3 is not imported there."""
    sqlalchemy_version: str
    """Empty while SQLAlchemy is not imported there."""
    state: ProgramState
    exit_status: int | None
    """As `subprocess` has it: negative for a signal; None while it runs, or where it is not known."""
    started_at: float
    ended_at: float | None
    notes: tuple[str, ...]
    """What must be said of it: frozen heaps, what is not known, failures of ours; whole sentences."""
    leaks: tuple[Leak, ...]
    dropped_connections: int
    """Closed connections that are no longer listed."""
    longest_block_seconds: float
    """The longest time that something of ours held a lock or the interpreter there."""
    waiting_copies: tuple[WaitingCopy, ...]
    """Copies that wait for a thread of the program, asked for by whomever looks into it."""
    unfollowed: tuple[Unfollowed, ...]
    waiting_thread: str = ""
    """The thread that waits in `inspect()`; empty where none does, or it has no name."""
    waiting_stack: tuple[CodePlace, ...] = ()
    """Where it waits, or where the failure was raised that is looked at; the innermost first."""
    waiting_place: CodePlace | None = None
    """The program's own line of it; None where all belong to packages."""

    @property
    def name(self) -> str:
        """The script, module or command it runs, short."""
        words = [word for word in self.argv if word]
        script = words[0] if words else self.executable
        if script == "-m" and len(words) > 1:
            return words[1]
        if script == "-c" and len(words) > 1 and (own := _OF_MULTIPROCESSING.match(words[1])) is not None:
            return _HELPERS.get(own[1], own[1])
        return script.rsplit("/", 1)[-1]
