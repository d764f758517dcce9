"""`memdb-tui ps`, `dump` and `attach`: which processes there are, what they have open, and what cannot be reached."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from real_314 import PYTHON_314, needs_314
from user_shell import PROGRAM, SAMPLES, Shell

_SECONDS = 90


def test_a_listening_process_is_listed(shell: Shell) -> None:
    running = shell.start(sys.executable, str(SAMPLES / "listening.py"))

    done = shell.memdb("ps")
    form = json.loads(shell.memdb("ps", "--json").stdout)

    assert done.returncode == 0
    line = next(line for line in done.stdout.splitlines() if str(running.pid) in line)
    assert "shop" in line
    assert "listens" in line
    assert "listening.py" in line
    entry = next(entry for entry in form if entry["pid"] == running.pid)
    assert (entry["name"], entry["listens"]) == ("shop", True)


def test_where_nobody_listens_the_ways_are_named(shell: Shell) -> None:
    done = shell.memdb("ps")

    assert done.returncode == 0
    if not done.stdout:
        assert "memdb_tui.listen()" in done.stderr


@pytest.mark.parametrize("by_name", [True, False])
def test_dump_prints_what_is_open(shell: Shell, by_name: bool) -> None:  # noqa: FBT001 - a table
    running = shell.start(sys.executable, str(SAMPLES / "listening.py"), str(shell.folder))

    done = shell.memdb("dump", "shop" if by_name else str(running.pid))

    assert done.returncode == 0, done.stderr
    assert f"process {running.pid}" in done.stdout
    assert "in memory, shared" in done.stdout
    assert "in memory, private" in done.stdout
    assert "on disk, meant as memory" in done.stdout
    assert "listening.py:9" in done.stdout


def test_dump_as_json_has_the_form_of_a_report(shell: Shell) -> None:
    running = shell.start(sys.executable, str(SAMPLES / "listening.py"), str(shell.folder))

    found = shell.dumped("shop")

    assert found["pid"] == running.pid
    assert [each["outcome"] for each in found["connections"]] == ["memory-shared", "memory-private", "file"]
    (file,) = found["files"]
    assert (file["stray"], file["made_by"], file["was_there"]) == (True, ["p1.c3"], False)


@pytest.mark.parametrize("way", ["option", "variable"])
def test_a_program_that_is_run_can_be_reached_where_that_was_asked_for(shell: Shell, way: str) -> None:
    (shell.folder / "app.py").write_text(
        "import os, sqlite3, sys\n"
        "kept = sqlite3.connect('file:run?mode=memory&cache=shared', uri=True)\n"
        "print('ready', flush=True)\n"
        "print(os.getpid(), flush=True)\n"
        "sys.stdin.readline()\n"
    )
    if way == "variable":
        shell.env["MEMDB_TUI_LISTEN"] = "1"
    options = ("--listen",) if way == "option" else ()
    running = shell.start(PROGRAM, "run", "--headless", *options, "app.py")
    assert running.stdout is not None
    pid = running.stdout.readline().strip()

    found = shell.dumped(pid)

    assert [each["string"] for each in found["connections"]] == ["file:run?mode=memory&cache=shared"]


def test_of_a_process_that_waits_in_inspect_it_is_said_where(shell: Shell) -> None:
    (shell.folder / "settling.py").write_text(
        "import socket, sys, threading\n"
        "import memdb_tui\n"
        "from memdb_tui.probe import places, start\n"
        "def end():\n"
        "    print('ready', flush=True)\n"
        "    sys.stdin.readline()\n"
        "    theirs.close()\n"
        "def settle():\n"
        "    start.serve_inline(ours, 'token', stack=places.stack_from(sys._getframe()))\n"
        "memdb_tui.listen('settling')\n"
        "ours, theirs = socket.socketpair()\n"
        "threading.Thread(target=end).start()\n"
        "settle()\n"
    )
    shell.start(sys.executable, "settling.py")
    deadline = time.monotonic() + 60
    while (found := shell.dumped("settling"))["state"] == "running":
        assert time.monotonic() < deadline

    place = {"file": str(shell.folder / "settling.py"), "line": 9, "function": "settle"}
    assert (found["state"], found["waiting_at"]) == ("waiting in inspect()", place)
    assert f"waiting in inspect() at {place['file']}:9 in settle" in shell.memdb("dump", "settling").stdout


def test_a_dump_leaves_the_process_as_it_was_and_can_be_taken_again(shell: Shell) -> None:
    shell.start(sys.executable, str(SAMPLES / "listening.py"))

    first, second = shell.dumped("shop"), shell.dumped("shop")

    assert [each["id"] for each in first["connections"]] == [each["id"] for each in second["connections"]]
    assert first["caches"] == second["caches"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_dump_that_is_told_to_end_while_it_waits_leaves_nothing(shell: Shell, number: signal.Signals) -> None:
    running = shell.start(sys.executable, str(SAMPLES / "listening.py"))
    before = set(shell.folder.iterdir())
    running.send_signal(signal.SIGSTOP)
    try:
        with subprocess.Popen(
            [PROGRAM, "dump", "shop"], cwd=shell.folder, env=shell.env, stderr=subprocess.PIPE, text=True
        ) as dumping:
            assert dumping.stderr is not None
            assert "has not answered yet" in dumping.stderr.readline()
            assert set(shell.folder.iterdir()) > before
            dumping.send_signal(number)
            assert dumping.stderr.read() == ""
    finally:
        running.send_signal(signal.SIGCONT)

    assert dumping.returncode == -number
    assert set(shell.folder.iterdir()) == before
    assert shell.dumped("shop")["pid"] == running.pid


@needs_314
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_so_does_one_that_waits_for_a_process_that_nobody_prepared(shell: Shell, number: signal.Signals) -> None:
    source = "import sys, time\nprint('ready', flush=True)\nsys.stdin.readline()\nprint('went on', flush=True)\n"
    running = shell.start(PYTHON_314, "-c", source)
    before = set(shell.folder.iterdir())
    with subprocess.Popen(
        [PROGRAM, "dump", str(running.pid)], cwd=shell.folder, env=shell.env, stderr=subprocess.PIPE, text=True
    ) as dumping:
        assert dumping.stderr is not None
        assert "has not answered yet" in dumping.stderr.readline()
        dumping.send_signal(number)
        assert dumping.stderr.read() == ""

    assert dumping.returncode == -number
    assert set(shell.folder.iterdir()) == before
    out, _ = running.communicate("\n", timeout=_SECONDS)
    assert out == "went on\n"


def test_of_a_frozen_heap_it_is_not_said_that_nothing_is_open(shell: Shell) -> None:
    (shell.folder / "frozen.py").write_text(
        "import gc, sqlite3, sys\n"
        "hidden = sqlite3.connect('file:m1?mode=memory&cache=shared', uri=True)\n"
        "import memdb_tui\n"
        "gc.freeze()\n"
        "memdb_tui.listen('frozen')\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
    )
    shell.start(sys.executable, "frozen.py")

    done = shell.memdb("dump", "frozen")

    assert done.returncode == 0, done.stderr
    assert "No open sqlite3 connection was found." in done.stdout
    assert "connections among them could not be found." in " ".join(done.stdout.split())
    assert shell.dumped("frozen")["connections"] == []


_WITNESSED = """
import runpy, sys

