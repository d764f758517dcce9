"""`--memdb-inspect`: a failing test opens the UI on its process, databases still alive."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "terminal"))

from program_session import Sessions
from pty_driver import Terminal

pytest_plugins = ["pytester"]

WAITING = r"waiting in inspect\(\)"
CALL = """
import sqlite3
import pytest

@pytest.fixture
def database():
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE secrets (answer)")
    yield connection
    connection.close()

def test_one(database):
    print("captured words")
    local = sqlite3.connect("file:ledger?mode=memory&cache=shared", uri=True)
    local.execute("CREATE TABLE bookings (amount)")
    try:
        assert 1 == 2
    finally:
        pass

def test_two():
    pass
"""
UNCOMMITTED = """import sqlite3
def test_one():
    basket = sqlite3.connect(":memory:")
    basket.execute("CREATE TABLE basket (item)")
    basket.execute("INSERT INTO basket VALUES (?)", ("straw" + "berries",))
    assert basket.execute("SELECT count(*) FROM basket").fetchone() == (2,)
"""
SETUP = CALL.replace("    yield connection", "    raise ValueError")
UNITTEST = """
import sqlite3
import unittest

class TestLedger(unittest.TestCase):
    def setUp(self):
        self.database = sqlite3.connect(":memory:")
        self.database.execute("CREATE TABLE secrets (answer)")

    def tearDown(self):
        self.database.close()

    def test_one(self):
        self.assertEqual(1, 2)
"""


@pytest.fixture
def terminals(tmp_path: Path) -> Sessions:
    return Sessions(tmp_path)


def _pytest(sessions: Sessions, source: str, *arguments: str) -> Terminal:
    (sessions.cwd / "test_it.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--memdb-inspect", *arguments]
    # Colours would stand between the words; plugins may be found by PYTHONPATH.
    return sessions.start_command(command, env={"NO_COLOR": "1", "PYTHONPATH": os.environ.get("PYTHONPATH", "")})


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("source", "failing", "end"),
    [
        (CALL, "assert 1 == 2", "1 failed, 1 passed"),
        (SETUP, "raise ValueError", "1 passed, 1 error"),
        (UNITTEST, "self.assertEqual(1, 2)", "1 failed"),
    ],
    ids=["call", "setup", "unittest"],
)
def test_a_failing_test_opens_the_ui_with_its_databases(
    terminals: Sessions, source: str, failing: str, end: str
) -> None:
    terminal = _pytest(terminals, source)
    line = 1 + next(number for number, text in enumerate(source.splitlines()) if failing in text)
    try:
        terminal.wait_for(rf"{WAITING} at test_it\.py:{line}\b")
        terminal.wait_for(r"The test test_it\.py::\S+ has")
        terminal.press("ctrl+q")
        terminal.wait_output(end)
        assert terminal.wait_end() == 1
        assert terminal.output.count("memdb-tui opens, quit it to go on") == 1
    finally:
        terminals.close()


@pytest.mark.terminal
def test_what_a_failing_test_has_not_committed_is_seen_with_the_line_that_opened_it(terminals: Sessions) -> None:
    terminal = _pytest(terminals, UNCOMMITTED)
    try:
        terminal.wait_for(WAITING)
        terminal.wait_for(r"test_it\.py:3")
        # A pane that has the focus: what is typed goes there.
        terminal.wait_for(r"┏━ 1 copy of :memory:")
        terminal.type("SELECT item FROM basket")
        terminal.wait_for("SELECT item FROM basket")
        terminal.press("ctrl+j")
        terminal.wait_for(r"\bstrawberries\b")
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 1
    finally:
        terminals.close()


@pytest.mark.terminal
def test_skips_and_expected_failures_open_nothing(terminals: Sessions) -> None:
    source = (
        "import pytest, unittest\n"
        "def test_skip(): pytest.skip()\n"
        "@pytest.mark.xfail\ndef test_xfail(): assert False\n"
        "class TestCase(unittest.TestCase):\n"
        "    def test_skip(self): self.skipTest('')\n"
        "    @unittest.expectedFailure\n    def test_expected(self): self.fail()\n"
    )
    terminal = _pytest(terminals, source)
    try:
        terminal.wait_output("2 skipped, 2 xfailed")
        assert terminal.wait_end() == 0
        assert "memdb-tui opens" not in terminal.output
    finally:
        terminals.close()


def test_without_a_terminal_the_run_goes_on_and_says_how_to_attach(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(CALL)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--memdb-inspect"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    assert "1 failed, 1 passed" in done.stdout
    assert "there is no terminal here" in done.stderr
    assert "captured words" in done.stdout


@pytest.mark.skipif(importlib.util.find_spec("xdist") is None, reason="pytest-xdist is not installed")
def test_workers_of_xdist_are_refused_with_a_hint(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_one(): pass")
    result = pytester.runpytest_subprocess("--memdb-inspect", "-n2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--memdb-inspect needs the terminal*run without -n*"])
    pytester.runpytest_subprocess("--memdb-inspect", "-n0").assert_outcomes(passed=1)
