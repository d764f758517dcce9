"""Reaching a process that nobody prepared, and one clear sentence wherever that cannot be."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pexpect
import pytest
from real_314 import PYTHON_314, needs_314

from memdb_tui.errors import MemdbError, ProgramGoneError, UsageError
from memdb_tui.model import FoundBy
from memdb_tui.programs.hub import Hub
from memdb_tui.programs.remote import inject
from memdb_tui.programs.remote_target import Target, examine, has_ended, waits_at_prompt, yama_refusal

SECONDS = 30.0
TOO_OLD = [
    path
    for name in ("3.8", "3.9", "3.10")
    for path in sorted(Path.home().glob(f".pyenv/versions/{name}.*/bin/python"))
]
_OPEN = "import sqlite3, sys\nc = sqlite3.connect('file:seen?mode=memory&cache=shared', uri=True)\n"
BUSY = _OPEN + "print('ready', flush=True)\nwhile True: pass\n"
SERVING = _OPEN + "print('ready', flush=True)\nfor line in sys.stdin: print('heard', line, end='', flush=True)\n"
COROUTINES = (
    _OPEN + "import asyncio\n"
    "async def main():\n"
    "    print('ready', flush=True)\n"
    "    while True: await asyncio.sleep(0.05)\n"
    "asyncio.run(main())\n"
)
_END = "print('went on', flush=True)\nsys.stdin.read()\n"
SLEEPING = (
    _OPEN + "import signal, threading, time\n"
    "def wake(*_): print('went on', flush=True)\n"
    "def listen(): sys.stdin.readline(); signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)\n"
    "signal.signal(signal.SIGUSR1, wake)\n"
    "threading.Thread(target=listen).start()\n"
    "print('ready', flush=True)\n"
    "time.sleep(3600)\n"
)
IDLE = (
    _OPEN + "import asyncio\n"
    "async def main():\n"
    "    heard = asyncio.Event()\n"
    "    asyncio.get_running_loop().add_reader(0, heard.set)\n"
    "    print('ready', flush=True)\n"
    "    await heard.wait()\n"
    "    asyncio.get_running_loop().remove_reader(0)\n"
    "    sys.stdin.readline()\n"
    "asyncio.run(main())\n" + _END
)
STEPPING = (
    _OPEN + "import threading\n"
    "def listen(): sys.stdin.readline(); c.interrupt()\n"
    "threading.Thread(target=listen).start()\n"
    "print('ready', flush=True)\n"
    "endless = 'with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n'\n"
    "try: c.execute(endless)\n"
    "except sqlite3.OperationalError as error: assert str(error) == 'interrupted'\n" + _END
)

IMPORTING = (
    _OPEN + "import importlib.machinery, os, time\n"
    "def be_slow():\n"
    "    print('ready', flush=True)\n"
    "    while not os.path.exists('go on'): time.sleep(0.01)\n"
    "class Finder:\n"
    "    def find_spec(self, name, *_):\n"
    "        if name != 'importlib.util': return None\n"
    "        sys.meta_path.remove(self)\n"
    "        spec = importlib.machinery.PathFinder.find_spec(name, importlib.__path__)\n"
    "        execute = spec.loader.exec_module\n"
    "        def execute_slowly(module):\n"
    "            be_slow()\n"
    "            execute(module)\n"
    "        spec.loader.exec_module = execute_slowly\n"
    "        return spec\n"
    "assert 'importlib.util' not in sys.modules\n"
    "sys.meta_path.insert(0, Finder())\n"
    "import importlib.util\n"
    "importlib.util.find_spec\n"
    "while True: time.sleep(0.01)\n"
)
LOOKING = (
    _OPEN + "import os, time\n"
    "class Finder:\n"
    "    def find_spec(self, name, *_):\n"
    "        sys.meta_path.remove(self)\n"
    "        print('ready', flush=True)\n"
    "        while not os.path.exists('go on'): time.sleep(0.01)\n"
    "sys.meta_path.insert(0, Finder())\n"
    "try: import not_there\n"
    "except ImportError: pass\n"
    "while True: time.sleep(0.01)\n"
)

Run = Callable[..., subprocess.Popen[str]]
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Starts processes, and ends them after the test."""
    started: list[subprocess.Popen[str]] = []

    def run_one(*command: str, user: int | None = None, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=tmp_path, user=user, env=env
        )
        started.append(process)
        return process

    yield run_one
    for process in started:
        if process.returncode is None:
            process.kill()
            process.communicate()


