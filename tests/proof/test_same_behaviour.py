"""A program behaves the same with the probe in it: same output, exit status, errors, files."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from polling_hub import PollingHub
from ways import Outcome, environment, run_headless, run_plain, run_polled

PROGRAMS = Path(__file__).with_name("programs")
NAMES = sorted(path.name for path in PROGRAMS.glob("*.py"))
PDB_SECONDS = 30.0


Told = tuple[int, str, str, tuple[tuple[str, str], ...]]


def _told(outcome: Outcome, folder: Path) -> Told:
    """What must be the same; where it ran, and where objects lie in memory, differs from start to start."""

    def steady(text: str) -> str:
        return re.sub(r"0x[0-9a-f]{4,}", "0x…", text.replace(str(folder), "…"))

    return outcome.status, steady(outcome.stdout), steady(outcome.stderr), outcome.files


def _assert_same(seen: Told, plain: Told) -> None:
    # Whole: what differs once in a thousand runs is not seen again.
    differing = [f"{one}\n  instead of\n{other}" for one, other in zip(seen, plain, strict=True) if one != other]
    assert seen == plain, "\n".join(differing)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Told]:
    """How a program goes by itself, tried once with each interpreter."""

    @functools.cache
    def run(name: str, python: str) -> Told:
        folder = tmp_path_factory.mktemp("plain") / "here"
        return _told(run_plain(python, [str(PROGRAMS / name)], folder), folder)

    return run


@pytest.mark.parametrize("name", NAMES)
def test_a_program_behaves_the_same_with_a_client_that_polls(
    name: str, python: str, plain: Callable[[str, str], Told], tmp_path: Path
) -> None:
    folder = tmp_path / "here"
    with PollingHub() as hub:
        polled = run_polled(hub, python, [str(PROGRAMS / name)], folder)
        hub.wait_for("every process hung up", hub.is_alone)
    _assert_same(_told(polled, folder), plain(name, python))
    assert hub.processes
    assert hub.errors == []
    assert hub.failures == []


@pytest.mark.parametrize("name", NAMES)
def test_a_program_behaves_the_same_under_run(
    name: str, python: str, plain: Callable[[str, str], Told], tmp_path: Path
) -> None:
    folder = tmp_path / "here"
    headless, report = run_headless(python, [str(PROGRAMS / name)], folder)
    _assert_same(_told(headless, folder), plain(name, python))
    assert report["processes"]


def test_a_program_can_be_answered_for_while_it_is_in_one_long_step(python: str, tmp_path: Path) -> None:
    with PollingHub() as hub:
        outcome = run_polled(hub, python, [str(PROGRAMS / "long_step.py")], tmp_path / "here")
        hub.wait_for("every process hung up", hub.is_alone)
    assert outcome.status == 0
    assert hub.polls > 10


def test_a_debugger_prompt_on_a_terminal_is_the_same(python: str, tmp_path: Path) -> None:
    program = tmp_path / "stops.py"
    program.write_text(
        "import sqlite3\nc = sqlite3.connect(':memory:')\nbreakpoint()\nx = c.execute('SELECT 41').fetchone()[0]\n"
        "print('ends with', x + 1)\n"
    )
    plain = _pdb_session(python, program, environment())
    with PollingHub() as hub:
        polled = _pdb_session(python, program, hub.environment(environment()))
        hub.wait_for("every process hung up", hub.is_alone)
    assert polled == plain
    assert "ends with 42" in plain[0]


def _pdb_session(python: str, program: Path, env: dict[str, str]) -> tuple[str, int | None]:
    child = pexpect.spawn(
        python, [str(program)], env={**env, "TERM": "dumb", "NO_COLOR": "1"}, encoding="utf-8", timeout=PDB_SECONDS
    )
    try:
        seen = ""
        for command in ("p 40 + 1", "n", "p x", "c"):
            child.expect_exact("(Pdb) ")
            seen += child.before + child.after
            child.sendline(command)
        child.expect(pexpect.EOF)
        child.close()
        return seen + child.before, child.exitstatus
    finally:
        child.close(force=True)
