"""Programs on terminals of their own: real ones, with real signals and real ends."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
import select
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from memdb_tui.programs.pty_process import PtyProcess

SECONDS = 20.0
PYTHON = [sys.executable, "-I", "-c"]


class Watched:
    """A running program, what it wrote, and its end."""

    def __init__(self) -> None:
        self.output = bytearray()
        self.total = 0
        self.statuses: list[int] = []
        self.output_at_end = b""
        self.process: PtyProcess

    def on_output(self, data: bytes) -> None:
        self.total += len(data)
        self.output += data
        del self.output[:-100_000]

    def on_end(self, status: int) -> None:
        self.output_at_end = bytes(self.output)
        self.statuses.append(status)

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        end = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < end, f"did not happen: {what}\n{self.output.decode(errors='replace')[-2000:]}"
            await asyncio.sleep(0.005)

    async def wrote(self, text: str) -> None:
        await self.until(lambda: text.encode() in self.output, f"wrote {text!r}")

    async def ended(self) -> int:
        await self.until(lambda: self.statuses, "ended")
        return self.statuses[0]


Start = Callable[..., Awaitable[Watched]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts programs, and closes them at the end."""
    started: list[Watched] = []

    async def begin(*argv: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> Watched:
        watched = Watched()
        watched.process = await PtyProcess.start(
            argv, cwd=cwd, env=env, columns=80, rows=24, on_output=watched.on_output, on_end=watched.on_end
        )
        started.append(watched)
        return watched

    yield begin
    for watched in started:
        watched.process.close()
        watched.process.close()


async def test_a_program_finds_its_arguments_environment_folder_and_terminal_as_given(
    start: Start, tmp_path: Path
) -> None:
    code = (
        "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ), os.getcwd(),"
        " os.isatty(0) and os.isatty(1) and os.isatty(2), os.getsid(0) == os.getppid(), os.getpgrp() == os.getpid(),"
        " os.tcgetpgrp(0) == os.getpgrp(), open('/dev/tty').isatty(),"
        " sorted(map(int, os.listdir('/proc/self/fd'))), list(os.get_terminal_size())]))"
    )
    env = {"PATH": os.environ["PATH"], "LC_CTYPE": "C.UTF-8", "LC_ALL": "C.UTF-8", "ODD-NAME": "ä\n=x", "EMPTY": ""}
    watched = await start(*PYTHON, code, "two words", "", "ä", cwd=tmp_path, env=env)
    assert await watched.ended() == 0
    argv, environment, cwd, tty, has_leader, leads, foreground, controls, descriptors, size = json.loads(
        watched.output
    )
    assert argv == ["two words", "", "ä"]
    assert environment == env
    assert cwd == str(tmp_path)
    assert (tty, has_leader, leads, foreground, controls) == (True, True, True, True, True)
    # The fourth is the folder being listed.
    assert descriptors == [0, 1, 2, 3]
    assert size == [80, 24]


async def test_signals_are_as_a_program_expects_them(start: Start) -> None:
    ours = Path("/proc/self/status").read_text()
    watched = await start("grep", "^Sig\\(Blk\\|Ign\\):", "/proc/self/status")
    assert await watched.ended() == 0
    theirs = dict(line.split() for line in watched.output.decode().splitlines())
    assert theirs["SigBlk:"] == next(line.split()[1] for line in ours.splitlines() if line.startswith("SigBlk:"))
    assert not int(theirs["SigIgn:"], 16) & (1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1)


@pytest.mark.parametrize(
    ("script", "status"),
    [("true", 0), ("exit 7", 7), ("kill -KILL $$", -9), ("kill -TERM $$", -15), ("kill -SEGV $$", -11)],
)
async def test_the_end_is_told_as_subprocess_tells_it(start: Start, script: str, status: int) -> None:
    watched = await start("sh", "-c", script)
    assert await watched.ended() == status
    assert watched.process.status == status


async def test_the_end_is_told_after_everything_that_was_written(start: Start) -> None:
    watched = await start(*PYTHON, "import os; os.write(1, b'x' * 3000 + b'last words'); os._exit(3)")
    assert await watched.ended() == 3
    assert watched.output_at_end.endswith(b"last words")
    watched = await start("sh", "-c", "seq 200000; echo last words")
    assert await watched.ended() == 0
    assert watched.output_at_end.endswith(b"200000\r\nlast words\r\n")
    assert watched.total == sum(len(str(n)) + 2 for n in range(1, 200_001)) + len("last words\r\n")


async def test_a_child_that_goes_on_writing_does_not_hold_up_the_end(start: Start) -> None:
    watched = await start("sh", "-c", "trap '' HUP; yes & echo $! > /dev/null; exit 4")
    assert await watched.ended() == 4
    before = watched.total
    await watched.until(lambda: watched.total > before, "what is left running is still read")
    watched.process.close()
    assert len(watched.statuses) == 1


async def test_a_child_that_is_never_seen_to_pause_does_not_hold_up_the_end(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memdb_tui.programs.pty_process._LAST_BYTES", 100_000)
    watched = await start("sh", "-c", "trap '' HUP; yes & read line; exit 4")
    await watched.wrote("y")
    terminal, read = watched.process._ours, os.read

    def read_what_comes(number: int, most: int) -> bytes:
        if number == terminal:
            assert select.select([terminal], [], [], SECONDS)[0]
        return read(number, most)

    monkeypatch.setattr(os, "read", read_what_comes)
    watched.process.write(b"\n")
    assert await watched.ended() == 4


async def test_a_relay_that_is_reset_is_done_without_and_nothing_is_lost(start: Start) -> None:
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context))
    watched = await start(*PYTHON, "print('before', flush=True); input(); print('after')")
    await watched.wrote("before")
    relay = watched.process._relay
    assert relay is not None

    # It ends without having read this.
    relay._socket.send(b"x")
    await watched.until(lambda: watched.process._relay is None, "the terminal is read from here")
    watched.process.write(b"\n")

    assert await watched.ended() == 0
    assert b"after" in watched.output_at_end
    assert failures == []