def hook(event, args):
    if event == "socket.__new__" and args[1] not in (-1, 1):
        print("a socket of family", args[1], file=sys.stderr)
    elif event in {"socket.bind", "socket.connect", "socket.getaddrinfo"} and not isinstance(args[1], (str, bytes)):
        print(event, args[1:], file=sys.stderr)

sys.addaudithook(hook)
sys.argv = sys.argv[1:]
"""
"""Says on stderr which sockets are made that others on the network could reach, and runs what it is given."""


def test_no_socket_is_ever_of_the_network(shell: Shell) -> None:
    (shell.folder / "program.py").write_text(f"{_WITNESSED}runpy.run_path(sys.argv[0])")
    witnessed = [sys.executable, "-c", f"{_WITNESSED}runpy.run_module('memdb_tui', run_name='__main__')", "memdb-tui"]
    listening = str(SAMPLES / "listening.py")
    shell.start(sys.executable, listening)

    dumped = subprocess.run(
        [*witnessed, "dump", "shop"], cwd=shell.folder, env=shell.env, capture_output=True, text=True, check=True
    )
    ran = subprocess.run(
        [*witnessed, "run", "--headless", "program.py", listening],
        cwd=shell.folder,
        env=shell.env,
        input="\n",
        capture_output=True,
        text=True,
        check=True,
    )

    assert (dumped.stderr, ran.stderr) == ("", "")
    assert "in memory, shared" in dumped.stdout
    assert ran.stdout.startswith("ready\n")


def test_attaching_without_a_terminal_is_a_sentence_and_2(shell: Shell) -> None:
    shell.start(sys.executable, str(SAMPLES / "listening.py"))

    done = shell.memdb("attach", "shop")

    assert (done.returncode, done.stdout) == (2, "")
    assert "needs a terminal" in done.stderr
    assert "memdb-tui dump" in done.stderr


@pytest.mark.parametrize("command", ["dump", "attach"])
@pytest.mark.parametrize(
    ("target", "said"), [("nobody", "No process listens as 'nobody'"), ("4194305", "There is no process 4194305")]
)
def test_what_is_not_there_is_a_sentence_and_2(shell: Shell, command: str, target: str, said: str) -> None:
    done = shell.memdb(command, target)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"memdb-tui: {said}")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["dump", "attach"])
def test_what_is_no_python_is_a_sentence_and_2(shell: Shell, command: str) -> None:
    with subprocess.Popen(["sleep", "60"]) as sleeping:
        try:
            done = shell.memdb(command, str(sleeping.pid))
        finally:
            sleeping.kill()

    assert done.returncode == 2
    assert "not Python" in done.stderr


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="from 3.14 on nothing needs to be prepared")
@pytest.mark.parametrize("command", ["dump", "attach"])
def test_a_python_that_was_not_prepared_is_told_the_ways(shell: Shell, command: str) -> None:
    running = shell.start(sys.executable, str(SAMPLES / "waiting.py"))

    done = shell.memdb(command, str(running.pid))

    assert done.returncode == 2
    assert "3.14" in done.stderr
    assert "memdb_tui.listen()" in done.stderr


@pytest.mark.skipif("MEMDB_TUI_PYTHON314" not in os.environ, reason="MEMDB_TUI_PYTHON314 names no Python 3.14")
def test_python_3_14_is_dumped_unprepared_and_left_as_it_was(shell: Shell) -> None:
    (shell.folder / "busy.py").write_text(
        "import select, sqlite3, sys, threading\n"
        "held = sqlite3.connect('file:m1?mode=memory&cache=shared', uri=True)\n"
        "before = sqlite3.connect, threading.active_count()\n"
        "print('ready', flush=True)\n"
        "while not select.select([sys.stdin], [], [], 0.01)[0]:\n    pass\n"
        "print(before == (sqlite3.connect, threading.active_count()))\n"
    )
    running = shell.start(os.environ["MEMDB_TUI_PYTHON314"], "busy.py")

    assert str(running.pid) in shell.memdb("ps").stdout
    found = shell.dumped(str(running.pid))

    assert found["python"].startswith("3.14")
    assert [each["found"] for each in found["connections"]] == ["found in memory"]
    out, _ = running.communicate("\n", timeout=_SECONDS)
    assert out == "True\n"
