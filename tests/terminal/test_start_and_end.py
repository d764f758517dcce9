"""Starting, quitting, being ended: the terminal is given back, and nothing stays behind."""

from __future__ import annotations

import contextlib
import re
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil
import pytest
from program_session import PROGRAM, READY, Sessions
from pty_driver import ALTERNATE_SCREEN, Terminal, wait_until, wait_until_ended

pytestmark = pytest.mark.terminal

CURSOR = 25
MOUSE = frozenset({1000, 1002, 1003, 1006, 1015})
PASTE_AND_FOCUS = frozenset({2004, 1004})
WAITS = re.compile(r"^voluntary_ctxt_switches:\t(\d+)$", re.MULTILINE)
TO_ALTERNATE_SCREEN = f"\x1b[?{ALTERNATE_SCREEN}h"
QUIET_SECONDS = 0.5
IDLE_SECONDS = 2.0
FEW_WAKINGS = 4
"""A thread that looks ten times a second wakes twenty times in them."""
IDLE_DEADLINE_SECONDS = 60.0
IN_A_SHELL = f'stty -g; "{PROGRAM}" "$@"; echo "exit $?"; stty -g'
"""Terminal settings before and after, as the program's user would have them."""
TO_BE_KILLED = f'stty -g; "{PROGRAM}" "$@"; echo "exit $?"; read line; stty -g'
"""As `IN_A_SHELL`, with time for what happens after the program."""


def assert_restored(terminal: Terminal) -> None:
    """The terminal is as a shell wants it."""
    assert ALTERNATE_SCREEN in terminal.modes_touched
    assert not terminal.modes_on & (MOUSE | PASTE_AND_FOCUS | {ALTERNATE_SCREEN})
    assert CURSOR in terminal.modes_on
    assert terminal.kitty_depth == 0


def started(sessions: Sessions) -> Terminal:
    terminal = sessions.start()
    terminal.wait_for(READY)
    return terminal


def in_a_shell(sessions: Sessions) -> tuple[Terminal, psutil.Process]:
    """The program as a shell's child, and its process."""
    shell = sessions.start_command(["sh", "-c", IN_A_SHELL, "sh"])
    shell.wait_for(READY)
    (program,) = psutil.Process(shell.pid).children()
    return shell, program


def tty_settings(terminal: Terminal) -> list[str]:
    """What `stty -g` printed, in order."""
    return [line for line in terminal.output.splitlines() if line.count(":") > 20 and "\x1b" not in line]


def test_two_databases_are_there_at_the_start(sessions: Sessions) -> None:
    terminal = started(sessions)

    terminal.wait_for(r"1 db1 .*in memory, shared.*2 db2 .*in memory, shared")
    terminal.wait_for(r"0 stray")
    assert "~/proj" in terminal.text


def test_quitting_gives_the_terminal_back(sessions: Sessions) -> None:
    shell, _program = in_a_shell(sessions)

    shell.press("ctrl+q")

    assert shell.wait_end() == 0
    assert "exit 0" in shell.output
    assert_restored(shell)
    before, after = tty_settings(shell)
    assert before == after
    assert sessions.processes() == []


def test_what_is_typed_before_it_is_there_is_not_lost(sessions: Sessions) -> None:
    shell = sessions.start_command(["sh", "-c", IN_A_SHELL, "sh"])
    # The terminal keeps it until somebody reads single keys.
    shell.send(b"\x0f")

    shell.wait_for("Open a database")
    shell.press("escape")
    shell.wait_gone("Open a database")
    shell.press("ctrl+q")

    assert shell.wait_end() == 0
    assert "exit 0" in shell.output


@pytest.mark.parametrize("how", ["^Q", "SIGTERM"])
def test_it_can_be_left_as_soon_as_it_has_the_terminal(sessions: Sessions, how: str) -> None:
    shell = sessions.start_command(["sh", "-c", IN_A_SHELL, "sh"])
    shell.wait_output(r"\x1b\[\?1049h")
    if how == "^Q":
        shell.send(b"\x11")
    else:
        (program,) = psutil.Process(shell.pid).children()
        program.send_signal(signal.SIGTERM)

    shell.wait_end()
    # A signal that comes before it minds them is any program's end.
    assert ("exit 0" if how == "^Q" else "exit 143") in shell.output
    assert "Traceback" not in shell.output
    wait_until_ended(sessions.processes())


