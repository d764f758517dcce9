"""Copies of databases: images as they come in parts, what is opened on them, and how they are taken."""

from __future__ import annotations

import base64
import sqlite3
import time
from contextlib import closing

from memdb_tui.errors import OpenError, QueryError, UsageError
from memdb_tui.host.connection import HostConnection, Origin, observed_outcome
from memdb_tui.model import ConnectionId, CreatedBy, Explained, Outcome
from memdb_tui.probe.copying import CopyError, backup_own, serialize_own
from memdb_tui.protocol.messages import MAX_COPY_BYTES

_LEAST_PAGE_BYTES = 512
_DAMAGED = "Take the copy again; this one is of no use."


class Images:
    """Images on their way; used by one thread."""

    def __init__(self) -> None:
        self._coming: dict[int, _Coming] = {}

    def begin(self, number: int, size_bytes: int) -> None:
        """Expect an image, its parts under this number.

        Raises:
            OpenError: It is larger than 256 MiB.
            UsageError: The number is that of another.
        """
        if not 0 <= size_bytes <= MAX_COPY_BYTES:
            raise OpenError(
                f"The copy takes {size_bytes >> 20:,} MiB; at most {MAX_COPY_BYTES >> 20} MiB are taken in."
            )
        if number in self._coming:
            raise UsageError(f"Copy {number} is expected already.")
        self._coming[number] = _Coming(size_bytes)

    def add(self, number: int, data: str) -> None:
        """Take the next part, in base64.

        Raises:
            UsageError: No such image is expected, or the part is none of it.
        """
        coming = self._known(number)
        try:
            part = base64.b64decode(data, validate=True)
        except ValueError as error:
            raise UsageError("A part of the copy is not base64.") from error
        if coming.received + len(part) > coming.size_bytes:
            raise UsageError("The copy is longer than was said.")
        coming.parts.append(part)
        coming.received += len(part)

    def take(self, number: int) -> bytes:
        """The whole image, which is forgotten here.

        Raises:
            UsageError: No such image is expected, or parts of it are missing.
        """
        coming = self._known(number)
        del self._coming[number]
        if coming.received != coming.size_bytes:
            raise UsageError(f"Of the copy's {coming.size_bytes:,} bytes {coming.received:,} came.")
        return b"".join(coming.parts)

    def drop(self, number: int) -> None:
        """Forget an image that is no longer wanted."""
        self._coming.pop(number, None)

    def _known(self, number: int) -> _Coming:
        coming = self._coming.get(number)
        if coming is None:
            raise UsageError("No such copy is expected.")
        return coming


class _Coming:
    """An image of which parts have come."""

    __slots__ = ("parts", "received", "size_bytes")

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.received = 0
        self.parts: list[bytes] = []


def open_image(image: bytes) -> sqlite3.Connection:
    """A private `:memory:` database with what the image holds; on the calling thread. No bytes: an empty database.

    By way of `deserialize`, whose own kind of database has a name and a limit of its size, into an ordinary one.

    Raises:
        OpenError: SQLite finds no database in it, or only a part of one.
    """
    # As a URI would be read: so ATTACH in the copy reads URIs too.
    raw = sqlite3.connect(":memory:", timeout=0, uri=True, isolation_level=None)
    try:
        if image:
            _fill(raw, image)
    except BaseException:
        raw.close()
        raise
    return raw


def _fill(raw: sqlite3.Connection, image: bytes) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as loaded:
        try:
            loaded.deserialize(image)
            (page_bytes,) = loaded.execute("PRAGMA page_size").fetchone()
            loaded.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            loaded.backup(raw)
        except (sqlite3.Error, MemoryError) as error:
            words = "there is no memory for it" if isinstance(error, MemoryError) else str(error)
            raise OpenError(f"The copy cannot be opened: {words}.", hint=_DAMAGED) from error
    if len(image) % max(page_bytes, _LEAST_PAGE_BYTES):
        raise OpenError("The copy cannot be opened: its last page is not whole.", hint=_DAMAGED)


def copy_origin(label: str, name: ConnectionId, *, taken_at: float) -> Origin:
    """How a connection to a copy came to be."""
    taken = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(taken_at))
    return Origin(
        id=name,
        string=label,
        created_by=CreatedBy.COPY,
        predicted=Outcome.MEMORY_PRIVATE,
        prediction=Outcome.MEMORY_PRIVATE.value,
        meant_as_memory=False,
        reason=(
            f"It is a copy of a program's database as it was at {taken}, in the memory of this session: what is "
            "written here never reaches the program."
        ),
        suggestion="",
        database=":memory:",
        is_uri=True,
    )


def explained_copy(origin: Origin) -> Explained:
    """What the string of a copy means: it opens nothing, it only says what the copy is."""
    return Explained(
        string=origin.string,
        outcome=origin.prediction,
        database="",
        path="",
        path_exists=False,
        creates_file=False,
        meant_as_memory=origin.meant_as_memory,
        reason=origin.reason,
        error="",
        pool="",
        connect="",
        suggestion="",
        alternatives=(),
        as_raw="",
        as_url="",
        findings=(),
        stations=(),
    )


def image_of(connection: HostConnection) -> bytes:
    """An image of the main database of a connection of ours; its owner calls this, between statements.

    Raises:
        QueryError: It is being written in an open transaction, too large, or SQLite refuses.
    """
    outcome = observed_outcome(connection.origin.predicted, connection.look)
    try:
        with connection.guard():
            if outcome is Outcome.MEMORY_PRIVATE:
                return serialize_own(connection.raw, is_known_private=True)
            return backup_own(connection.raw)
    except CopyError as error:
        hint = "Commit the transaction that writes, or roll it back." if error.code == "busy" else error.hint
        raise QueryError(f"{connection.id} cannot be copied. {error}", hint=hint) from error
