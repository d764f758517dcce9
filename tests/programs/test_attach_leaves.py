"""What `memdb-tui attach` leaves of itself in a program: nothing in one that nobody had prepared."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pexpect
from real_314 import PYTHON_314, needs_314
from user_shell import PROGRAM, SAMPLES, Shell

SECONDS = 60.0
REPORTS = """
import ctypes, os, select, sqlite3, sys, time
kept = sqlite3.connect("file:seen?mode=memory&cache=shared", uri=True)
def threads():
    return len(os.listdir("/proc/self/task"))
print("ready", flush=True)
while True:
    if not select.select([sys.stdin], [], [], 0.01)[0]:
        continue
    if not sys.stdin.readline():
        break
    until = time.monotonic() + 30
    while threads() > 1 and time.monotonic() < until:
        time.sleep(0.01)
    print(threads(), sorted(os.listdir("/proc/self/fd"), key=int), type(sqlite3.connect).__name__, flush=True)
"""
"""Prints how it stands at every line that it is given."""


def report(running: subprocess.Popen[str]) -> str:
    """What the program says of itself."""
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write("\n")
    running.stdin.flush()
    return running.stdout.readline()


def attach(shell: Shell, running: subprocess.Popen[str]) -> pexpect.spawn[str]:
    """The screen on a program, when it shows a connection of it."""
    terminal = pexpect.spawn(
        PROGRAM,
        ["attach", str(running.pid)],
        cwd=str(shell.folder),
        env={**shell.env, "TERM": "xterm-256color"},
        encoding="utf-8",
        timeout=SECONDS,
        dimensions=(36, 120),
    )
    terminal.expect_exact("p1.c1")
    return terminal


def quit_(terminal: pexpect.spawn[str]) -> str:
    """What stands on the terminal when the screen has been left."""
    terminal.sendcontrol("q")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    return str(terminal.before).rpartition("\x1b[?1049l")[2]


@needs_314
def test_quitting_leaves_a_program_as_it_was_and_says_what_stays(shell: Shell) -> None:
    running = shell.start(PYTHON_314, "-c", REPORTS)
    before = report(running)

    said = quit_(attach(shell, running))

    assert f"left process {running.pid}. An audit hook cannot be removed" in " ".join(said.split())
    assert report(running) == before
    assert before.startswith("1 [")


@needs_314
def test_a_killed_screen_leaves_a_program_as_it_was(shell: Shell) -> None:
    running = shell.start(PYTHON_314, "-c", REPORTS)
    before = report(running)
    terminal = attach(shell, running)

    os.kill(terminal.pid, signal.SIGKILL)

    terminal.expect(pexpect.EOF)
    terminal.close()
    assert report(running) == before


@needs_314
def test_a_second_look_is_not_disturbed_by_the_end_of_the_first(shell: Shell) -> None:
    running = shell.start(PYTHON_314, "-c", REPORTS)
    before = report(running)
    terminal = attach(shell, running)

    done = shell.memdb("dump", str(running.pid))

    assert "p1.c1" in done.stdout
    assert done.stderr == ""
    quit_(terminal)
    assert report(running) == before
    done = shell.memdb("dump", str(running.pid))
    assert "An audit hook cannot be removed" in done.stderr
    assert report(running) == before


def test_a_program_that_listens_stays_reachable_and_nothing_is_said(shell: Shell) -> None:
    running = shell.start(sys.executable, str(SAMPLES / "listening.py"))
    tasks = Path(f"/proc/{running.pid}/task")
    before = len(list(tasks.iterdir()))

    said = quit_(attach(shell, running))

    assert "memdb-tui" not in said
    until = time.monotonic() + SECONDS
    # The thread that answered last may be about to end.
    while len(list(tasks.iterdir())) != before:
        assert time.monotonic() < until, "A thread is left."
        time.sleep(0.01)
    assert shell.dumped("shop")["pid"] == running.pid
