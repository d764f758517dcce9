"""In what two databases differ, found on private copies of both."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import closing

from memdb_tui.errors import QueryError
from memdb_tui.host.copies import open_image
from memdb_tui.host.table_compare import Side, TableComparer
from memdb_tui.host.table_shape import Database, folded, read_database
from memdb_tui.model import Change, Comparison, ConnectionId, SchemaDifference

_WAIT_SECONDS = 0.05
_STOPPED = "The comparison was stopped."


class ComparisonTask:
    """A comparison from the moment it is asked for.

    Args:
        before: The connection on whose side something can be removed.
        after: The connection on whose side something can be added.
    """

    def __init__(self, before: ConnectionId, after: ConnectionId) -> None:
        self._ids = before, after
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._open: tuple[sqlite3.Connection, ...] = ()
        self.is_over = False

    def cancel(self) -> None:
        """Stop it as soon as SQLite lets go. From any thread, and to call again until it is over."""
        self._stop.set()
        with self._lock:
            for raw in self._open:
                raw.interrupt()

    def run(self, images: Sequence[Future[bytes]]) -> Comparison:
        """Wait for the images and compare them; on a thread that owns nothing else.

        Raises:
            QueryError: It was stopped, or one of the databases could not be copied.
        """
        try:
            while wait(images, timeout=_WAIT_SECONDS).not_done:
                self._check()
            first, second = [image.result() for image in images]
            self._check()
            with closing(open_image(first)) as before, closing(open_image(second)) as after:
                return self._compare(before, after)
        finally:
            self.is_over = True

    def _compare(self, before: sqlite3.Connection, after: sqlite3.Connection) -> Comparison:
        with self._lock:
            self._open = before, after
        try:
            return compare_databases(before, after, self._ids, check=self._check)
        except sqlite3.OperationalError:
            self._check()
            raise
        finally:
            with self._lock:
                self._open = ()

    def _check(self) -> None:
        if self._stop.is_set():
            raise QueryError(_STOPPED)


def compare_databases(
    before: sqlite3.Connection,
    after: sqlite3.Connection,
    ids: tuple[ConnectionId, ConnectionId],
    *,
    check: Callable[[], None],
) -> Comparison:
    """Compare the `main` databases of two connections that nobody else uses.

    Args:
        before: One side; TEXT that is not UTF-8 comes through `surrogateescape` on both.
        after: The other.
        ids: What they are called.
        check: Called now and then; what it raises ends the comparison.

    Raises:
        sqlite3.Error: A schema cannot be read.
    """
    began = time.monotonic()
    for raw in (before, after):
        raw.text_factory = _lenient_text
        # A large sort stays in memory: no file is made.
        raw.execute("PRAGMA temp_store=MEMORY").close()
    first, second = read_database(before), read_database(after)
    schema = tuple(schema_differences(first, second))
    changes = {folded(each.name): each.change for each in schema if each.kind == "table"}
    tables = TableComparer(Side(before, first.is_utf8), Side(after, second.is_utf8), check=check)
    return Comparison(
        before=ids[0],
        after=ids[1],
        schema=schema,
        tables=tuple(
            tables.compared(first.tables.get(name), second.tables.get(name), changes.get(name))
            for name in sorted(first.tables.keys() | second.tables.keys())
        ),
        elapsed_seconds=time.monotonic() - began,
    )


def schema_differences(before: Database, after: Database) -> Iterator[SchemaDifference]:
    """What is not declared the same in both, by its SQL; tables first, then by name."""
    names = before.objects.keys() | after.objects.keys()
    for key in sorted(names, key=lambda key: (key[0] != "table", key[1], key[0])):
        old, new = before.objects.get(key), after.objects.get(key)
        if old is None and new is not None:
            yield SchemaDifference(new.kind, new.name, Change.ADDED, "", new.sql)
        elif new is None and old is not None:
            yield SchemaDifference(old.kind, old.name, Change.REMOVED, old.sql, "")
        elif old is not None and new is not None and old.sql != new.sql:
            yield SchemaDifference(new.kind, new.name, Change.CHANGED, old.sql, new.sql)


def _lenient_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