def test_left_before_its_host_has_answered_it_complains_of_nothing(sessions: Sessions) -> None:
    terminal = sessions.start()
    program = psutil.Process(terminal.pid)

    def is_host(process: psutil.Process) -> bool:
        # Not before it is one: until then whoever starts it waits for it.
        with contextlib.suppress(psutil.Error):
            return any("memdb_tui.host" in word for word in process.cmdline())
        return False

    wait_until(lambda: any(is_host(process) for process in program.children()))
    sessions.host_of(terminal).suspend()
    terminal.wait_for("memdb-tui")

    terminal.press("ctrl+q")

    assert terminal.wait_end() == 0
    assert "Traceback" not in terminal.output
    assert "exception" not in terminal.output
    assert_restored(terminal)


PATIENT = """
import sys
from memdb_tui.cli import main
from memdb_tui.ui.flows import door
door._END_SECONDS = 60.0
sys.argv = ["memdb-tui", "run", "slow.py"]
main()
"""
"""Waits longer than it does for a program that it has told to end."""
SLOW_TO_END = """
import os, signal, sys, time
def end(*_):
    while not os.path.exists("may end"):
        time.sleep(0.01)
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("it " + "runs", flush=True)
while True:
    time.sleep(1)
"""


@pytest.fixture
def in_a_patient_session(sessions: Sessions) -> Iterator[Terminal]:
    """A shell in which `patient.py` runs a program that ends when told so, and when there is a file `may end`."""
    for name, text in (("patient.py", PATIENT), ("slow.py", SLOW_TO_END)):
        (sessions.cwd / name).write_text(text)
    shell = sessions.start_command(["bash", "--norc", "--noprofile", "-i"])
    shell.wait_for(r"^\$")
    shell.type(f'"{sys.executable}" patient.py\n')
    shell.wait_for(r"it runs")
    yield shell
    (sessions.cwd / "may end").touch()
    shell.wait_output(r"\x1b\[\?1049l(?s:.)*\$ $")
    shell.type("exit\n")
    shell.wait_end()
    for path in sessions.cwd.iterdir():
        path.unlink()
    assert_restored(shell)
    assert sessions.processes() == []


def test_stopped_while_it_waits_for_a_programs_end_it_does_not_take_the_terminal_again(
    in_a_patient_session: Terminal,
) -> None:
    shell = in_a_patient_session
    shell.press("ctrl+q")
    shell.wait_for("still runs")
    shell.press("y")
    shell.wait_output(r"\x1b\[\?1049l")
    shell.press("ctrl+z")
    shell.wait_output(r"Stopped")
    shell.type("fg\n")
    shell.wait_output(r"\nfg\r\n|\$ fg\r\n")


def test_continued_while_it_waits_for_a_programs_end_it_does_not_take_the_terminal_again(
    in_a_patient_session: Terminal,
) -> None:
    shell = in_a_patient_session
    (program,) = psutil.Process(shell.pid).children()
    program.send_signal(signal.SIGTERM)
    shell.wait_output(r"\x1b\[\?1049l")
    program.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_with_the_terminal_given_back(sessions: Sessions, number: signal.Signals) -> None:
    shell, program = in_a_shell(sessions)

    program.send_signal(number)

    shell.wait_end()
    assert f"exit {128 + number}" in shell.output
    assert_restored(shell)
    before, after = tty_settings(shell)
    assert before == after
    assert sessions.processes() == []


def test_a_signal_ends_it_while_a_query_runs_and_a_question_is_open(sessions: Sessions) -> None:
    shell, program = in_a_shell(sessions)
    shell.paste("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c")
    shell.wait_for("FROM c")
    shell.press("ctrl+j")
    shell.wait_for("running")
    shell.press("ctrl+o")
    shell.wait_for("Open a database")

    program.send_signal(signal.SIGTERM)

    shell.wait_end()
    assert "exit 143" in shell.output
    assert_restored(shell)
    assert sessions.processes() == []


