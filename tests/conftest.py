"""What every test is held to: it leaves nothing behind."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_DEADLINE_SECONDS = 30.0
_AGAIN_SECONDS = 0.005
_ROUNDS_BEFORE_COLLECTING = 4
_OURS = ("memdb-tui", "memdb_tui", "file:", "etilqs_")
"""How a file begins that this program, or SQLite for it, would leave in a temporary folder."""
_KEPT = frozenset(
    {".pytest_cache", ".hypothesis", ".ruff_cache", ".mypy_cache", ".import_linter_cache", "__pycache__"}
)
"""What the test tools themselves keep in the folder they are started in."""


def _take_a_temporary_folder_of_ones_own() -> None:
    """Beside other workers of pytest-xdist, whose files would be taken for those of the tests here."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        folder = os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix=f"{worker}-")
        # Other users may pass, as through the folder it stands for.
        Path(folder).chmod(0o711)
        atexit.register(shutil.rmtree, folder, ignore_errors=True)


_take_a_temporary_folder_of_ones_own()
# How long an example takes, and how long it takes to make one, depends on what else the machine does.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
# A shell starts what it puts in the background without them, and that would be handed on to every program under test.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)


def _threads() -> frozenset[str]:
    # The event loop joins the threads of its own executor when it is closed, which may be after this.
    return frozenset(
        f"thread {thread.name} ({thread.ident})"
        for thread in threading.enumerate()
        if not thread.name.startswith("asyncio_")
    )


def _processes() -> frozenset[str]:
    found = set()
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            found.update(task.read_text().split())
        except OSError:
            # The thread has ended; its children are another's now.
            continue
    return frozenset(f"process {pid} ({_command(pid)})" for pid in found)


def _command(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()[:100]
    except OSError:
        return "gone"


def _descriptors() -> frozenset[str]:
    found = set()
    with os.scandir("/proc/self/fd") as entries:
        for entry in entries:
            try:
                target = os.readlink(entry.path)  # noqa: PTH115 - for each of many, for every test
            except OSError:
                # Closed meanwhile, by a thread.
                continue
            # The folder that is being read is open itself.
            if not target.endswith(f"/proc/{os.getpid()}/fd"):
                found.add(f"descriptor {entry.name} ({target})")
    return frozenset(found)


def _names(folder: str) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def _files(folder: str) -> Callable[[], frozenset[str]]:
    def look() -> frozenset[str]:
        here = {f"file {name} in {folder}" for name in _names(folder) if name not in _KEPT}
        temporary = tempfile.gettempdir()
        left = {f"file {name} in {temporary}" for name in _names(temporary) if name.startswith(_OURS)}
        return frozenset(here | left)

    return look


@pytest.fixture(autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    """Fail a test that leaves a thread, a child process, an open descriptor or a file behind."""
    looks = (_threads, _processes, _descriptors, _files(os.getcwd()))  # noqa: PTH109 - a name to compare, no path to use
    before = [look() for look in looks]
    yield
    deadline = time.monotonic() + _DEADLINE_SECONDS
    pause = threading.Event()
    rounds = 0
    while left := [found for look, known in zip(looks, before, strict=True) for found in sorted(look() - known)]:
        if time.monotonic() > deadline:
            pytest.fail(f"The test left behind: {'; '.join(left)}.", pytrace=False)
        # What only waits for the garbage collector, a socket in a cycle say, is not left behind. Collecting costs
        # more than waiting: it comes after a few rounds, then ever more seldom.
        rounds += 1
        if rounds >= _ROUNDS_BEFORE_COLLECTING and rounds & (rounds - 1) == 0:
            gc.collect()
        pause.wait(_AGAIN_SECONDS)
