"""In what two databases differ: their schemas, and the rows of the tables that both have."""

from __future__ import annotations

from enum import StrEnum

from memdb_tui.frozen import dataclass
from memdb_tui.model.names import ConnectionId
from memdb_tui.model.runs import Cell


class Change(StrEnum):
    """What became of something on the way from the first database to the second."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class SchemaDifference:
    """A table, index, trigger or view that is not the same in both."""

    kind: str
    """`table`, `index`, `trigger`, `view`."""
    name: str
    change: Change
    before: str
    """Its SQL in the first database, empty where it is not there."""
    after: str
    """Its SQL in the second database, empty where it is not there."""


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row that is not the same in both."""

    change: Change
    key: tuple[Cell, ...]
    """The values of the table's `key_columns`."""
    before: tuple[Cell, ...]
    """The values of the table's `columns` in the first database, empty where the row is not there."""
    after: tuple[Cell, ...]
    """The same in the second database."""


@dataclass(frozen=True, slots=True)
class TableComparison:
    """One table that is in both databases, or in one."""

    name: str
    change: Change | None
    """Added or removed whole; changed: its SQL is another; None: the same table in both."""
    key_columns: tuple[str, ...]
    """What rows are told apart by: the primary key, or `rowid`."""
    columns: tuple[str, ...]
    """The columns that both have, generated ones left out; of a table in one database alone, all of its."""
    only_before: tuple[str, ...]
    """Columns that the first database alone has."""
    only_after: tuple[str, ...]
    """Columns that the second database alone has."""
    rows_added: int
    rows_removed: int
    rows_changed: int
    differences: tuple[RowDifference, ...]
    """The first of them, in the order of the key; at most 100, fewer where they are large."""
    not_compared: str
    """Why its rows were not compared, a sentence; empty where they were."""
    stopped_at: str
    """Why reading its rows ended before the end ("1,000,000 rows"), empty where it did not."""

    @property
    def is_same(self) -> bool:
        """Nothing was found to differ, and nothing was left out."""
        rows = self.rows_added + self.rows_removed + self.rows_changed
        return self.change is None and not rows and not self.not_compared and not self.stopped_at


@dataclass(frozen=True, slots=True)
class Comparison:
    """The way from one database to another."""

    before: ConnectionId
    after: ConnectionId
    schema: tuple[SchemaDifference, ...]
    tables: tuple[TableComparison, ...]
    """Every table of either database, by name."""
    elapsed_seconds: float

    @property
    def is_same(self) -> bool:
        """Nothing was found to differ, and nothing was left out."""
        return not self.schema and all(table.is_same for table in self.tables)