@pytest.mark.parametrize("what_runs", ["nothing", "a query"])
def test_the_terminal_going_away_ends_it(sessions: Sessions, what_runs: str) -> None:
    terminal = started(sessions)
    processes = sessions.processes()
    assert len(processes) == 2
    if what_runs == "a query":
        terminal.paste("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c")
        terminal.wait_for("FROM c")
        terminal.press("ctrl+j")
        terminal.wait_for(r"\d+ rows")

    terminal.hang_up()

    terminal.wait_ended()
    wait_until_ended([process for process in processes if process.pid != terminal.pid])


def test_the_terminal_of_a_shell_going_away_ends_it(sessions: Sessions) -> None:
    shell, program = in_a_shell(sessions)

    shell.hang_up()

    shell.wait_ended()
    wait_until_ended([program])


def test_the_terminal_going_away_ends_it_though_nobody_sends_it_a_signal(sessions: Sessions) -> None:
    """The kernel sends SIGHUP to the shell alone, and to the others when that has ended; this one waits for them."""
    shell = sessions.start_command(["sh", "-c", f'trap : HUP; "{PROGRAM}"; true'])
    shell.wait_for(READY)
    processes = sessions.processes()
    assert len(processes) == 3

    shell.hang_up()

    shell.wait_ended()
    wait_until_ended([process for process in processes if process.pid != shell.pid])


def test_it_starts_on_a_terminal_that_is_not_its_sessions_own_and_ends_with_it(sessions: Sessions) -> None:
    """As after `su -c`, which begins a session without a terminal of its own."""
    starter = sessions.start_command(["setsid", "--fork", "--wait", PROGRAM])
    starter.wait_for(READY)
    processes = [process for process in sessions.processes() if process.pid != starter.pid]
    assert len(processes) == 2

    starter.hang_up()

    starter.wait_ended()
    wait_until_ended(processes)


def test_stopped_from_elsewhere_and_continued_it_goes_on_and_ends(sessions: Sessions) -> None:
    shell, program = in_a_shell(sessions)
    program.send_signal(signal.SIGSTOP)
    program.send_signal(signal.SIGCONT)
    # The screen is left and taken anew.
    shell.wait_output(r"\x1b\[\?1049l(?s:.)*\x1b\[\?1049h")

    shell.wait_for(READY)
    shell.type("select 6 * 7")
    shell.wait_for(r"select 6")
    shell.press("ctrl+j")
    shell.wait_for(r"1 row · .*c1")
    shell.press("ctrl+q")

    assert shell.wait_end() == 0
    assert_restored(shell)


def assert_given_back(shell: Terminal, number: signal.Signals) -> None:
    """The terminal of a shell whose program has been killed so."""
    shell.wait_output("memdb-tui was killed; the databases that it held in memory are gone.")
    shell.type("\n")
    shell.wait_end()
    assert f"exit {128 + number}" in shell.output
    assert_restored(shell)
    before, after = tty_settings(shell)
    assert before == after


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGQUIT])
def test_the_host_gives_the_terminal_back_when_the_program_is_killed(
    sessions: Sessions, number: signal.Signals
) -> None:
    shell = sessions.start_command(["sh", "-c", TO_BE_KILLED, "sh"])
    shell.wait_for(READY)
    (program,) = psutil.Process(shell.pid).children()

    program.send_signal(number)

    assert_given_back(shell, number)


def test_a_fresh_host_gives_the_terminal_back_as_well(sessions: Sessions) -> None:
    shell = sessions.start_command(["sh", "-c", TO_BE_KILLED, "sh"])
    shell.wait_for(READY)
    (program,) = psutil.Process(shell.pid).children()
    (host,) = program.children()
    host.kill()
    shell.wait_for(r"killed by SIGKILL")
    shell.press("f")
    shell.wait_for(READY)
    shell.wait_gone("The host is gone")

    program.kill()

    assert_given_back(shell, signal.SIGKILL)


def test_the_host_of_run_gives_the_terminal_back_as_well(sessions: Sessions) -> None:
    program_of_the_users = ["--", sys.executable, "-c", "input('it ' + 'waits')"]
    shell = sessions.start_command(["sh", "-c", TO_BE_KILLED, "sh", "run", *program_of_the_users])
    shell.wait_for(r"it waits")
    (program,) = psutil.Process(shell.pid).children()

    program.kill()

    assert_given_back(shell, signal.SIGKILL)


