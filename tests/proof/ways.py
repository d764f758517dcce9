"""The ways a program is run in the proofs, and all that can be told from outside of how it went."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from polling_hub import PollingHub

RUN_SECONDS = 300.0
"""Far longer than anything here takes on a slow machine."""

_PROGRAM = str(Path(sys.executable).with_name("memdb-tui"))
_NOT_OF_THE_PROGRAM = ("MEMDB_TUI_", "PYTEST_", "COV_")


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that a program leaves for the world to see."""

    status: int
    stdout: str
    stderr: str
    files: tuple[tuple[str, str], ...]
    """Name and content of everything below its folder, its own __pycache__ left out."""


def pythons() -> dict[str, str]:
    """The interpreters the proofs are made with: this one, and a real Python 3.14 where there is one."""
    found = {"this": sys.executable}
    newest = os.environ.get("MEMDB_TUI_PYTHON314") or shutil.which("python3.14")
    if newest and sys.version_info < (3, 14):
        found["3.14"] = newest
    return found


def environment() -> dict[str, str]:
    """What a program is started with: ours without what belongs to the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OF_THE_PROGRAM)}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}


def run_plain(python: str, words: Sequence[str], folder: Path, **variables: str) -> Outcome:
    """The program by itself."""
    return _run([python, *words], folder, {**environment(), **variables})


def run_headless(
    python: str, words: Sequence[str], folder: Path, **variables: str
) -> tuple[Outcome, dict[str, object]]:
    """The program under `memdb-tui run --headless`, and the report."""
    report = folder.with_name(f"{folder.name}.report.json")
    command = [_PROGRAM, "run", "--headless", "--report", str(report), "--python", python]
    outcome = _run([*command, *words], folder, {**environment(), **variables})
    return outcome, json.loads(report.read_text("utf-8"))


def run_polled(hub: PollingHub, python: str, words: Sequence[str], folder: Path, **variables: str) -> Outcome:
    """The program with the probe in it and a client that never leaves it alone."""
    return _run([python, *words], folder, hub.environment({**environment(), **variables}))


def _run(command: Sequence[str], folder: Path, env: dict[str, str]) -> Outcome:
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        command,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr, files_below(folder))


def files_below(folder: Path) -> tuple[tuple[str, str], ...]:
    """Every file, with what is in it."""
    return tuple(
        (str(path.relative_to(folder)), path.read_bytes().hex() if path.is_file() else "")
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts
    )
