"""Copies of private databases, which only the thread that owns the connection can hand out."""

from __future__ import annotations

from .bare import clock, get_ident
from .process import serializes
from .wire import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from typing import Any

    from .guard import Failures
    from .record import Record
    from .recorder import Recorder
    from .work import Job


class Wanted:
    """A copy that waits for a thread of the program."""

    __slots__ = ("job", "record", "since", "until")

    def __init__(self, record: Record, job: Job, *, until: float) -> None:
        self.record = record
        self.job = job
        self.since = clock.time()
        self.until = until


class OwnCopies:
    """The copies that wait.

    Args:
        recorder: Told when a thread of the program has something to do as it passes.
        failures: Keeps what went wrong.
        done: Takes a job that is done, in whatever thread.
    """

    def __init__(self, recorder: Recorder, failures: Failures, done: Callable[[Job], None]) -> None:
        self._recorder = recorder
        recorder.on_connect = None
        self._failures = failures
        self._done = done
        self._wanted: list[Wanted] = []

    def want(self, wanted: Wanted) -> None:
        """Let a copy wait for its thread."""
        self._wanted.append(wanted)
        self._recorder.on_connect = self.serve

    def cancel(self, wanted: Callable[[Job], bool]) -> None:
        """Give up jobs; they are answered by `give_up`."""
        for waiting in list(self._wanted):
            if wanted(waiting.job):
                waiting.job.is_cancelled = True

    def told(self) -> list[dict[str, Any]]:
        """What waits, as it is told."""
        return [
            {"connection": w.record.id, "thread": w.record.thread or str(w.record.ident or ""), "since": w.since}
            for w in list(self._wanted)
        ]

    @property
    def next_due(self) -> float | None:
        """When the first of them has waited long enough, in `time.monotonic()`; None when nothing waits."""
        return min((w.until for w in list(self._wanted)), default=None)

    def give_up(self) -> None:
        """Answer the requests that have timed out, were cancelled, or whose connection has been closed."""
        for wanted in list(self._wanted):
            if wanted.record.closed_at is not None:
                refusal = Refusal("The database is gone: its connection was closed.")
            elif wanted.job.is_cancelled:
                refusal = Refusal("It was cancelled.")
            elif clock.monotonic() >= wanted.until:
                refusal = Refusal(
                    f"{wanted.record.thread or 'Its thread'} did not come by in time.",
                    hint="A private database is copied when its thread opens a connection, runs a statement under "
                    "--trace, or stands in inspect().",
                )
            else:
                continue
            if self._take(wanted):
                wanted.job.error = refusal
                self._recorder.has_news = True
                self._done(wanted.job)

    def serve(self, used: Record | None = None) -> None:
        """Make the copies that wait for the calling thread; called between its statements.

        Args:
            used: The connection that it is about to run a statement on, where that is known. If all threads may use
                it, this one can hand it out as well as the one that opened it.
        """
        ident = get_ident()
        for wanted in list(self._wanted):
            record = wanted.record
            is_ours = record.ident == ident or (record is used and is_for_all_threads(record))
            if is_ours and self._take(wanted):
                self.make(record, wanted.job)

    def make(self, record: Record, job: Job) -> None:
        """Make a copy on the calling thread, which owns the connection."""
        job.run = lambda: job.keep(image_of(record))
        job.perform(self._recorder, self._failures)
        self._done(job)

    def _take(self, wanted: Wanted) -> bool:
        try:
            self._wanted.remove(wanted)
        except ValueError:
            # Another thread was faster.
            return False
        if not self._wanted:
            self._recorder.on_connect = None
            if self._wanted:
                # One was wanted in between.
                self._recorder.on_connect = self.serve
        return True


def image_of(record: Record) -> bytes:
    """The main database of a connection that belongs to the calling thread.

    Raises:
        Refusal: It is gone, or cannot be copied.
    """
    from .copying import CopyError, serialize_own  # noqa: PLC0415 - seldom needed

    connection = own_connection(record)
    if connection is None:
        raise Refusal("The database is gone: its connection was closed.")
    try:
        return serialize_own(connection, is_known_private=is_known_private(record))
    except CopyError as error:
        raise Refusal(str(error), hint=error.hint) from error


def own_connection(record: Record) -> sqlite3.Connection | None:
    """The connection itself, for its own thread alone, and only for a moment."""
    watch = record.watch
    cache = None if watch is None else watch()
    connection: sqlite3.Connection | None = None if cache is None else cache.__wrapped__
    return connection


def is_for_all_threads(record: Record) -> bool:
    """Whether Python lets any thread use it, and SQLite lets them do so at once."""
    arguments = record.arguments
    return arguments is not None and arguments.get("check_same_thread") == 0 and serializes()


def is_known_private(record: Record) -> bool:
    """Whether its string says that no other connection can be on its database."""
    database = record.database
    if database is None:
        return False
    return database in {"", ":memory:"} or ("cache=shared" not in database and "vfs=" not in database)