def test_the_host_of_attach_gives_the_terminal_back_as_well(sessions: Sessions) -> None:
    code = "import memdb_tui; memdb_tui.listen(); print('listening'); input()"
    other = sessions.start_command([sys.executable, "-c", code])
    other.wait_output("listening")
    shell = sessions.start_command(["sh", "-c", TO_BE_KILLED, "sh", "attach", str(other.pid)])
    shell.wait_for(rf"pid {other.pid}")
    (program,) = psutil.Process(shell.pid).children()

    program.kill()

    assert_given_back(shell, signal.SIGKILL)
    other.type("\n")
    assert other.wait_end() == 0


FAULTY = """
import sys
from memdb_tui.cli import main
from memdb_tui.ui.screens.workbench import Workbench
begin = Workbench.on_mount
def faulty(self):
    begin(self)
    self.set_timer(0.5, lambda: 1 / 0)
Workbench.on_mount = faulty
sys.argv = ["memdb-tui"]
main()
"""


def test_a_fault_of_ours_gives_the_terminal_back_and_leaves_nothing(sessions: Sessions) -> None:
    command = f'stty -g; "{sys.executable}" -c "$1"; echo "exit $?"; stty -g'
    shell = sessions.start_command(["sh", "-c", command, "sh", FAULTY])

    shell.wait_end()

    assert "ZeroDivisionError" in shell.output
    assert "exit 1" in shell.output
    assert_restored(shell)
    before, after = tty_settings(shell)
    assert before == after
    assert sessions.processes() == []


def test_a_killed_program_leaves_no_host_behind(sessions: Sessions) -> None:
    terminal = started(sessions)
    host = sessions.host_of(terminal)

    terminal.signal(signal.SIGKILL)

    assert terminal.wait_end() == -signal.SIGKILL
    wait_until_ended([host])


def test_stopped_and_continued_it_goes_on(sessions: Sessions) -> None:
    shell = sessions.start_command(["bash", "--norc", "--noprofile", "-i"])
    shell.wait_for(r"^\$")
    shell.type("memdb-tui\n")
    shell.wait_for(READY)

    shell.press("ctrl+z")
    shell.wait_output(r"Stopped")
    shell.type("echo the shell $((40 + 2))\n")
    shell.wait_output(r"the shell 42")
    shell.type("fg\n")
    shell.wait_for(READY)
    shell.wait_for(r"\^J run  \^R all")
    shell.type("select 6 * 7")
    shell.wait_for(r"select 6")
    shell.press("ctrl+j")
    shell.wait_for(r"1 row · .*c1")
    shell.press("ctrl+q")

    shell.wait_output(r"\x1b\[\?1049l(?s:.)*\$ $")
    shell.type("exit\n")
    shell.wait_end()
    assert_restored(shell)


@pytest.mark.parametrize("stopped_by", ["a signal", "^Z"])
def test_continued_in_the_background_it_stops_again_and_ends_as_ever(sessions: Sessions, stopped_by: str) -> None:
    shell = sessions.start_command(["bash", "--norc", "--noprofile", "-i"])
    shell.wait_for(r"^\$")
    shell.type("memdb-tui\n")
    shell.wait_for(READY)
    (program,) = psutil.Process(shell.pid).children()
    # Stopped in the midst of a sequence, it would end in what the shell says.
    shell.wait_quiet(QUIET_SECONDS)
    if stopped_by == "^Z":
        shell.press("ctrl+z")
    else:
        program.send_signal(signal.SIGSTOP)
    shell.wait_output(r"Stopped")

    shell.type("bg; jobs; echo asked\n")
    shell.wait_output(r"asked\r\n")
    deadline = time.monotonic() + IDLE_DEADLINE_SECONDS
    # Before the shell lets it go on it is stopped as well.
    shell.wait_quiet(2 * QUIET_SECONDS)
    while program.status() != psutil.STATUS_STOPPED:
        assert time.monotonic() < deadline, "It runs in the background."
        shell.wait_quiet(QUIET_SECONDS)
    times = shell.output.count(TO_ALTERNATE_SCREEN)
    shell.type("fg\n")
    shell.wait_output(f"(?s:{re.escape(TO_ALTERNATE_SCREEN)}.*){{{times + 1}}}")
    shell.wait_for(READY)
    shell.type("select 6 * 7")
    shell.wait_for(r"select 6 \* 7")
    shell.press("ctrl+q")

    shell.wait_output(r"\x1b\[\?1049l(?s:.)*\$ $")
    shell.type("exit\n")
    shell.wait_end()
    assert_restored(shell)


