"""From a failure to what the user is told of it: the place in the text that was typed, and what to do."""

from __future__ import annotations

from memdb_tui.frozen import dataclass
from memdb_tui.host.failures import Failure
from memdb_tui.model import LockReport, StatementFailure
from memdb_tui.sql.places import locate
from memdb_tui.sql.split import Statement


@dataclass(frozen=True, slots=True)
class Place:
    """Where the text of a run stands in the text it was taken from; both from 1."""

    line: int
    column: int

    def of(self, line: int, column: int) -> tuple[int, int]:
        """A place in the run's own text as a place in the whole one."""
        return line + self.line - 1, column + self.column - 1 if line == 1 else column


def failure_report(
    failure: Failure,
    index: int,
    statement: Statement,
    *,
    place: Place,
    lock: LockReport | None,
    waited_seconds: float,
) -> StatementFailure:
    """The failure of the run's statement number `index`.

    Args:
        failure: What SQLite said.
        index: From 1.
        statement: Its text and place within the run.
        place: The run's own place.
        lock: Who can be in the way, where a lock is.
        waited_seconds: How long that lock was waited for, 0 where it was not.
    """
    line, column = statement.line, statement.column
    if failure.byte_offset is not None:
        inner = locate(statement.text, failure.byte_offset)
        line, column = Place(line, column).of(inner.line, inner.column)
    line, column = place.of(line, column)
    return StatementFailure(
        index=index,
        line=line,
        column=column,
        is_exact=failure.byte_offset is not None,
        message=failure.message,
        code=failure.code,
        hint=_lock_hint(failure, waited_seconds) if failure.is_lock else failure.hint,
        lock=lock,
    )


def _lock_hint(failure: Failure, waited_seconds: float) -> str:
    if waited_seconds > 0:
        return f"It was tried again for {waited_seconds:g} s."
    if failure.is_shared_cache_lock:
        return "In a shared cache SQLite gives up at once; no busy timeout applies."
    if not failure.can_be_waited_for:
        return "Waiting cannot help: this transaction reads an older state. Roll it back and begin again."
    return "Waiting for locks is off for this connection."
