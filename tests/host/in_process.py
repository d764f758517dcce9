"""A session of the host in the test's own process, and ways to wait for it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

from memdb_tui.host.reports import Place
from memdb_tui.host.runs import RunTask
from memdb_tui.host.session import Session
from memdb_tui.model import Cache, Closing, Connection, ConnectionId, CreatedBy, Opened, Result, Run, RunId, Snapshot

SECONDS = 30.0
"""A deadline for what takes milliseconds: no test depends on speed."""
SHARED = "file:{}?mode=memory&cache=shared"
URL = "sqlite:///file:{}?mode=memory&cache=shared&uri=true"


class InProcess:
    """The host's session with nothing between it and the test."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._answers: dict[RunId, Run] = {}
        self._numbers = itertools.count(1)
        self.seen: list[Run] = []
        self.session = Session(on_change=self._notify, on_run=self._moved)

    def _notify(self) -> None:
        with self._news:
            self._news.notify_all()

    def _moved(self, task: RunTask) -> None:
        with self._news:
            self.seen.append(task.view())
            self._news.notify_all()

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        with self._news:
            assert self._news.wait_for(condition, SECONDS), f"{what} did not come"

    def ask(self, string: str, *, allow_file: bool = False) -> Opened:
        return self.session.registry.open(string, allow_file=allow_file).result(SECONDS)

    def open(self, string: str, *, allow_file: bool = False) -> ConnectionId:
        connection = self.ask(string, allow_file=allow_file).connection
        assert connection is not None
        return connection

    def another(self, like: ConnectionId, way: CreatedBy) -> ConnectionId:
        connection = self.session.registry.open_another(like, way).result(SECONDS).connection
        assert connection is not None
        return connection

    def close_connection(self, connection: ConnectionId) -> Closing:
        return self.session.close_connection(connection).result(SECONDS)

    def start(self, connection: ConnectionId, sql: str, *, line: int = 1, column: int = 1) -> RunId:
        run = RunId(next(self._numbers))
        self.session.execute(run, connection, sql, place=Place(line, column), on_answer=self._answered)
        return run

    def _answered(self, task: RunTask) -> None:
        with self._news:
            self._answers[task.id] = task.view()
            self._news.notify_all()

    def answer(self, run: RunId) -> Run:
        self.wait_until(lambda: run in self._answers, f"the answer of run {run}")
        return self._answers[run]

    def finished(self, run: RunId) -> Run:
        self.wait_until(lambda: any(r.id == run and r.state.is_over for r in self.seen), f"the end of run {run}")
        return next(r for r in reversed(self.seen) if r.id == run and r.state.is_over)

    def run(self, connection: ConnectionId, sql: str, *, line: int = 1, column: int = 1) -> Run:
        return self.finished(self.start(connection, sql, line=line, column=column))

    def do(self, connection: ConnectionId, sql: str) -> Run:
        """Run SQL that must not fail."""
        run = self.run(connection, sql)
        assert run.failure is None, run.failure
        return run

    def transact(self, connection: ConnectionId, action: str) -> Run:
        run = RunId(next(self._numbers))
        self.session.transact(run, connection, action, on_answer=self._answered)
        return self.finished(run)

    def texts(self, run: Run, result: int = 1) -> list[tuple[str, ...]]:
        """All rows of a result, as the texts of their cells."""
        rows: list[tuple[str, ...]] = []
        while True:
            window = self.session.window(
                run.id, result, first_row=len(rows), row_count=1000, first_column=0, column_count=100
            )
            if not window.rows:
                return rows
            rows += [tuple(cell.text for cell in row) for row in window.rows]

    def settle(self) -> None:
        """Wait until every owner has done what it was given, and what that gave to others."""
        for _ in range(3):
            for connection in self.session.registry._directory.all().values():
                connection.owner.submit(lambda: None).result(SECONDS)

    def picture(self) -> Snapshot:
        self.settle()
        return self.session.registry.snapshot()

    def connection(self, wanted: ConnectionId) -> Connection:
        found = self.picture().connection(wanted)
        assert found is not None
        return found

    def cache_of(self, wanted: ConnectionId, schema: str = "main") -> Cache:
        picture = self.picture()
        connection = picture.connection(wanted)
        assert connection is not None
        cache = picture.cache(next(s.cache for s in connection.schemas if s.name == schema))
        assert cache is not None
        return cache


def only(results: tuple[Result, ...]) -> Result:
    (result,) = results
    return result
