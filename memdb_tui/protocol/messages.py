"""What UI and host say to each other: the parameters and the answer of every method, and the events."""

from __future__ import annotations

from typing import Generic, TypeVar

from memdb_tui.frozen import dataclass
from memdb_tui.model import (
    CellPart,
    Closing,
    Comparison,
    ConnectionId,
    CreatedBy,
    DatabaseSchema,
    Explained,
    Given,
    HostFacts,
    Opened,
    Run,
    RunId,
    TransactionMode,
    Tried,
    Window,
)

VERSION = 1
"""Grows whenever a message changes its form; UI and host of different versions do not talk."""

MAX_MESSAGE_BYTES = 64 << 20
"""A longer message is refused and the connection closed: no SQL text a person works with is that long."""

MAX_COPY_BYTES = 256 << 20
"""A larger image of a database is not taken in."""

COPY_PART_BYTES = 1 << 20
"""How much of an image goes into one message."""

P = TypeVar("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Method(Generic[P, R]):
    """One call: its name on the wire and the types of what goes in and comes back."""

    name: str
    params: type[P]
    result: type[R]


@dataclass(frozen=True, slots=True)
class Done:
    """An answer that says only that it was done."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The first call: which version of these messages the UI speaks."""

    version: int


@dataclass(frozen=True, slots=True)
class Classify:
    """Ask what a DATABASE means, before anything is opened."""

    argument: str


@dataclass(frozen=True, slots=True)
class Explain:
    """Ask what a string would do; nothing is opened."""

    string: str


@dataclass(frozen=True, slots=True)
class OpenString:
    """Open what the user gave."""

    string: str
    allow_file: bool
    """The user has said yes to the file, or --allow-files was given."""


@dataclass(frozen=True, slots=True)
class TryArgument:
    """Classify a DATABASE, and open it where that raises no question."""

    argument: str
    allow_file: bool


@dataclass(frozen=True, slots=True)
class OpenAnother:
    """Open one more connection to the database of another."""

    like: ConnectionId
    way: CreatedBy


@dataclass(frozen=True, slots=True)
class ForConnection:
    """A call about one connection."""

    connection: ConnectionId


@dataclass(frozen=True, slots=True)
class SetMode:
    """Change when transactions begin."""

    connection: ConnectionId
    mode: TransactionMode


@dataclass(frozen=True, slots=True)
class SetLockWait:
    """Change how long a statement tries again when it meets a lock."""

    connection: ConnectionId
    seconds: float


@dataclass(frozen=True, slots=True)
class Execute:
    """Run SQL; answered with the first rows, or when it is over."""

    run: RunId
    """Given by the UI, so that it can cancel before the answer comes; never used again."""
    connection: ConnectionId
    sql: str
    line: int
    column: int
    """Where the text begins in the editor, from 1."""


@dataclass(frozen=True, slots=True)
class Transact:
    """COMMIT or ROLLBACK, the way sqlite3 does it in the connection's mode."""

    run: RunId
    connection: ConnectionId
    action: str


@dataclass(frozen=True, slots=True)
class ForRun:
    """A call about one run."""

    run: RunId


@dataclass(frozen=True, slots=True)
class Answer:
    """A run, and the first rows of its first result that has any."""

    run: Run
    window: Window | None


@dataclass(frozen=True, slots=True)
class WantWindow:
    """Rows of a result; as many come as are there and fit a message."""

    run: RunId
    result: int
    first_row: int
    row_count: int
    first_column: int
    column_count: int


@dataclass(frozen=True, slots=True)
class WantPart:
    """A piece of one value; offset and size in characters of TEXT, in bytes of BLOB."""

    run: RunId
    result: int
    row: int
    column: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class BeginCopy:
    """An image of a database is about to come, in parts."""

    copy: int
    """Given by the UI, so that it can drop the image at any moment; never used again."""
    size_bytes: int


@dataclass(frozen=True, slots=True)
class ForCopy:
    """A call about an image on its way."""

    copy: int


@dataclass(frozen=True, slots=True)
class CopyPart:
    """The next part of an image."""

    copy: int
    data: str
    """In base64."""


@dataclass(frozen=True, slots=True)
class OpenCopy:
    """Every part has been sent: open a connection to the image."""

    copy: int
    label: str
    """What stands for its connection string."""
    taken_at: float
    replaces: ConnectionId | None
    """An older copy, to be closed when this one is open."""


@dataclass(frozen=True, slots=True)
class Compare:
    """Find in what two databases differ."""

    number: int
    """Given by the UI, so that it can stop it before the answer comes; never used again."""
    before: ConnectionId
    after: ConnectionId


@dataclass(frozen=True, slots=True)
class StopComparing:
    """The answer to a comparison is no longer wanted."""

    number: int


HELLO = Method("hello", Hello, HostFacts)
CLASSIFY = Method("classify", Classify, Given)
EXPLAIN = Method("explain", Explain, Explained)
OPEN = Method("open", OpenString, Opened)
TRY = Method("try", TryArgument, Tried)
OPEN_ANOTHER = Method("openAnother", OpenAnother, Opened)
CLOSE = Method("close", ForConnection, Closing)
SET_MODE = Method("setMode", SetMode, Done)
SET_LOCK_WAIT = Method("setLockWait", SetLockWait, Done)
EXECUTE = Method("execute", Execute, Answer)
TRANSACT = Method("transact", Transact, Answer)
CANCEL = Method("cancel", ForRun, Done)
RELEASE = Method("release", ForRun, Done)
WINDOW = Method("window", WantWindow, Window)
CELL_PART = Method("cellPart", WantPart, CellPart)
SCHEMA = Method("schema", ForConnection, DatabaseSchema)
COPY_BEGIN = Method("copyBegin", BeginCopy, Done)
COPY_PART = Method("copyPart", CopyPart, Done)
COPY_OPEN = Method("copyOpen", OpenCopy, Opened)
COPY_DROP = Method("copyDrop", ForCopy, Done)
COMPARE = Method("compare", Compare, Comparison)
STOP_COMPARING = Method("stopComparing", StopComparing, Done)

SNAPSHOT_EVENT = "snapshot"
RUN_EVENT = "run"
"""What the host says unasked: a `Snapshot`, a `Run`."""
