"""What a run has come to, written by its owner's thread and read by all."""

from __future__ import annotations

import threading
import time

from memdb_tui.host.results import ResultRows
from memdb_tui.model import ConnectionId, LockReport, Result, Run, RunId, RunState, StatementFailure

MAX_RESULTS = 1000
"""Results kept of one run: the first, and in the last place that of its last statement."""


class ResultDraft:
    """The result of a statement while it runs; its owner's thread alone writes to it.

    Args:
        index: Which statement of the run, from 1.
        statement: Its text, shortened.
        place: Line and column of its begin.
    """

    __slots__ = ("_place", "_started", "changed_rows", "columns", "index", "rows", "statement", "stopped_at")

    def __init__(self, index: int, statement: str, place: tuple[int, int]) -> None:
        self.index = index
        self.statement = statement
        self.columns: tuple[str, ...] = ()
        self.rows: ResultRows | None = None
        self.changed_rows: int | None = None
        self.stopped_at = ""
        self._place = place
        self._started = time.perf_counter()

    def result(self, state: RunState) -> Result:
        """The result as it stands."""
        rows = self.rows
        return Result(
            index=self.index,
            statement=self.statement,
            line=self._place[0],
            column=self._place[1],
            columns=self.columns,
            row_count=rows.row_count if rows is not None else 0,
            changed_rows=self.changed_rows,
            size_bytes=rows.size_bytes if rows is not None else 0,
            state=state,
            elapsed_seconds=time.perf_counter() - self._started,
            stopped_at=self.stopped_at,
        )


class RunLog:
    """The state of one run. Safe from any thread."""

    def __init__(self, run: RunId, connection: ConnectionId) -> None:
        self._run = run
        self._connection = connection
        self._lock = threading.Lock()
        self._state = RunState.RUNNING
        self._count = 0
        self._results: list[Result] = []
        self._dropped = 0
        self._failure: StatementFailure | None = None
        self._notes: list[str] = []
        self._started_at = time.time()
        self._started = time.perf_counter()
        self._elapsed: float | None = None
        self._waits_for: LockReport | None = None
        self._waiting_since: float | None = None

    @property
    def is_over(self) -> bool:
        """Nothing more will happen."""
        return self._state.is_over

    @property
    def is_full(self) -> bool:
        """No more results are kept but that of the last statement."""
        return len(self._results) >= MAX_RESULTS

    def view(self) -> Run:
        """The run as it stands."""
        with self._lock:
            elapsed = self._elapsed
            is_waiting = self._state is RunState.WAITING
            return Run(
                id=self._run,
                connection=self._connection,
                state=self._state,
                statement_count=self._count,
                results=tuple(self._results),
                dropped_results=self._dropped,
                failure=self._failure,
                notes=tuple(self._notes),
                started_at=self._started_at,
                elapsed_seconds=time.perf_counter() - self._started if elapsed is None else elapsed,
                waits_for=self._waits_for if is_waiting else None,
                waiting_since=self._waiting_since if is_waiting else None,
            )

    def set_count(self, count: int) -> None:
        """How many statements the run has."""
        with self._lock:
            self._count = count

    def cancelling(self) -> bool:
        """It is to stop; False when it is over already."""
        with self._lock:
            if self._state.is_over:
                return False
            self._state = RunState.CANCELLING
            return True

    def waits(self, report: LockReport | None) -> None:
        """A lock is in the way, with those who can hold it; None: it is no longer."""
        with self._lock:
            if self._waits_for is None:
                self._waiting_since = time.time()
            self._waits_for = report
            if self._state is not RunState.CANCELLING:
                self._state = RunState.RUNNING if report is None else RunState.WAITING

    def show(self, result: Result) -> None:
        """A statement's result, as far as it is; the newest replaces those before it of the same statement."""
        with self._lock:
            if self._results and self._results[-1].index == result.index:
                self._results[-1] = result
            elif len(self._results) < MAX_RESULTS:
                self._results.append(result)
            else:
                self._dropped += 1
                if result.index == self._count:
                    self._results[-1] = result

    def fail(self, failure: StatementFailure) -> None:
        """Why it stopped."""
        with self._lock:
            self._failure = failure

    def note(self, sentence: str) -> None:
        """What else must be said; once is enough."""
        with self._lock:
            if sentence not in self._notes:
                self._notes.append(sentence)

    def finish(self, state: RunState) -> None:
        """It is over."""
        with self._lock:
            self._state = state
            self._elapsed = time.perf_counter() - self._started
