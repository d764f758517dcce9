"""`memdb_tui.inspect()`: the UI takes the terminal, the program waits and goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from program_session import Sessions
from pty_driver import Terminal

from memdb_tui.doors.inspecting import is_ours
from memdb_tui.doors.ui_process import ui_environment

PROGRAM = str(Path(__file__).with_name("inspected_program.py"))
WAITING = r"waiting in inspect\(\)"
COPY = r"┏━ 1 copy of p1\.c1"
"""A pane that has the focus: what is typed goes there."""
ALTERNATE_SCREEN = r"\x1b\[\?1049h"
"""What a UI writes first."""
WRAPPING_AND_CURSOR = frozenset({7, 25})
"""The private modes that are on in a terminal at rest."""


def _start(sessions: Sessions, *arguments: str, env: dict[str, str] | None = None) -> Terminal:
    return sessions.start_command([sys.executable, PROGRAM, *arguments], env=env)


def _quit(terminal: Terminal) -> None:
    terminal.press("ctrl+q")


@pytest.mark.terminal
@pytest.mark.parametrize("more", [(), ("unfinished",)], ids=["committed", "in the middle of a transaction"])
def test_the_program_waits_and_its_private_database_can_be_read(more: tuple[str, ...], sessions: Sessions) -> None:
    terminal = _start(sessions, "private", *more)
    terminal.wait_for(WAITING)
    terminal.wait_for(COPY)
    terminal.type("SELECT answer FROM secrets;")
    terminal.press("ctrl+j")
    terminal.wait_for(r"\b42\b")
    assert "after" not in terminal.output
    _quit(terminal)
    terminal.wait_output(r"after \[\(42,\)\]")
    terminal.wait_output("the end")
    assert terminal.wait_end() == 0
    assert terminal.modes_on <= WRAPPING_AND_CURSOR
    assert terminal.kitty_depth == 0


@pytest.mark.terminal
def test_it_has_the_terminal_though_the_programs_own_streams_are_pipes(sessions: Sessions) -> None:
    command = f"true | '{sys.executable}' '{PROGRAM}' private 2>errors.txt | cat"
    terminal = sessions.start_command(["bash", "-c", command])
    terminal.wait_for(COPY)
    terminal.type("SELECT answer FROM secrets;")
    terminal.press("ctrl+j")
    terminal.wait_for(r"\b42\b")
    _quit(terminal)
    terminal.wait_output("the end")
    assert terminal.wait_end() == 0
    assert (sessions.cwd / "errors.txt").read_text() == ""


@pytest.mark.terminal
def test_at_pythons_own_prompt_it_gives_the_prompt_back(sessions: Sessions) -> None:
    terminal = sessions.start_command([sys.executable, "-q", "-i", "-c", "import memdb_tui, sqlite3"])
    terminal.wait_for(">>>")
    terminal.type("kept = sqlite3.connect(':memory:')\rmemdb_tui.inspect()\r")
    terminal.wait_for(WAITING)
    _quit(terminal)
    # What is typed before the prompt is there may still be the UI's.
    terminal.wait_output(r"(?s)1049l.*>>> ")
    terminal.type("print('still', 'here')\r")
    terminal.wait_output("still here")
    terminal.type("exit()\r")
    assert terminal.wait_end() == 0


@pytest.mark.terminal
def test_breakpoint_opens_it(sessions: Sessions) -> None:
    terminal = _start(sessions, "breakpoint", env={"PYTHONBREAKPOINT": "memdb_tui.inspect"})
    terminal.wait_for(WAITING)
    _quit(terminal)
    terminal.wait_output("the end")
    assert terminal.wait_end() == 0


@pytest.mark.terminal
def test_interrupts_in_the_ui_do_not_reach_the_program(sessions: Sessions) -> None:
    terminal = _start(sessions)
    terminal.wait_for(WAITING)
    terminal.press("ctrl+c")
    terminal.wait_quiet(0.5)
    _quit(terminal)
    terminal.wait_output("the end")
    assert "interrupted" not in terminal.output
    assert terminal.wait_end() == 0


@pytest.mark.terminal
def test_an_interrupt_of_the_program_ends_the_ui_and_passes_through(sessions: Sessions) -> None:
    terminal = _start(sessions, "interrupt")
    terminal.wait_for(WAITING)
    os.kill(terminal.pid, signal.SIGINT)
    terminal.wait_output("interrupted")
    terminal.wait_output("1 threads")
    assert terminal.wait_end() == 0
    assert terminal.modes_on <= WRAPPING_AND_CURSOR


@pytest.mark.terminal
def test_a_coroutine_is_told_once_that_its_loop_stands_still(sessions: Sessions) -> None:
    terminal = _start(sessions, "coroutine")
    for count in (1, 2):
        terminal.wait_output(rf"(?s)(?:{ALTERNATE_SCREEN}.*?){{{count}}}{WAITING}")
        _quit(terminal)
        terminal.wait_output(rf"(?s)(after \[\(42,\)\].*){{{count}}}")
    terminal.wait_output("the end")
    assert terminal.wait_end() == 0
    assert terminal.output.count("its event loop stands still until the UI is quit") == 1


@pytest.mark.terminal
def test_threads_inspect_one_after_the_other(sessions: Sessions) -> None:
    terminal = _start(sessions, "threads")
    for count in (1, 2):
        terminal.wait_output(rf"(?s)(?:{ALTERNATE_SCREEN}.*?){{{count}}}{WAITING}")
        _quit(terminal)
        terminal.wait_output(rf"(?s)(after \[\(42,\)\].*){{{count}}}")
    terminal.wait_output("the end")
    assert terminal.wait_end() == 0


@pytest.mark.terminal
def test_without_textual_it_says_so_and_goes_on(sessions: Sessions, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "textual.py").write_text("raise ModuleNotFoundError(\"No module named 'textual'\", name='textual')\n")
    path = os.pathsep.join(filter(None, [str(blocked), os.environ.get("PYTHONPATH")]))
    terminal = _start(sessions, env={"PYTHONPATH": path})
    terminal.wait_output(r"memdb-tui: inspect\(\) needs textual for its UI")
    terminal.wait_output("the end")
    assert terminal.wait_end() == 0
    assert "Traceback" not in terminal.output


def test_without_a_terminal_it_says_how_to_attach_and_goes_on(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, PROGRAM], cwd=tmp_path, capture_output=True, text=True, start_new_session=True, check=False
    )
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["before", "after [(42,)]", "the end"]
    (sentence,) = done.stderr.splitlines()
    assert "there is no terminal here" in sentence
    assert "memdb_tui.listen()" in sentence
    assert "memdb-tui attach " in sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.terminal
def test_on_a_terminal_without_a_screen_it_says_so_and_goes_on(sessions: Sessions) -> None:
    terminal = _start(sessions, env={"TERM": "dumb"})
    terminal.wait_output("the terminal here has no screen")
    terminal.wait_output("the end")
    assert terminal.wait_end() == 0
    assert "\x1b" not in terminal.output


def test_the_ui_is_not_followed_and_gets_no_settings_that_were_for_the_program() -> None:
    environment = {
        "HOME": "/home/ann",
        "MEMDB_TUI_RUN": '{"folder": "/run/memdb/x"}',
        "PYTHONBREAKPOINT": "memdb_tui.inspect",
        "PYTHONPATH": "/run/memdb/x:/proj",
        "PYTHONWARNINGS": "error",
    }
    assert ui_environment(environment) == {"HOME": "/home/ann", "PYTHONPATH": "/proj"}
    assert ui_environment({"MEMDB_TUI_RUN": "{broken", "PYTHONPATH": "/proj"}) == {"PYTHONPATH": "/proj"}
    assert ui_environment({"MEMDB_TUI_RUN": '{"folder": "/x"}', "PYTHONPATH": "/x"}) == {}


def test_an_exception_of_a_signal_handler_is_told_from_ours() -> None:
    assert is_ours(_raised(lambda: ui_environment(None)))  # type: ignore[arg-type]  # to fail inside of it
    assert is_ours(_raised(lambda: subprocess.Popen(["/nonexistent"])))
    assert not is_ours(_raised(_handler))


def _handler() -> None:
    raise TimeoutError("of the program")


def _raised(call: object) -> BaseException:
    assert callable(call)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it raises is looked at
        call()
    return caught.value