@pytest.fixture
def start(run: Run) -> Start:
    """Starts Python programs, which say when they are ready."""

    def start_one(code: str, *options: str, python: str = sys.executable, **variables: str) -> subprocess.Popen[str]:
        process = run(python, *options, "-c", code, env={**os.environ, **variables})
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    return start_one


def _nothing_said(_: str) -> None:
    return


def _fail(sentence: str) -> None:
    pytest.fail(f"It should have answered at once, but: {sentence}")


async def _refusal(pid: int) -> UsageError:
    with pytest.raises(UsageError) as caught:
        await examine(pid)
    return caught.value


# Why not.


async def test_there_is_no_such_process(run: Run) -> None:
    gone = run(sys.executable, "-c", "pass")
    gone.communicate()
    refusal = await _refusal(gone.pid)
    assert str(refusal) == f"There is no process {gone.pid}."
    assert "memdb-tui ps" in refusal.hint


async def test_a_process_that_has_ended_but_was_not_waited_for(run: Run) -> None:
    ended = run(sys.executable, "-c", "pass")
    await asyncio.to_thread(os.waitid, os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    assert str(await _refusal(ended.pid)) == f"Process {ended.pid} has ended."


def test_a_process_whose_program_the_system_has_taken_away_has_ended(tmp_path: Path) -> None:
    status = tmp_path / "7" / "status"
    status.parent.mkdir()
    status.write_text("Name:\tpython\nState:\tR (running)\n")
    assert has_ended(7, proc=tmp_path)
    (status.parent / "exe").symlink_to(sys.executable)
    assert not has_ended(7, proc=tmp_path)


async def test_a_process_whose_name_is_cut_within_a_letter_is_looked_up_as_any_other(
    run: Run, tmp_path: Path
) -> None:
    # The kernel keeps 15 bytes of a script's name.
    script = tmp_path / "12345678901234ü"
    script.write_text("#!/bin/sh\necho ready\nread line\n")
    script.chmod(0o700)
    other = run(str(script))
    assert other.stdout is not None
    assert other.stdout.readline() == "ready\n"
    assert not has_ended(other.pid)
    assert "is not Python" in str(await _refusal(other.pid))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can play another user")
async def test_another_users_process_is_refused_with_the_command_to_use(run: Run) -> None:
    other = run("sleep", "1000", user=65534)
    refusal = await _refusal(other.pid)
    assert "belongs to the user nobody" in str(refusal)
    assert refusal.hint == f"Run it as that user: sudo -u nobody memdb-tui attach {other.pid}"


async def test_a_process_that_is_not_python_is_never_run_a_second_time(run: Run) -> None:
    other = run("sleep", "1000")
    assert str(await _refusal(other.pid)) == f"Process {other.pid} is not Python, it runs sleep."


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python is not too old")
async def test_an_older_python_is_told_the_ways_there_are(start: Start) -> None:
    refusal = await _refusal(start(SERVING).pid)
    assert f"Python {sys.version_info.major}.{sys.version_info.minor}, which can only be reached where" in str(
        refusal
    )
    for way in ("memdb_tui.listen()", "memdb-tui run --listen"):
        assert way in refusal.hint


@pytest.mark.skipif(not TOO_OLD, reason="no Python older than 3.11 in pyenv")
async def test_a_python_that_nothing_helps_is_not_told_ways(start: Start) -> None:
    refusal = await _refusal(start(SERVING, python=str(TOO_OLD[-1])).pid)

    assert "memdb-tui looks into Python 3.11 and newer" in str(refusal)
    assert "listen()" not in refusal.hint


@needs_314
async def test_a_variable_that_python_ignores_keeps_nobody_out(start: Start) -> None:
    process = start(SERVING, "-E", python=PYTHON_314, PYTHON_DISABLE_REMOTE_DEBUG="1")

    assert (await examine(process.pid)).pid == process.pid


@pytest.mark.parametrize(
    ("scope", "may_trace", "said"),
    [
        (None, False, ""),
        (0, False, ""),
        (1, True, ""),
        (1, False, "only into its own children"),
        (2, False, "only an administrator"),
        (2, True, ""),
        (3, True, "nobody"),
    ],
)
def test_yama_is_named_with_its_setting(scope: int | None, may_trace: bool, said: str) -> None:  # noqa: FBT001 - a column of the table
    refusal = yama_refusal(scope, may_trace=may_trace)
    assert said in refusal
    assert bool(refusal) == bool(said)
    assert not refusal or f"kernel.yama.ptrace_scope is {scope}" in refusal


@needs_314
@pytest.mark.parametrize("how", ["variable", "option"])
async def test_disabled_remote_debugging_is_named(how: str, start: Start) -> None:
    if how == "variable":
        process = start(SERVING, python=PYTHON_314, PYTHON_DISABLE_REMOTE_DEBUG="1")
    else:
        process = start(SERVING, "-X", "disable-remote-debug", python=PYTHON_314)
    hub = Hub()
    await hub.start()
    try:
        with pytest.raises(UsageError, match=r"PYTHON_DISABLE_REMOTE_DEBUG|remote debugging disabled") as caught:
            await inject(process.pid, hub, on_waiting=_fail)
        assert "memdb_tui.listen()" in caught.value.hint
        assert not [path for path in hub.folder.iterdir() if path.suffix == ".py"]
    finally:
        await hub.close()


# How.


@needs_314
@pytest.mark.parametrize("code", [BUSY, COROUTINES], ids=["a busy loop", "coroutines"])
async def test_a_running_program_answers_with_nothing_prepared(code: str, start: Start) -> None:
    process = start(code, python=PYTHON_314)
    hub = Hub()
    await hub.start()
    try:
        await asyncio.wait_for(inject(process.pid, hub, on_waiting=_fail), SECONDS)
        assert [each.pid for each in hub.processes] == [process.pid]
        (connection,) = hub.picture().connections
        assert connection.origin is not None
        assert connection.origin.found_by is FoundBy.HEAP
        # Whether or not the program has imported `threading`.
        assert connection.thread == "MainThread"
    finally:
        await hub.close()
    process.kill()
    assert process.communicate()[1] == ""


@needs_314
async def test_whoever_comes_at_the_same_time_is_answered_as_well(start: Start) -> None:
    process = start(COROUTINES, python=PYTHON_314)
    hubs = [Hub(), Hub(), Hub()]
    for hub in hubs:
        await hub.start()
    try:
        async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as tasks:
            for hub in hubs:
                tasks.create_task(inject(process.pid, hub, on_waiting=_nothing_said))
        for hub in hubs:
            assert [each.pid for each in hub.processes] == [process.pid]
            assert len(hub.picture().connections) == 1
    finally:
        for hub in hubs:
            await hub.close()
    process.kill()
    assert process.communicate()[1] == ""


@needs_314
@pytest.mark.parametrize(
    ("code", "module"), [(IMPORTING, "importlib.util"), (LOOKING, "a module")], ids=["running it", "looking for it"]
)
async def test_a_program_that_is_importing_is_asked_again_until_it_has(
    code: str, module: str, start: Start, tmp_path: Path
) -> None:
    process = start(code, python=PYTHON_314)
    hub = Hub()
    await hub.start()
    said: list[str] = []

    def go_on(sentence: str) -> None:
        said.append(sentence)
        (tmp_path / "go on").touch()

    try:
        await asyncio.wait_for(inject(process.pid, hub, on_waiting=go_on), SECONDS)
        (sentence,) = said
        assert f"it is importing {module}." in sentence
        assert len(hub.picture().connections) == 1
    finally:
        await hub.close()
    process.kill()
    assert process.communicate()[1] == ""


@needs_314
async def test_a_program_that_waits_in_c_is_said_to_and_answers_when_it_goes_on(start: Start) -> None:
    process = start(SERVING, python=PYTHON_314)
    hub = Hub()
    await hub.start()
    said: list[str] = []

    def go_on(sentence: str) -> None:
        said.append(sentence)
        assert process.stdin is not None
        process.stdin.write("one\n")
        process.stdin.flush()

    try:
        await asyncio.wait_for(inject(process.pid, hub, on_waiting=go_on), SECONDS)
        assert len(said) == 1
        assert "waiting in C" in said[0]
    finally:
        await hub.close()
    assert process.communicate("two\n") == ("heard one\nheard two\n", "")
    assert process.returncode == 0


@needs_314
@pytest.mark.parametrize("code", [SLEEPING, IDLE, STEPPING], ids=["a sleep", "an idle loop", "a long step"])
async def test_whatever_a_program_waits_in_it_is_met_when_that_is_over(code: str, start: Start) -> None:
    process = start(code, python=PYTHON_314)
    hub = Hub()
    await hub.start()
    said: list[str] = []

    def go_on(sentence: str) -> None:
        said.append(sentence)
        # In no way was it disturbed in its waiting.
        assert hub.processes == ()
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()

    try:
        await asyncio.wait_for(inject(process.pid, hub, on_waiting=go_on), SECONDS)
        assert len(said) == 1
        assert "waiting in C" in said[0]
        (connection,) = hub.picture().connections
        assert connection.origin is not None
        assert connection.origin.found_by is FoundBy.HEAP
    finally:
        await hub.close()
    assert process.stdout is not None
    assert process.stdout.readline() == "went on\n"
    process.kill()
    assert process.communicate() == ("", "")


@needs_314
@pytest.mark.parametrize("times", [1, 2], ids=["", "called off twice"])
async def test_what_comes_too_late_does_nothing(start: Start, times: int) -> None:
    process = start(SERVING, python=PYTHON_314)
    hub = Hub()
    await hub.start()
    waiting = asyncio.Event()
    task = asyncio.create_task(inject(process.pid, hub, on_waiting=lambda _: waiting.set()))
    await asyncio.wait_for(waiting.wait(), SECONDS)
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with suppress(asyncio.CancelledError):
        await task
    await hub.close()
    assert not hub.folder.exists()
    # Python would say on stderr that it cannot open the script, were it still the one that is pending.
    assert process.communicate("one\ntwo\n") == ("heard one\nheard two\n", "")
    assert process.returncode == 0


@needs_314
async def test_what_is_called_off_while_it_is_handed_over_does_nothing(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start(SERVING, python=PYTHON_314)
    hub = Hub()
    await hub.start()
    answer = Target.answer

    async def answer_late(target: Target, code: str, *arguments: str) -> object:
        found = await answer(target, code, *arguments)
        if arguments and arguments[-1].endswith(".py"):
            # It is pending by now, and whoever handed it over has not heard so yet.
            task.cancel()
            await asyncio.sleep(SECONDS)
        return found

    monkeypatch.setattr(Target, "answer", answer_late)
    task = asyncio.create_task(inject(process.pid, hub, on_waiting=_nothing_said))
    with suppress(asyncio.CancelledError):
        await task
    await hub.close()
    assert process.communicate("one\ntwo\n") == ("heard one\nheard two\n", "")


@needs_314
async def test_a_hub_that_died_leaves_a_script_that_does_nothing(start: Start, tmp_path: Path) -> None:
    process = start(SERVING, python=PYTHON_314)
    hub = Hub()
    await hub.start()
    waiting = asyncio.Event()
    task = asyncio.create_task(inject(process.pid, hub, on_waiting=lambda _: waiting.set()))
    await asyncio.wait_for(waiting.wait(), SECONDS)
    # As a kill leaves it: the folder and the script are there, and nobody listens.
    hub.socket_path.unlink()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("one\n")
    process.stdin.flush()
    assert process.stdout.readline() == "heard one\n"
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await hub.close()
    assert process.communicate("two\n") == ("heard two\n", "")


@needs_314
async def test_those_who_attach_at_once_come_one_after_the_other(start: Start) -> None:
    process = start(SERVING, python=PYTHON_314)
    hubs = [Hub() for _ in range(3)]
    said: asyncio.Queue[str] = asyncio.Queue()
    try:
        for hub in hubs:
            await hub.start()
        coming = [
            asyncio.create_task(asyncio.wait_for(inject(process.pid, hub, on_waiting=said.put_nowait), SECONDS))
            for hub in hubs
        ]
        heard = [await asyncio.wait_for(said.get(), SECONDS) for _ in hubs]
        later = [sentence for sentence in heard if "waiting in C" not in sentence]
        assert later == [f"Process {process.pid} has not answered another memdb-tui yet, which came first."] * 2
        # It goes on.
        assert process.stdin is not None
        for _ in hubs:
            process.stdin.write("one\n")
            process.stdin.flush()
            await asyncio.wait(coming, timeout=1)
        await asyncio.gather(*coming)
        assert [len(hub.processes) for hub in hubs] == [1, 1, 1]
    finally:
        for hub in hubs:
            await hub.close()


@needs_314
async def test_a_process_that_ends_meanwhile_is_said_to_have_ended(start: Start) -> None:
    process = start(SERVING, python=PYTHON_314)
    hub = Hub()
    await hub.start()
    try:
        with pytest.raises(ProgramGoneError, match="has ended"):
            await asyncio.wait_for(inject(process.pid, hub, on_waiting=lambda _: process.kill()), SECONDS)
    finally:
        await hub.close()


@needs_314
@pytest.mark.parametrize("code", ["breakpoint()\nprint('went on')", ""], ids=["pdb", "Python's own prompt"])
async def test_a_prompt_on_a_terminal_is_woken(code: str, tmp_path: Path) -> None:
    program = tmp_path / "stops.py"
    program.write_text(_OPEN + code)
    words = [str(program)] if code else ["-q", "-i", str(program)]
    child = pexpect.spawn(
        PYTHON_314, words, encoding="utf-8", timeout=SECONDS, env={**os.environ, "TERM": "dumb", "NO_COLOR": "1"}
    )
    hub = Hub()
    await hub.start()
    try:
        child.expect_exact("(Pdb) " if code else ">>> ")
        await asyncio.wait_for(inject(child.pid, hub, on_waiting=_fail), SECONDS)
        assert len(hub.processes) == 1
        child.sendline("c" if code else "print('went', 'on')")
        child.expect_exact("went on")
    finally:
        await hub.close()
        child.close(force=True)


async def test_a_program_without_a_terminal_is_not_sent_a_signal(start: Start) -> None:
    assert not waits_at_prompt(start(SERVING).pid)


@needs_314
async def test_a_probe_that_cannot_start_is_told_and_not_shown_in_the_program(start: Start) -> None:
    process = start(COROUTINES, python=PYTHON_314)

    class Misled(Hub):
        def settings(self, *, follow: bool, trace: bool, patience: float = 0.5) -> str:
            told = super().settings(follow=follow, trace=trace, patience=patience)
            return told.replace('/probe"', '/no-probe"')

    hub = Misled()
    await hub.start()
    try:
        with pytest.raises(MemdbError, match="could not start in process"):
            await asyncio.wait_for(inject(process.pid, hub, on_waiting=_fail), SECONDS)
    finally:
        await hub.close()
    process.kill()
    assert process.communicate()[1] == ""


RAISING = (
    _OPEN + "import os, signal, threading\n"
    "class Raised(BaseException): pass\n"
    "def handler(*_): raise Raised('on purpose')\n"
    "signal.signal(signal.SIGUSR1, handler)\n"
    "def hook(event, args):\n"
    "    if event == 'import' and args[0] == '_memdb_tui_probe.channel': os.kill(os.getpid(), signal.SIGUSR1)\n"
    "sys.addaudithook(hook)\n"
    "print('ready', flush=True)\n"
    "try:\n"
    "    while True: pass\n"
    "except Raised as error:\n"
    "    frames = []\n"
    "    trace = error.__traceback__\n"
    "    while trace: frames.append(trace.tb_frame.f_code.co_name); trace = trace.tb_next\n"
    "    print(error, frames, signal.pthread_sigmask(signal.SIG_BLOCK, ()), flush=True)\n"
    "sys.stdin.read()\n"
)


@needs_314
async def test_what_a_signal_handler_raises_meanwhile_reaches_the_program(start: Start) -> None:
    process = start(RAISING, python=PYTHON_314)
    hub = Hub()
    await hub.start()
    try:
        async with asyncio.timeout(SECONDS):
            await inject(process.pid, hub, on_waiting=_fail)
    finally:
        await hub.close()
    out, err = await asyncio.to_thread(process.communicate, "")
    assert (out, err) == ("on purpose ['<module>', 'handler'] set()\n", "")