def test_nothing_wakes_while_nothing_happens(sessions: Sessions) -> None:
    terminal = started(sessions)
    processes = (psutil.Process(terminal.pid), sessions.host_of(terminal))
    deadline = time.monotonic() + IDLE_DEADLINE_SECONDS

    while wakings(processes, terminal) > FEW_WAKINGS:
        assert time.monotonic() < deadline, "Something goes on waking."
    terminal.type("select 6 * 7")
    terminal.wait_for(r"select 6 \* 7")
    terminal.press("ctrl+q")

    assert terminal.wait_end() == 0


def wakings(processes: Iterable[psutil.Process], terminal: Terminal) -> int:
    """How often these processes' threads left a wait of their own within two seconds."""
    before = waits_ended(processes)
    until = time.monotonic() + IDLE_SECONDS
    while (left := until - time.monotonic()) > 0:
        terminal.receive(left)
    return waits_ended(processes) - before


def waits_ended(processes: Iterable[psutil.Process]) -> int:
    """How many waits of these processes' threads have ended so far."""
    total = 0
    for path in [path for process in processes for path in Path(f"/proc/{process.pid}/task").glob("*/status")]:
        # A thread may end meanwhile.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            total += int(WAITS.findall(path.read_text())[0])
    return total


CHATTY = """
import pathlib, time
print("ready", flush=True)
while not pathlib.Path("go").exists():
    time.sleep(0.02)
for number in range(30_000):
    print(f"line {number:06}")
pathlib.Path("done").touch()
input()
"""


def test_a_program_does_not_wait_while_its_screen_is_stopped(sessions: Sessions) -> None:
    (sessions.cwd / "chatty.py").write_text(CHATTY)
    terminal = sessions.start("run", "chatty.py")
    terminal.wait_for("ready")
    deadline = time.monotonic() + IDLE_DEADLINE_SECONDS

    terminal.signal(signal.SIGSTOP)
    (sessions.cwd / "go").touch()
    while not (sessions.cwd / "done").exists():
        assert time.monotonic() < deadline, "The program waits for its reader."
        terminal.receive(0.05)
    terminal.signal(signal.SIGCONT)

    terminal.wait_for("line 029999")
    terminal.signal(signal.SIGTERM)
    assert terminal.wait_end() == -signal.SIGTERM
    for path in sessions.cwd.iterdir():
        path.unlink()


def test_an_open_transaction_makes_quitting_ask(sessions: Sessions) -> None:
    terminal = started(sessions)
    terminal.type("begin immediate")
    terminal.wait_for("begin immediate")
    terminal.press("ctrl+j")
    terminal.wait_for(r"● writing")

    terminal.press("ctrl+q")
    terminal.wait_for(r"c1 has an open transaction")
    terminal.press("escape")
    terminal.wait_gone(r"Quit memdb-tui\?")
    terminal.press("ctrl+q")
    terminal.wait_for(r"Quit memdb-tui\?")
    terminal.press("y")

    assert terminal.wait_end() == 0


def test_a_killed_host_is_said_and_a_fresh_one_works(sessions: Sessions) -> None:
    terminal = started(sessions)
    terminal.type("select 'kept in the editor'")
    terminal.wait_for("kept in the editor")

    sessions.host_of(terminal).kill()

    terminal.wait_for(r"killed by SIGKILL")
    terminal.press("f")
    terminal.wait_for(READY)
    terminal.wait_gone("The host is gone")
    terminal.wait_for("select 'kept in the editor'")
    terminal.press("ctrl+j")
    terminal.wait_for(r"1 row · ")
    terminal.press("ctrl+q")
    assert terminal.wait_end() == 0


def test_without_a_fresh_host_the_texts_stay(sessions: Sessions) -> None:
    terminal = started(sessions)
    terminal.type("select 'kept in the editor'")
    terminal.wait_for("kept in the editor")

    sessions.host_of(terminal).kill()

    terminal.wait_for(r"killed by SIGKILL")
    terminal.press("s")
    terminal.wait_gone("The host is gone")
    terminal.wait_for("select 'kept in the editor'")
    terminal.wait_for("host gone")
    terminal.press("ctrl+q")
    assert terminal.wait_end() == 0
