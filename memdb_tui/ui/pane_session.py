"""What a pane needs of whoever runs its SQL: this session's host, or a program that is looked into."""

from __future__ import annotations

from typing import Protocol

from memdb_tui.model import CellPart, ConnectionId, DatabaseSchema, RunId, Window
from memdb_tui.protocol.messages import Answer


class PaneSession(Protocol):
    """Runs SQL and hands out the rows; every method raises MemdbError where it is refused."""

    async def execute(
        self, run: RunId, connection: ConnectionId, sql: str, *, line: int = 1, column: int = 1
    ) -> Answer:
        """Run SQL; returns with the first rows, or when it is over."""

    async def transact(self, run: RunId, connection: ConnectionId, action: str) -> Answer:
        """`COMMIT` or `ROLLBACK`."""

    async def cancel(self, run: RunId) -> None:
        """Stop a run."""

    async def release(self, run: RunId) -> None:
        """Forget a run's rows."""

    async def window(
        self, run: RunId, result: int, *, first_row: int, row_count: int, first_column: int, column_count: int
    ) -> Window:
        """Rows of a result."""

    async def cell_part(self, run: RunId, result: int, *, row: int, column: int, offset: int, size: int) -> CellPart:
        """A piece of one value."""

    async def schema(self, connection: ConnectionId) -> DatabaseSchema:
        """Tables, views and columns."""
