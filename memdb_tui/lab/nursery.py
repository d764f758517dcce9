"""A helper process that has imported what recipes import, and forks a process for each of them.

Importing SQLAlchemy takes longer than most recipes; here it is done once for an interpreter, while every recipe still
runs in a process of its own. The helper has one thread and runs no recipe itself. It reads a request, one line of
JSON, from standard input and answers on standard output with one line for each job, when the job is done. When
standard input ends, whoever asked is gone: it stops what runs and ends.
"""

from __future__ import annotations

import faulthandler
import json
import os
import selectors
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from memdb_tui.lab import child
from memdb_tui.lab.order import Order
from memdb_tui.lab.recipe import SQLALCHEMY

OUTPUT_BYTES = 16 * 1024
"""How much of what a recipe printed is reported, counted from the end."""


@dataclass(frozen=True, slots=True)
class Job:
    """An order that runs.

    Attributes:
        id: The order's id.
        room: Its folder: `work` is the one the code works in, beside it lie what it printed and what was observed.
        pid: Its process, the leader of a process group of its own.
        begun: When it began, on the monotonic clock.
    """

    id: str
    room: tempfile.TemporaryDirectory[str]
    pid: int
    begun: float


class Nursery:
    """Runs jobs, several at once.

    Args:
        at_once: How many may run at the same time.
        deadline_seconds: How long each may take.
    """

    def __init__(self, at_once: int, deadline_seconds: float) -> None:
        self._at_once = at_once
        self._deadline_seconds = deadline_seconds
        self._running: dict[int, Job] = {}
        self._bell, self._ringer = socket.socketpair()
        for end in (self._bell, self._ringer):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._ringer.fileno())
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._selector.register(sys.stdin, selectors.EVENT_READ)

    def run(self, orders: Sequence[Order]) -> Iterator[dict[str, object]]:
        """Run orders and yield an answer for each as it ends."""
        waiting = list(reversed(orders))
        try:
            while waiting or self._running:
                while waiting and len(self._running) < self._at_once:
                    job = _begin(waiting.pop())
                    self._running[job.pid] = job
                yield from self._ended()
        finally:
            for job in self._running.values():
                _kill(job.pid)
                os.waitpid(job.pid, 0)
                job.room.cleanup()

    def _ended(self) -> Iterator[dict[str, object]]:
        """Wait until something happens, and yield the answers of what has ended."""
        now = time.monotonic()
        first_deadline = min(job.begun for job in self._running.values()) + self._deadline_seconds
        for key, _ in self._selector.select(max(0.0, first_deadline - now)):
            if key.fileobj is sys.stdin:
                # Nothing follows the request: this is its end.
                raise SystemExit
            self._bell.recv(4096)
        for job in list(self._running.values()):
            pid, status = os.waitpid(job.pid, os.WNOHANG)
            stopped = not pid and time.monotonic() - job.begun >= self._deadline_seconds
            if stopped:
                _kill(job.pid)
                pid, status = os.waitpid(job.pid, 0)
            if pid:
                del self._running[pid]
                # What the recipe itself has started ends with it.
                _kill(pid)
                yield _answer(job, status, stopped=stopped)


def _begin(order: Order) -> Job:
    room = tempfile.TemporaryDirectory(prefix="memdb-tui-lab-", ignore_cleanup_errors=True)
    for name in ("work", "temporary"):
        (Path(room.name) / name).mkdir()
    begun = time.monotonic()
    pid = os.fork()
    if pid == 0:
        _live(order, Path(room.name))
    # Both sides say so: whichever comes first, the group is there when it is to be stopped.
    with suppress(OSError):
        os.setpgid(pid, pid)
    return Job(order.id, room, pid, begun)


def _live(order: Order, room: Path) -> NoReturn:
    """The forked process: run the code, leave the result in the room, end without any clean-up of the parent's."""
    status = 1
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _redirect(room / "output")
        for variable in ("TMPDIR", "SQLITE_TMPDIR"):
            os.environ[variable] = str(room / "temporary")
        tempfile.tempdir = None
        os.chdir(room / "work")
        faulthandler.enable()
        lacking = child.missing(order.needs)
        seen = {"missing": lacking} if lacking else child.observe(order.code.compiled(), order.needs)
        child.write(seen, room / "result.json")
        status = 0
    except BaseException:  # noqa: BLE001 - nothing may go up into the parent's frames
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def _redirect(output: Path) -> None:
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.close(nothing)
    os.close(written)


def _kill(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _answer(job: Job, status: int, *, stopped: bool) -> dict[str, object]:
    seconds = time.monotonic() - job.begun
    room = Path(job.room.name)
    observed: dict[str, object] | None = None
    with suppress(FileNotFoundError):
        observed = json.loads((room / "result.json").read_text(encoding="utf-8"))
    output = ""
    with suppress(FileNotFoundError):
        output = (room / "output").read_bytes()[-OUTPUT_BYTES:].decode(errors="replace")
    work = os.path.realpath(room / "work")
    job.room.cleanup()
    return {
        "id": job.id,
        "seconds": round(seconds, 3),
        "stopped": stopped,
        "signal": signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else None,
        "exit": os.waitstatus_to_exitcode(status),
        "observed": observed,
        "output": output.replace(work, child.FOLDER),
    }


def main() -> None:
    """Serve one request: `orders`, `at_once`, `deadline_seconds`."""
    request = json.loads(sys.stdin.readline())
    orders = [Order.from_json(form) for form in request["orders"]]
    if any(SQLALCHEMY in order.needs for order in orders):
        with suppress(ImportError):
            import sqlalchemy.dialects.sqlite.pysqlite  # noqa: F401, PLC0415  # so that no recipe has to
    for answer in Nursery(request["at_once"], request["deadline_seconds"]).run(orders):
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
