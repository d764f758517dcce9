"""The rows of a table on two sides, matched by their keys and merged."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from operator import itemgetter

from memdb_tui.host.row_merge import Difference, Keyed, Row, merged, order_of
from memdb_tui.host.table_shape import TableShape, folded
from memdb_tui.model import Cell, Change, RowDifference, TableComparison
from memdb_tui.protocol.values import cell_of
from memdb_tui.sql.names import quote_identifier

MAX_ROWS = 1_000_000
"""How many rows of a table are read on each side."""
MAX_DIFFERENCES = 100
"""How many differing rows of a table are kept; the others are counted."""
MAX_CHARACTERS = 8 << 20
"""What the kept rows of all tables hold together at most, so that the answer fits a message."""
_ROWS_BETWEEN_CHECKS = 1000
_NO_KEY = "Its rows cannot be told apart: it has no primary key, and columns hide its rowid."
_OTHER_KEY = "Its rows are told apart by another key on each side."


class _CappedError(Exception):
    """As many rows were read as are read at most."""


@dataclass(frozen=True, slots=True)
class Side:
    """A database that nobody else uses."""

    raw: sqlite3.Connection
    is_utf8: bool


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is read of a table on one side."""

    table: str
    key: tuple[str, ...]
    """SQL expressions."""
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """How the rows of a table on two sides correspond."""

    name: str
    key_columns: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()
    before: _Reading | None = None
    """None where the table is not on that side."""
    after: _Reading | None = None
    not_compared: str = ""


def match(before: TableShape | None, after: TableShape | None) -> Match:
    """How to compare a table that is on at least one side: by its primary key, else by rowid."""
    shapes = [shape for shape in (before, after) if shape is not None]
    name = shapes[-1].name
    unread = next((shape.unread for shape in shapes if shape.unread), "")
    if unread:
        return Match(name, not_compared=unread)
    keys = {tuple(map(folded, shape.primary_key)) for shape in shapes}
    is_by_key = len(keys) == 1 and keys != {()}
    if not is_by_key and not all(shape.rowid for shape in shapes):
        return Match(name, not_compared=_OTHER_KEY if len(keys) > 1 else _NO_KEY)
    common = set.intersection(*({folded(column) for column in shape.columns} for shape in shapes))
    columns = [
        tuple(sorted((c for c in shape.columns if folded(c) in common), key=_order_in(shapes[0]))) for shape in shapes
    ]
    readings = {
        id(shape): _Reading(
            shape.name, tuple(map(quote_identifier, shape.primary_key)) if is_by_key else (shape.rowid,), names
        )
        for shape, names in zip(shapes, columns, strict=True)
    }
    return Match(
        name=name,
        key_columns=shapes[0].primary_key if is_by_key else ("rowid",),
        columns=columns[0],
        only_before=tuple(c for c in shapes[0].columns if folded(c) not in common),
        only_after=tuple(c for c in shapes[-1].columns if folded(c) not in common),
        before=readings.get(id(before)),
        after=readings.get(id(after)),
    )


def _order_in(shape: TableShape) -> Callable[[str], int]:
    places = {folded(column): place for place, column in enumerate(shape.columns)}
    return lambda column: places[folded(column)]


@dataclass(slots=True)
class _Draft:
    """What was found so far."""

    added: int = 0
    removed: int = 0
    changed: int = 0
    kept: list[RowDifference] = field(default_factory=list)
    not_compared: str = ""
    stopped_at: str = ""

    def count(self, change: Change) -> None:
        """One more."""
        match change:
            case Change.ADDED:
                self.added += 1
            case Change.REMOVED:
                self.removed += 1
            case Change.CHANGED:
                self.changed += 1


class TableComparer:
    """Compares tables one after the other, and keeps what they hold together within a message.

    Args:
        before: One side; TEXT that is not UTF-8 comes through `surrogateescape` on both.
        after: The other.
        check: Called now and then; what it raises ends the comparison.
    """

    def __init__(self, before: Side, after: Side, *, check: Callable[[], None]) -> None:
        self._before = before
        self._after = after
        self._check = check
        self._characters_left = MAX_CHARACTERS

    def compared(self, before: TableShape | None, after: TableShape | None, change: Change | None) -> TableComparison:
        """What became of a table; `change` is that of its own SQL."""
        found = match(before, after)
        draft = _Draft(not_compared=found.not_compared)
        if not found.not_compared:
            self._compare(found, draft)
        return TableComparison(
            name=found.name,
            change=change,
            key_columns=found.key_columns,
            columns=found.columns,
            only_before=found.only_before,
            only_after=found.only_after,
            rows_added=draft.added,
            rows_removed=draft.removed,
            rows_changed=draft.changed,
            differences=tuple(draft.kept),
            not_compared=draft.not_compared,
            stopped_at=draft.stopped_at,
        )

    def _compare(self, found: Match, draft: _Draft) -> None:
        try:
            for difference in merged(self._rows(self._before, found.before), self._rows(self._after, found.after)):
                draft.count(difference.change)
                if len(draft.kept) < MAX_DIFFERENCES and self._characters_left > 0:
                    draft.kept.append(self._shown(difference))
        except _CappedError:
            draft.stopped_at = f"{MAX_ROWS:,} rows"
        except sqlite3.Error as error:
            # Interrupted, or a table that cannot be read: a function of the program in an index, say.
            self._check()
            draft.not_compared = f"Its rows cannot be read to the end: {error}."

    def _shown(self, difference: Difference) -> RowDifference:
        shown = RowDifference(
            difference.change, _cells(difference.key), _cells(difference.before), _cells(difference.after)
        )
        cells = (*shown.key, *shown.before, *shown.after)
        self._characters_left -= sum([len(cell.text) for cell in cells])
        return shown

    def _rows(self, side: Side, reading: _Reading | None) -> Iterator[Keyed]:
        """The rows of one side in the order of their keys."""
        if reading is None:
            return
        self._check()
        wanted = ", ".join([*reading.key, *map(quote_identifier, reading.columns)])
        sql = f"SELECT {wanted} FROM main.{quote_identifier(reading.table)}"
        if side.is_utf8:
            sql += f" ORDER BY {', '.join([f'{key} COLLATE BINARY' for key in reading.key])}"
        with closing(side.raw.execute(sql)) as cursor:
            rows = self._read(cursor, len(reading.key))
            # BINARY compares the bytes as they are stored, and those of UTF-16 are in another order.
            yield from rows if side.is_utf8 else sorted(rows, key=itemgetter(0))

    def _read(self, cursor: sqlite3.Cursor, key_length: int) -> Iterator[Keyed]:
        for number, values in enumerate(cursor):
            if number % _ROWS_BETWEEN_CHECKS == 0:
                self._check()
            if number >= MAX_ROWS:
                raise _CappedError
            key: Row = values[:key_length]
            yield order_of(key), key, values[key_length:]


def _cells(row: Row | None) -> tuple[Cell, ...]:
    return tuple([cell_of(value) for value in row or ()])
