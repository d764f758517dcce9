"""The tests of SQLAlchemy's SQLite dialect and of aiosqlite give the same verdicts with the probe in them."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest
from polling_hub import PollingHub
from ways import Outcome, environment, run_headless, run_plain, run_polled

DOWNLOAD_SECONDS = 180.0
_PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]

pytestmark = pytest.mark.heavy


@dataclass(frozen=True, slots=True)
class Suite:
    """A project's tests in its source distribution, and how it runs them."""

    requirement: str
    tests: tuple[str, ...]
    heavy_tests: tuple[str, ...]


SUITES = {
    "sqlalchemy": Suite(
        f"SQLAlchemy=={version('SQLAlchemy')}",
        ("test/dialect/sqlite",),
        (
            "test/dialect/sqlite",
            "test/dialect/test_suite.py",
            "test/engine/test_pool.py",
            "test/engine/test_execute.py",
        ),
    ),
    "aiosqlite": Suite("aiosqlite==0.22.1", ("aiosqlite/tests/smoke.py",), ("aiosqlite/tests/smoke.py",)),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Fetches a source distribution and unpacks it, once each."""
    fetched: dict[str, Path] = {}

    def fetch(name: str) -> Path:
        if name not in fetched:
            fetched[name] = _unpacked(SUITES[name].requirement, tmp_path_factory.mktemp(name))
        return fetched[name]

    return fetch


def _unpacked(requirement: str, folder: Path) -> Path:
    if importlib.util.find_spec("pip") is None:
        pytest.skip("no pip here to fetch a source distribution with")
    wanted = ["download", "--quiet", "--no-deps", "--no-binary", requirement.partition("==")[0], requirement]
    try:
        subprocess.run(
            [sys.executable, "-m", "pip", *wanted, "--dest", str(folder)],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=DOWNLOAD_SECONDS,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        last = str(error.stderr or error).strip().splitlines()[-1:]
        pytest.skip(f"the source distribution of {requirement} cannot be fetched: {' '.join(last)}")
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (root,) = (path for path in folder.iterdir() if path.is_dir())
    return root


def _verdicts(report: Path, outcome: Outcome) -> dict[str, str]:
    """Per test: passed, skipped, or failure or error with its message.

    Of several reasons to skip a test SQLAlchemy names any, as the order of a set has it.
    """
    assert report.exists(), outcome.stdout[-2000:] + outcome.stderr[-2000:]
    found = {}
    for case in ET.parse(report).getroot().iter("testcase"):
        marks = [
            child.tag if child.tag == "skipped" else f"{child.tag}: {child.get('message', '')}"
            for child in case
            if child.tag in {"failure", "error", "skipped"}
        ]
        found[f"{case.get('classname')}::{case.get('name')}"] = "; ".join(marks) or "passed"
    return found


@pytest.mark.parametrize("name", SUITES)
def test_the_verdicts_are_the_same(
    name: str,
    source: Callable[[str], Path],
    tmp_path: Path,
    is_heavy: bool,  # noqa: FBT001 - a fixture
    capsys: pytest.CaptureFixture[str],
) -> None:
    suite = SUITES[name]
    root = source(name)
    tests = suite.heavy_tests if is_heavy else suite.tests

    def words(way: str) -> list[str]:
        return [*_PYTEST, f"--junitxml={tmp_path / way}.xml", f"--basetemp={tmp_path / way}", *tests]

    plain = _verdicts(tmp_path / "plain.xml", run_plain(sys.executable, words("plain"), root))
    headless, report = run_headless(sys.executable, words("headless"), root)
    followed = _verdicts(tmp_path / "headless.xml", headless)
    with PollingHub(poll_seconds=0.005) as hub:
        polled = _verdicts(tmp_path / "polled.xml", run_polled(hub, sys.executable, words("polled"), root))
    with capsys.disabled():
        counts = Counter(verdict.partition(":")[0] for verdict in plain.values())
        print(f"\n  {suite.requirement}: {dict(counts)} in all three ways; {hub.polls} polls")
    assert sum(verdict == "passed" for verdict in plain.values()) > 20
    assert followed == plain
    assert polled == plain
    assert report["processes"]
    assert hub.polls > 20
    assert hub.errors == []
    assert hub.failures == []
