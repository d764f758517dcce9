"""Two ordered sequences of rows merged into their differences: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from memdb_tui.frozen import dataclass
from memdb_tui.model import Change

Value = str | int | float | bytes | None
Row = tuple[Value, ...]
Order = tuple[tuple[int, int | float | bytes], ...]
"""Values as Python compares them the way SQLite's BINARY collation does."""


Keyed = tuple[Order, Row, Row]
"""A row: where it stands in the order, the values it is told apart by, all its values."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not the same on both sides; a side on which it is not is None."""

    change: Change
    key: Row
    before: Row | None
    after: Row | None


def order_of(values: Iterable[Value]) -> Order:
    """What sorts rows as `ORDER BY` sorts them: NULL, numbers, TEXT by its bytes, BLOB.

    Source: https://sqlite.org/datatype3.html#sort_order
    """
    return tuple([(1, value) if type(value) is int else _place(value) for value in values])


def _place(value: Value) -> tuple[int, int | float | bytes]:
    match value:
        case None:
            return 0, 0
        case int() | float():
            return 1, value
        case str():
            return 2, value.encode("utf-8", "surrogateescape")
    return 3, value


def merged(before: Iterable[Keyed], after: Iterable[Keyed]) -> Iterator[Difference]:
    """The differences in the order of the keys, both sides being in that order.

    Rows with equal keys on one side, as SQLite allows them where a part of the key is NULL, are a group without an
    order: what is the same on both sides cancels out, the rest is paired as changed as far as it goes.
    """
    left, right = _Group(before), _Group(after)
    while left.rows or right.rows:
        is_left = not right.rows or (bool(left.rows) and left.rows[0][0] <= right.rows[0][0])
        is_right = not left.rows or (bool(right.rows) and right.rows[0][0] <= left.rows[0][0])
        yield from _differences(left.rows if is_left else (), right.rows if is_right else ())
        if is_left:
            left.advance()
        if is_right:
            right.advance()


class _Group:
    """The rows of one side that have the same key, one key after the other; empty at the end."""

    __slots__ = ("_next", "_rows", "rows")

    def __init__(self, rows: Iterable[Keyed]) -> None:
        self._rows = iter(rows)
        self._next = next(self._rows, None)
        self.rows: list[Keyed] = []
        self.advance()

    def advance(self) -> None:
        """On to the next key."""
        first = self._next
        if first is None:
            self.rows = []
            return
        self.rows = [first]
        while (following := next(self._rows, None)) is not None and following[0] == first[0]:
            self.rows.append(following)
        self._next = following


def _differences(before: Sequence[Keyed], after: Sequence[Keyed]) -> Iterable[Difference]:
    if len(before) == len(after) == 1 and is_same(before[0][2], after[0][2]):
        return ()
    old, new = list(_unmatched(before, after)), list(_unmatched(after, before))
    changed = [Difference(Change.CHANGED, a[1], a[2], b[2]) for a, b in zip(old, new, strict=False)]
    removed = [Difference(Change.REMOVED, a[1], a[2], None) for a in old[len(new) :]]
    return changed + removed + [Difference(Change.ADDED, b[1], None, b[2]) for b in new[len(old) :]]


def is_same(one: Row, other: Row) -> bool:
    """The values are equal and of the same storage classes: to SQLite 1 and 1.0 are equal, and yet not the same."""
    return one == other and [*map(type, one)] == [*map(type, other)]


def _unmatched(rows: Iterable[Keyed], others: Iterable[Keyed]) -> Iterator[Keyed]:
    """The rows that have no equal among the others, each of which stands for one."""
    left = Counter(_exact(other[2]) for other in others)
    for row in rows:
        exact = _exact(row[2])
        if left[exact]:
            left[exact] -= 1
        else:
            yield row


def _exact(values: Row) -> tuple[tuple[type, Value], ...]:
    return tuple([(type(value), value) for value in values])
