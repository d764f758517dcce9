"""What the host does for one client: connections, runs, windows of their rows."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable
from concurrent.futures import Future

from memdb_tui.errors import QueryError, UsageError
from memdb_tui.host.compare import ComparisonTask
from memdb_tui.host.connection import HostConnection
from memdb_tui.host.copies import Images, explained_copy, image_of
from memdb_tui.host.explaining import explained
from memdb_tui.host.interrupter import Cancellable, Interrupter
from memdb_tui.host.registry import Registry
from memdb_tui.host.reports import Place
from memdb_tui.host.results import ResultRows
from memdb_tui.host.runs import RunTask
from memdb_tui.model import CellPart, Closing, Comparison, ConnectionId, CreatedBy, Explained, Opened, RunId, Window

_FIRST_WINDOW_ROWS = 100
_FIRST_WINDOW_COLUMNS = 40


class Session:
    """Runs on the connections of a registry; its methods may be called from any one thread.

    Args:
        on_change: Called from any thread when the picture has changed.
        on_run: Called from any thread when a run has moved on.
    """

    def __init__(self, *, on_change: Callable[[], None], on_run: Callable[[RunTask], None]) -> None:
        self._on_run = on_run
        self._lock = threading.Lock()
        self._runs: dict[RunId, RunTask] = {}
        self._interrupter = Interrupter()
        self._comparisons: dict[int, ComparisonTask] = {}
        self.images = Images()
        self.registry = Registry(on_change)

    def close_connection(self, wanted: ConnectionId) -> Future[Closing]:
        """Close a connection, or give one of its checkouts back to its pool; what runs on it is cancelled."""
        connection = self.registry.known(wanted)
        for task in self._runs_of(connection):
            self._interrupter.cancel(task)
        return self.registry.close_one(wanted)

    def explained(self, string: str) -> Explained:
        """What a string would do, or what the copy of that name is.

        Raises:
            OpenError: It is nothing that can be opened.
        """
        origin = self.registry.copy_called(string)
        return explained_copy(origin) if origin is not None else explained(string)

    def open_copy(self, number: int, label: str, *, taken_at: float, replaces: ConnectionId | None) -> Future[Opened]:
        """Open an image that has come whole; the copy it replaces is closed when it is open.

        Raises:
            UsageError: No such image has come, or what it would replace is no copy.
            OpenError: By the future: SQLite finds no database in it.
        """
        image = self.images.take(number)
        old = next((c for c in [replaces] if c is not None and self.registry.has(c)), None)
        if old is not None and self.registry.known(old).origin.created_by is not CreatedBy.COPY:
            raise UsageError(f"{old} is no copy, so no copy can replace it.")
        opening = self.registry.open_copy(image, label, taken_at=taken_at)
        if old is None:
            return opening
        answer: Future[Opened] = Future()

        def opened(done: Future[Opened]) -> None:
            error = done.exception()
            if error is not None:
                answer.set_exception(error)
                return
            # It may have been closed meanwhile.
            with contextlib.suppress(UsageError):
                self.close_connection(old)
            answer.set_result(done.result())

        opening.add_done_callback(opened)
        return answer

    def compare(self, number: int, before: ConnectionId, after: ConnectionId) -> Future[Comparison]:
        """Find in what two databases differ, on copies of them made by their owners between statements.

        Raises:
            UsageError: A connection is not there, or both are one.
            QueryError: By the future: one cannot be copied, or the comparison was stopped.
        """
        first, second = self.registry.connection(before), self.registry.connection(after)
        if first is second:
            raise UsageError(f"{before} would be compared with itself.", hint="Choose two connections.")
        images = [known.owner.submit(functools.partial(image_of, known)) for known in (first, second)]
        task = ComparisonTask(before, after)
        with self._lock:
            self._comparisons[number] = task

        def work() -> Comparison:
            try:
                return task.run(images)
            finally:
                with self._lock:
                    del self._comparisons[number]

        return self.registry.beside(work)

    def stop_comparing(self, number: int) -> None:
        """Stop a comparison whose answer is no longer wanted."""
        with self._lock:
            task = self._comparisons.get(number)
        if task is not None:
            self._interrupter.cancel(task)

    def execute(
        self, run: RunId, wanted: ConnectionId, sql: str, *, place: Place, on_answer: Callable[[RunTask], None]
    ) -> None:
        """Run SQL on the connection's owner; `on_answer` is called once, with the first rows or at the end."""
        self._start(self._new_run(run, wanted, sql, place, on_answer), RunTask.execute)

    def transact(
        self, run: RunId, wanted: ConnectionId, action: str, *, on_answer: Callable[[RunTask], None]
    ) -> None:
        """COMMIT or ROLLBACK the way sqlite3 does it in the connection's mode."""
        if action not in {"COMMIT", "ROLLBACK"}:
            raise UsageError(f"{action!r} is neither COMMIT nor ROLLBACK.")
        task = self._new_run(run, wanted, action, Place(1, 1), on_answer)
        self._start(task, lambda started: started.commit_or_roll_back(action))

    def cancel(self, run: RunId) -> None:
        """Interrupt a run, again and again until its owner lets go."""
        with self._lock:
            task = self._runs.get(run)
        if task is not None:
            self._interrupter.cancel(task)
            self._on_run(task)

    def release(self, run: RunId) -> None:
        """Forget a run's rows; one that still runs is cancelled."""
        with self._lock:
            task = self._runs.pop(run, None)
        if task is not None and not task.is_over:
            self._interrupter.cancel(task)

    def window(
        self, run: RunId, result: int, *, first_row: int, row_count: int, first_column: int, column_count: int
    ) -> Window:
        """Rows of a result, as far as they are there.

        Raises:
            QueryError: The run was released, its result has no rows, or the rectangle begins before the first cell.
        """
        if first_row < 0 or first_column < 0:
            raise QueryError("Rows and columns are counted from 0.")
        rows = self._rows(run, result).window(
            first_row, row_count, first_column=first_column, column_count=column_count
        )
        return Window(run, result, first_row, first_column, rows)

    def first_window(self, task: RunTask) -> Window | None:
        """The first rows of the first result that has any columns."""
        if not task.rows:
            return None
        result, rows = next(iter(task.rows.items()))
        return Window(task.id, result, 0, 0, rows.window(0, _FIRST_WINDOW_ROWS, column_count=_FIRST_WINDOW_COLUMNS))

    def cell_part(self, run: RunId, result: int, *, row: int, column: int, offset: int, size: int) -> CellPart:
        """A piece of one value.

        Raises:
            QueryError: There is no such result, row or column.
        """
        return self._rows(run, result).part(row, column, offset=offset, size=size)

    def close(self) -> None:
        """Interrupt what runs, close every connection, end every thread; may be called twice."""
        with self._lock:
            tasks: list[Cancellable] = [*self._runs.values(), *self._comparisons.values()]
        for task in tasks:
            self._interrupter.cancel(task)
        self.registry.close()
        self._interrupter.close()

    def _new_run(
        self, run: RunId, wanted: ConnectionId, sql: str, place: Place, on_answer: Callable[[RunTask], None]
    ) -> RunTask:
        connection = self.registry.connection(wanted)
        task = RunTask(
            run,
            connection,
            sql,
            place=place,
            surroundings=self.registry,
            on_answer=lambda: on_answer(task),
            on_progress=lambda: self._on_run(task),
        )
        with self._lock:
            if run in self._runs:
                raise QueryError(f"Run {run} is known already.")
            self._runs[run] = task
        return task

    def _start(self, task: RunTask, work: Callable[[RunTask], None]) -> None:
        try:
            task.connection.owner.submit(lambda: work(task))
        except UsageError:
            with self._lock:
                self._runs.pop(task.id, None)
            raise

    def _rows(self, run: RunId, result: int) -> ResultRows:
        with self._lock:
            task = self._runs.get(run)
        rows = task.rows.get(result) if task is not None else None
        if rows is None:
            raise QueryError("These rows are no longer kept.", hint="Run the statement again.")
        return rows

    def _runs_of(self, connection: HostConnection) -> list[RunTask]:
        with self._lock:
            return [t for t in self._runs.values() if t.connection is connection and not t.is_over]
