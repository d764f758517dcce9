"""coverage.py measures the program and its children under `run` as without: nothing of ours is among what it saw."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ways import RUN_SECONDS, environment, run_headless, run_plain

COVERAGE = "coverage==7.17.5"
SETTINGS = """
[run]
parallel = true
patch = subprocess
data_file = .coverage
"""
PROGRAM = """
import sqlite3
import subprocess
import sys

if len(sys.argv) > 1:
    sqlite3.connect("file:child?mode=memory&cache=shared", uri=True).close()
else:
    sqlite3.connect(":memory:").close()
    subprocess.run([sys.executable, __file__, "child"], check=True)
"""

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def measuring(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """The Python of an environment in which coverage is, and memdb-tui is not."""

    @functools.cache
    def make() -> str:
        folder = tmp_path_factory.mktemp("measuring") / "venv"
        python = str(folder / "bin" / "python")
        commands = ([sys.executable, "-m", "venv", str(folder)], [python, "-m", "pip", "install", "-q", COVERAGE])
        for command in commands:
            try:
                subprocess.run(
                    command, env=environment(), capture_output=True, text=True, timeout=RUN_SECONDS, check=True
                )
            except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
                last = str(error.stderr or error).strip().splitlines()[-1:]
                pytest.skip(f"no environment with {COVERAGE} can be made: {' '.join(last)}")
        return python

    return make


@pytest.mark.parametrize("core", ["ctrace", "pytrace"])
def test_what_coverage_measures_is_the_program_alone(measuring: Callable[[], str], tmp_path: Path, core: str) -> None:
    python = measuring()
    reports = {}
    for way in ("plain", "headless"):
        folder = tmp_path / way
        folder.mkdir()
        (folder / "app.py").write_text(PROGRAM)
        (folder / ".coveragerc").write_text(SETTINGS)
        words = ["-m", "coverage", "run", "app.py"]
        if way == "plain":
            outcome = run_plain(python, words, folder, COVERAGE_CORE=core)
        else:
            outcome, report = run_headless(python, words, folder, COVERAGE_CORE=core)
            # Coverage opens files of its own.
            assert _in_memory(report) == [":memory:", "file:child?mode=memory&cache=shared"]
        assert (outcome.status, outcome.stderr) == (0, "")
        for command in ("combine", "report"):
            reports[way, command] = run_plain(python, ["-m", "coverage", command], folder)
        assert "100%" in reports[way, "report"].stdout, reports[way, "report"].stdout

    assert reports["headless", "report"].stdout == reports["plain", "report"].stdout


def _in_memory(report: dict[str, object]) -> list[str]:
    processes = report["processes"]
    assert isinstance(processes, list)
    strings = [connection["string"] for process in processes for connection in process["connections"]]
    return sorted(string for string in strings if "memory" in string)
