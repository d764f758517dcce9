"""The terminal is lent to one UI at a time, and comes back as it was."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest
from program_session import Sessions
from pty_driver import DEADLINE_SECONDS, Terminal

from memdb_tui.doors.terminal import device_path

PROGRAM = str(Path(__file__).with_name("taking_program.py"))
UI = r"UI (\d+) is here"
WRAPPING_AND_CURSOR = frozenset({7, 25})
"""The private modes that are on in a terminal at rest."""

pytestmark = pytest.mark.terminal


def _start(sessions: Sessions, *arguments: str) -> Terminal:
    return sessions.start_command([sys.executable, PROGRAM, *arguments])


def _shell(sessions: Sessions) -> Terminal:
    shell = sessions.start_command(["bash", "--norc", "--noediting", "-i"])
    shell.wait_for(r"^\$$")
    return shell


def _quit_shell(shell: Terminal) -> None:
    shell.type("exit\r")
    shell.wait_end()


def _programs_of(terminal: Terminal) -> list[psutil.Process]:
    found = psutil.Process(terminal.pid).children()
    return [process for process in found if PROGRAM in process.cmdline()]


def test_the_ui_gets_the_keys_and_the_program_goes_on_when_it_quits(sessions: Sessions) -> None:
    terminal = _start(sessions)
    terminal.wait_for(UI)
    terminal.press("ctrl+c")
    terminal.wait_for(r"key b'\\x03'")
    terminal.press("q")
    terminal.wait_for("program: settings kept, in front: True")
    assert terminal.wait_end() == 0
    assert terminal.modes_on <= WRAPPING_AND_CURSOR
    assert terminal.kitty_depth == 0


def test_an_interrupt_before_the_ui_draws_reaches_the_ui_alone(sessions: Sessions) -> None:
    terminal = _start(sessions, "program", "1", "--early")
    terminal.wait_for("UI begins, token of 32")
    terminal.press("ctrl+c")
    terminal.wait_output("UI got SIGINT")
    terminal.wait_for(UI)
    terminal.press("q")
    terminal.wait_for("program goes on")
    assert "interrupted" not in terminal.output
    assert terminal.wait_end() == 0


def test_a_ui_that_is_killed_leaves_a_usable_terminal(sessions: Sessions) -> None:
    terminal = _start(sessions)
    terminal.wait_for(UI)
    terminal.press("k")
    terminal.wait_for("program: settings kept, in front: True")
    assert terminal.wait_end() == 0
    assert terminal.modes_on <= WRAPPING_AND_CURSOR
    assert terminal.kitty_depth == 0


def test_an_interrupt_of_the_program_ends_the_ui_and_passes_through(sessions: Sessions) -> None:
    terminal = _start(sessions)
    terminal.wait_for(UI)
    terminal.signal(signal.SIGINT)
    terminal.wait_for("program was interrupted")
    terminal.wait_for("program goes on")
    assert terminal.wait_end() == 0


def test_threads_take_turns(sessions: Sessions) -> None:
    terminal = _start(sessions, "program", "2")
    first = terminal.wait_for(UI)[1]
    terminal.press("q")
    terminal.wait_for(rf"UI (?!{first}\b)\d+ is here")
    terminal.press("q")
    terminal.wait_for("program goes on")
    assert terminal.output.count("takes the terminal") == 2
    assert terminal.output.count("settings kept, in front: True") == 2
    assert terminal.wait_end() == 0


def test_processes_take_turns(sessions: Sessions) -> None:
    python = f"'{sys.executable}' '{PROGRAM}'"
    terminal = sessions.start_command(["bash", "-c", f"{python} one & {python} two; wait"])
    first = terminal.wait_for(UI)[1]
    deadline = time.monotonic() + DEADLINE_SECONDS
    # The shell may not have come to its second command yet, nor that one to Python.
    while len(_programs_of(terminal)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    terminal.press("q")
    terminal.wait_for(rf"UI (?!{first}\b)\d+ is here")
    terminal.press("q")
    assert terminal.wait_end() == 0
    assert "one goes on" in terminal.output
    assert "two goes on" in terminal.output


@pytest.mark.parametrize("name", ["program", "late"])
def test_suspending_the_ui_suspends_the_job_and_fg_brings_both_back(sessions: Sessions, name: str) -> None:
    shell = _shell(sessions)
    shell.type(f"'{sys.executable}' '{PROGRAM}' {name}\r")
    ui = shell.wait_for(UI)[1]
    shell.press("ctrl+z")
    shell.wait_for(r"Stopped")
    assert psutil.Process(int(ui)).status() == psutil.STATUS_STOPPED
    shell.type("fg\r")
    shell.wait_for(rf"UI {ui} is here, drawn 2")
    shell.press("q")
    shell.wait_for(f"{name}: settings kept, in front: True")
    shell.wait_for(f"{name} goes on")
    _quit_shell(shell)


def test_bg_does_not_let_the_ui_into_the_shells_terminal(sessions: Sessions) -> None:
    shell = _shell(sessions)
    shell.type(f"'{sys.executable}' '{PROGRAM}'\r")
    ui = shell.wait_for(UI)[1]
    shell.press("ctrl+z")
    shell.wait_for(r"Stopped")
    shell.type("bg\r")
    shell.type("wait %1; echo 'tty'-input\r")
    shell.wait_for("tty-input")
    assert psutil.Process(int(ui)).status() == psutil.STATUS_STOPPED
    shell.type("fg\r")
    shell.wait_for(rf"UI {ui} is here, drawn 2")
    shell.press("q")
    shell.wait_for("program goes on")
    _quit_shell(shell)


def test_a_program_in_the_background_does_not_take_the_terminal(sessions: Sessions) -> None:
    shell = _shell(sessions)
    shell.type(f"'{sys.executable}' '{PROGRAM}' & wait\r")
    shell.wait_for("program: the program runs in the background of its terminal")
    shell.wait_for("program goes on")
    _quit_shell(shell)


@pytest.mark.parametrize(
    ("number", "path"),
    [
        (os.makedev(136, 0), "/dev/pts/0"),
        (os.makedev(136, 300), "/dev/pts/300"),
        (os.makedev(4, 1), "/dev/tty1"),
        (os.makedev(4, 65), "/dev/ttyS1"),
        (os.makedev(204, 64), "/dev/tty"),
        (0, "/dev/tty"),
    ],
)
def test_a_terminal_number_names_its_device(number: int, path: str) -> None:
    assert device_path(number) == path
