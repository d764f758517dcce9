"""`--memdb-no-stray`: a test fails that leaves a file where its connection string says memory."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass

import pytest

from memdb_tui.model import Connection, FileTouch
from memdb_tui.programs.grouping import Letters
from memdb_tui.programs.places import spelled
from memdb_tui.pytesting.on_disk import files_on_disk
from memdb_tui.pytesting.recording import picture_now, start_recording, told_now

SECTION = "memdb-tui: stray files"
_FAILURE = "memdb-tui: the test "
_FAILURES = "memdb-tui-failures"


@dataclass(frozen=True, slots=True)
class LeftStray:
    """A file that a test has left, and who made it."""

    paths: tuple[str, ...]
    """The main file first, if it is there, then its journal, WAL and shm."""
    string: str
    opened_at: str
    """`test_app.py:12 in test_users`; empty where that is not known."""
    why: str
    suggestion: str
    """The string that would have been right; empty where there is none to give."""
    history: str
    """Since when it is there, a sentence; empty where this test made it."""
    is_older: bool
    """It is known to have been there before the test opened it."""

    def __str__(self) -> str:
        """Lines for a section of the test's report."""
        lines = [self.paths[0], *(f"  with     {path}" for path in self.paths[1:])]
        lines += [f"  string   {self.string}", f"  opened   {self.opened_at or 'not known where'}"]
        lines += [f"  why      {self.why}"]
        lines += [f"  instead  {self.suggestion}"] if self.suggestion else []
        lines += [f"  since    {self.history}"] if self.history else []
        return "\n".join(lines)


def add_stray_check(config: pytest.Config) -> None:
    """Check for strays after every test from now on."""
    start_recording()
    config.pluginmanager.register(_NoStray(is_worker=hasattr(config, "workerinput")), "memdb-tui-no-stray")


class _NoStray:
    """Judges each connection once, after the test in which it was opened.

    Args:
        is_worker: These tests are a part of a session of xdist.
    """

    def __init__(self, *, is_worker: bool) -> None:
        self._is_worker = is_worker
        self._failures: dict[str, str] = {}
        """What went wrong here, by when it did: in the check after a test, say. None of it ends the session."""
        self._judged: set[str] = set()
        self._opened_before_tests: frozenset[str] = frozenset()
        self._makers: dict[str, str] = {}
        """Which test is known to have left a stray, by the path."""

    def pytest_collection_finish(self) -> None:
        """What is open now was opened by no test, but while they were imported."""
        try:
            _, state = told_now()
        except Exception as error:  # noqa: BLE001 - the edge to a session that is not ours
            self._failures["the collection"] = _spelled(error)
            return
        self._opened_before_tests = frozenset(connection.id for connection in state.connections)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Fail the test in its last phase, when its fixtures have had the time to clean up."""
        report = yield
        if call.when == "teardown" and (strays := self._checked(item.nodeid)):
            report.sections.append((SECTION, "\n".join(map(str, strays))))
            if report.passed:
                report.outcome = "failed"
                report.longrepr = f"{_FAILURE}{_what_it_did(strays)}, though its connection string says memory."
        return report

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """A failure of the test, where pytest would count an error of its fixtures."""
        is_ours = isinstance(report.longrepr, str) and report.longrepr.startswith(_FAILURE)
        return ("failed", "F", "FAILED") if is_ours else None

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what went wrong here."""
        if self._failures:
            terminalreporter.write_line(_what_failed(self._failures), yellow=True)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """In a worker of xdist: hand on what went wrong to where there is a terminal."""
        if self._is_worker:
            session.config.workeroutput[_FAILURES] = self._failures  # type: ignore[attr-defined]  # xdist puts it there

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Where there is a terminal: take what went wrong in a worker of xdist."""
        self._failures |= getattr(node, "workeroutput", {}).get(_FAILURES, {})

    def _checked(self, test: str) -> list[LeftStray]:
        try:
            return self._left_by(test)
        except Exception as error:  # noqa: BLE001 - the edge to a session that is not ours
            self._failures[test] = _spelled(error)
            return []

    def _left_by(self, test: str) -> list[LeftStray]:
        told, state = told_now(without=self._judged)
        new = state.connections
        self._judged.update(connection.id for connection in new)
        if not new:
            return []
        picture = picture_now(told, state, letters=Letters(""))
        existed = {connection.id: connection.existed for connection in new}
        connections = {connection.id: connection for connection in picture.connections}
        found: dict[str, LeftStray] = {}
        for touch in picture.touches:
            left = files_on_disk(touch.path) if touch.meant_as_memory else ()
            if left and touch.path not in found:
                own_id = touch.connection.rpartition(".")[2]
                found[touch.path] = LeftStray(
                    paths=tuple(path for path, _ in left),
                    string=touch.string,
                    opened_at=_opened_at(connections.get(touch.connection)),
                    why=touch.explanation,
                    suggestion=touch.suggestion,
                    history=self._history(touch, own_id, existed=existed.get(own_id)),
                    is_older=bool(existed.get(own_id)),
                )
        for path in found:
            self._makers.setdefault(path, test)
        return list(found.values())

    def _history(self, touch: FileTouch, connection: str, *, existed: bool | None) -> str:
        if existed is False:
            is_early = connection in self._opened_before_tests
            return "it was made before the first test, while tests were collected" if is_early else ""
        maker = self._makers.get(touch.path)
        if maker is not None:
            return f"it was left in this session by {maker}"
        if existed is None:
            return "whether it was there before is not known"
        if self._is_worker:
            return "it was there when this worker of xdist opened it for the first time"
        return "it was there before this session"


def _what_failed(failures: Mapping[str, str]) -> str:
    """A line for the summary; there may be thousands of failures, for one reason mostly."""
    when, error = next(iter(failures.items()))
    others = f" (and {len(failures) - 1:,} more)" if len(failures) > 1 else ""
    return f"memdb-tui could not look for stray files after {when}{others}: {error}"


def _spelled(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _what_it_did(strays: list[LeftStray]) -> str:
    """What the test left, and what it used that was there already, after "the test"."""
    left = ", ".join(stray.paths[0] for stray in strays if not stray.is_older)
    used = ", ".join(stray.paths[0] for stray in strays if stray.is_older)
    return " and ".join(f"{verb} {paths}" for verb, paths in (("left", left), ("used", used)) if paths)


def _opened_at(connection: Connection | None) -> str:
    origin = None if connection is None else connection.origin
    return "" if origin is None or origin.opener is None else spelled(origin.opener)
