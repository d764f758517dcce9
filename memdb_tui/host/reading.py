"""Reading a cursor in pages: the first row at once, no page ever far too large, no row lost."""

from __future__ import annotations

import sqlite3
import time
from itertools import islice

from memdb_tui.host.results import Row

MOST_ROWS = 128
"""Rows of a page. Their size is known only when they are there, so this many large ones may follow small ones."""
_LARGE_BYTES = 1 << 18
_FAST_SECONDS = 0.01


class PageReader:
    """Pages of a cursor's rows; on the owner's thread.

    Args:
        raw: The cursor's connection.
        cursor: A cursor on which a statement was executed.
    """

    def __init__(self, raw: sqlite3.Connection, cursor: sqlite3.Cursor) -> None:
        self._raw = raw
        self._cursor = cursor
        self._rows = 1
        self._seconds = 0.0
        self._error: sqlite3.Error | None = None
        # Text is decoded by sqlite3 itself, the fast way, until some is met that is not UTF-8.
        raw.text_factory = str

    def next(self, most_rows: int) -> list[Row]:
        """The next page, empty at the end.

        Raises:
            sqlite3.Error: What SQLite raised after the rows of the page before.
        """
        if self._error is not None:
            raise self._error
        page: list[Row] = []
        wanted = min(self._rows, most_rows)
        began = time.perf_counter()
        while True:
            try:
                # Unlike fetchmany, this keeps the rows that came before an error.
                page.extend(islice(self._cursor, wanted - len(page)))
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorcode", None) is None and self._raw.text_factory is str:
                    # sqlite3 could not decode a TEXT, and stands before that row still.
                    self._raw.text_factory = _lenient_text
                    continue
                self._error = error
            except sqlite3.Error as error:
                self._error = error
            break
        self._seconds = time.perf_counter() - began
        if not page and self._error is not None:
            raise self._error
        return page

    def learn(self, size_bytes: int) -> None:
        """Take the size of the last page, and the time it took, into account."""
        if size_bytes > _LARGE_BYTES or self._seconds > 2 * _FAST_SECONDS:
            self._rows = max(1, self._rows // 2)
        elif self._seconds < _FAST_SECONDS and 2 * size_bytes <= _LARGE_BYTES:
            self._rows = min(MOST_ROWS, 2 * self._rows)

    def has_more(self) -> bool:
        """Whether anything follows, be it an error; a row is read and dropped."""
        try:
            return bool(self.next(1))
        except sqlite3.Error:
            return True


def _lenient_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