@pytest.mark.parametrize(
    ("argv", "number"),
    [(["no-such-program"], errno.ENOENT), (["/"], errno.EACCES), (["./neither-here"], errno.ENOENT)],
)
async def test_what_cannot_be_started_is_refused_as_subprocess_does(
    start: Start, argv: list[str], number: int
) -> None:
    with pytest.raises(OSError, match=argv[0]) as caught:
        await start(*argv)
    assert caught.value.errno == number


async def test_a_folder_that_is_not_there_is_refused(start: Start, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await start("true", cwd=tmp_path / "gone")


@pytest.mark.parametrize(("argv", "env"), [([], None), (["a\0b"], None), (["true"], {"a=b": "c"})])
async def test_what_no_program_can_be_handed_is_refused(
    start: Start, argv: list[str], env: dict[str, str] | None
) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        await start(*argv, env=env)


async def test_keys_arrive_and_control_c_interrupts(start: Start) -> None:
    watched = await start(*PYTHON, "print('you said', input('name? '))\nimport time; time.sleep(1000)")
    await watched.wrote("name? ")
    assert watched.process.write(b"K\xc3\xa4the\r")
    await watched.wrote("you said Käthe")
    watched.process.write(b"\x03")
    await watched.wrote("KeyboardInterrupt")
    assert await watched.ended() == -signal.SIGINT


async def test_pdb_can_be_driven(start: Start, tmp_path: Path) -> None:
    script = tmp_path / "debugged.py"
    script.write_text("value = 41\nbreakpoint()\nprint('after', value)\n")
    watched = await start(sys.executable, str(script), cwd=tmp_path)
    await watched.wrote("(Pdb) ")
    watched.process.write(b"p value + 1\r")
    await watched.wrote("42\r\n")
    watched.process.write(b"value = 7\rc\r")
    await watched.wrote("after 7")
    assert await watched.ended() == 0


async def test_a_shell_has_job_control(start: Start) -> None:
    watched = await start("bash", "--norc", "--noprofile", "-i", env={**os.environ, "PS1": "ready> "})
    await watched.wrote("ready> ")
    watched.process.write(b"sleep 1000\r")
    await watched.until(lambda: _has_terminal(watched, "sleep"), "sleep has the terminal")
    watched.process.write(b"\x1a")
    await watched.wrote("Stopped")
    watched.process.write(b"fg\r")
    await watched.until(lambda: _has_terminal(watched, "sleep"), "sleep has it again")
    watched.process.write(b"\x03")
    await watched.until(lambda: _has_terminal(watched, "bash"), "the shell has it")
    watched.process.write(b"exit 5\r")
    assert await watched.ended() == 5


async def test_a_new_size_is_told_to_the_program(start: Start) -> None:
    code = (
        "import os, signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])\nprint('waiting', flush=True)\n"
        "while signal.sigwait([signal.SIGWINCH]): print('now', *os.get_terminal_size(), flush=True)"
    )
    watched = await start(*PYTHON, code)
    await watched.wrote("waiting")
    watched.process.resize(132, 50)
    await watched.wrote("now 132 50")
    watched.process.resize(0, 0)
    await watched.wrote("now 1 1")


async def test_the_event_loop_lives_under_endless_output(start: Start) -> None:
    watched = await start("yes")
    await watched.until(lambda: watched.total > 1_000_000, "a megabyte")
    turns, begin = 0, time.monotonic()
    before = watched.total
    while watched.total < before + 2_000_000:
        await asyncio.sleep(0)
        turns += 1
        assert time.monotonic() < begin + SECONDS
    assert turns > 10
    watched.process.kill()
    assert await watched.ended() == -signal.SIGKILL


async def test_after_a_turn_of_reading_the_others_have_theirs_though_there_is_more(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memdb_tui.programs.pty_process._TURN_SECONDS", 0.0)
    watched = await start("yes")
    turn, turns_of_pieces = 0, []

    def there_is_more(_data: bytes) -> None:
        turns_of_pieces.append(turn)
        if len(turns_of_pieces) < 10:
            assert select.select([watched.process._source], [], [], SECONDS)[0]

    watched.process._on_output = there_is_more
    while len(turns_of_pieces) < 10:
        await asyncio.sleep(0)
        turn += 1

    assert sorted(set(turns_of_pieces)) == turns_of_pieces


async def test_writing_never_waits_and_what_is_kept_for_later_is_bounded(start: Start) -> None:
    watched = await start(*PYTHON, "import time, tty; tty.setraw(0); print('deaf', flush=True); time.sleep(1000)")
    await watched.wrote("deaf")
    accepted = 0
    while watched.process.write(b"x" * 4096):
        accepted += 4096
        assert accepted < 1_000_000
    assert accepted >= 64 * 1024
    assert not watched.process.write(b"x" * 4096)


async def test_a_program_that_reads_late_gets_everything(start: Start) -> None:
    code = (
        "import os, sys, tty, signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])\n"
        "tty.setraw(0); print('deaf', flush=True); signal.sigwait([signal.SIGUSR1])\n"
        "left = 200_000\n"
        "while left: left -= len(os.read(0, 4096))\n"
        "print('all of it', flush=True)"
    )
    watched = await start(*PYTHON, code)
    await watched.wrote("deaf")
    sent = 0
    while watched.process.write(b"x" * 10_000):
        sent += 10_000
    os.kill(watched.process.pid, signal.SIGUSR1)
    while sent < 200_000:
        await watched.until(lambda: watched.process.write(b"x" * 10_000), "more is taken")
        sent += 10_000
    await watched.wrote("all of it")


async def test_ending_means_the_whole_group(start: Start) -> None:
    watched = await start("sh", "-c", "sleep 1000 & echo child=$!; wait")
    await watched.wrote("child=")
    await watched.wrote("\r\n")
    child = int(watched.output.split(b"child=")[1])
    watched.process.terminate()
    assert await watched.ended() == -signal.SIGTERM
    await watched.until(lambda: _is_gone(child), "the child is gone")


async def test_a_stopped_program_can_be_ended(start: Start) -> None:
    watched = await start("sh", "-c", "echo here; kill -STOP $$")
    await watched.wrote("here")
    watched.process.terminate()
    assert await watched.ended() == -signal.SIGTERM


async def test_closing_ends_the_program_with_all_its_jobs(start: Start) -> None:
    watched = await start("bash", "--norc", "--noprofile", "-i", env={**os.environ, "PS1": "ready> "})
    await watched.wrote("ready> ")
    watched.process.write(b"sleep 1000 & echo job=$!=\r")
    await watched.until(lambda: watched.output.count(b"=") >= 4, "the job's number")
    job = int(watched.output.split(b"job=")[-1].split(b"=")[0])
    assert not _is_gone(job)
    watched.process.close()
    assert watched.process.status == -signal.SIGKILL
    await watched.until(lambda: _is_gone(job), "the job is gone")
    assert watched.statuses == []
    assert not watched.process.write(b"x")
    watched.process.resize(10, 10)
    watched.process.terminate()


async def test_what_a_program_leaves_running_outlives_it_and_the_closing(start: Start) -> None:
    watched = await start("sh", "-c", "trap '' HUP; sleep 1000 > /dev/null 2>&1 & echo child=$!=")
    assert await watched.ended() == 0
    child = int(watched.output.split(b"=")[1])
    watched.process.close()
    try:
        assert not _is_gone(child)
    finally:
        os.kill(child, signal.SIGKILL)


async def test_what_a_program_leaves_running_on_the_terminal_goes_on(start: Start) -> None:
    watched = await start("sh", "-c", "(read _ < /dev/tty; echo later) & echo the program")
    assert await watched.ended() == 0
    assert "later" not in watched.output.decode()
    os.write(watched.process._ours, b"\r")
    await watched.wrote("later")


COUNTS_CONTINUING = """
import signal, time
continued = []
signal.signal(signal.SIGCONT, lambda *_: continued.append(1))
print("ready", flush=True)
while not continued:
    time.sleep(0.01)
print("goes on", flush=True)
print("read", input())
"""


async def test_a_key_that_stops_in_a_shell_lets_the_program_go_on(start: Start) -> None:
    watched = await start(*PYTHON, COUNTS_CONTINUING)
    await watched.wrote("ready")
    watched.process.write(b"\x1a")
    await watched.wrote("goes on")
    watched.process.write(b"what is typed\r")
    await watched.wrote("read what is typed")
    assert await watched.ended() == 0


async def test_a_keeper_that_is_killed_hangs_up_on_the_program(start: Start) -> None:
    watched = await start("sleep", "1000")
    os.kill(watched.process._keeper.pid, signal.SIGKILL)
    assert await watched.ended() == -signal.SIGKILL
    await watched.until(lambda: _is_gone(watched.process.pid), "the program is gone")


async def test_a_terminal_that_is_taken_away_does_not_hold_up_the_end(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on macOS, where the terminal of a session whose leader has ended is at its end."""
    watched = await start(*PYTHON, "input()")
    terminal, read = watched.process._ours, os.read
    monkeypatch.setattr(os, "read", lambda number, most: b"" if number == terminal else read(number, most))
    watched.process.write(b"\n")

    assert await watched.ended() == 0


async def test_closing_from_within_its_own_news_is_fine(start: Start) -> None:
    watched = await start("yes")
    await watched.until(lambda: watched.total, "output")
    closed_at: list[int] = []

    def close(data: bytes) -> None:
        if not closed_at:
            closed_at.append(watched.total)
            watched.process.close()

    watched.process._on_output = close
    await watched.until(lambda: closed_at, "closed")


async def test_a_cancelled_start_leaves_nothing() -> None:
    task = asyncio.ensure_future(
        PtyProcess.start(
            ["sleep", "1000"], columns=80, rows=24, on_output=lambda _data: None, on_end=lambda _status: None
        )
    )
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        (await task).close()


def _has_terminal(watched: Watched, name: str) -> bool:
    """The program of this name leads the group that has the terminal."""
    try:
        return Path(f"/proc/{os.tcgetpgrp(watched.process._ours)}/comm").read_text().strip() == name
    except OSError:
        # The leader has just ended, and the shell has not taken the terminal back yet.
        return False


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


async def test_a_program_is_found_from_the_folder_it_starts_in(start: Start, tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.write_text("#!/bin/sh\necho called as $0\n")
    app.chmod(0o755)

    watched = await start("./app", cwd=tmp_path)

    await watched.wrote("called as ./app")
    assert await watched.ended() == 0
