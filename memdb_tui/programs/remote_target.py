"""Whether a running process can be reached with nothing prepared in it, and if not, why, in one sentence.

Python 3.14's `sys.remote_exec` reaches a process of the same minor version:
https://docs.python.org/3.14/library/sys.html#sys.remote_exec
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import platform
import pwd
import re
from pathlib import Path

from memdb_tui.errors import ProgramGoneError, UsageError
from memdb_tui.frozen import dataclass

WAYS = "Call memdb_tui.listen() in the program, or start it with “memdb-tui run --listen”."
RESTART = f"Start it again without that, or make it reachable: {WAYS}"
_WHICH = "“memdb-tui ps” lists the processes that can be reached."
_OLDEST = (3, 11)
_REMOTE_EXEC_SINCE = (3, 14)
_ASK = (
    "import json, sys; print(json.dumps([sys.implementation.name, list(sys.version_info[:2]), 't' in sys.abiflags, "
    "getattr(sys, 'is_remote_debug_enabled', bool)()]))"
)
_ANSWER_SECONDS = 20.0
_CAP_SYS_PTRACE = 1 << 19
_SIGWINCH_BIT = 1 << 27
_PTRACE_BY_CHILDREN_ONLY, _PTRACE_BY_NOBODY = 1, 3
_WAITING_CALLS = {
    "x86_64": frozenset({0, 7, 23, 232, 270, 271, 281}),
    "aarch64": frozenset({22, 63, 72, 73}),
}
"""The numbers of read, poll, select, epoll_wait and their variants, in which a prompt waits."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What a process's own interpreter says of itself."""

    implementation: str
    version: tuple[int, int]
    is_free_threaded: bool
    has_remote_debugging: bool


@dataclass(frozen=True, slots=True)
class Target:
    """A process that can be reached with `sys.remote_exec`."""

    pid: int
    executable: Path
    """A path that opens the interpreter it runs, even where the file has been replaced since."""
    name: str
    """Where that interpreter was found when it started."""

    async def answer(self, code: str, *arguments: str) -> object:
        """What some code prints as JSON in another process of the same interpreter.

        Raises:
            ProgramGoneError: The process has ended.
            UsageError: Its interpreter does not run like that.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                # What it takes for its own name: its library is found from there.
                self.name,
                *("-I", "-S", "-c", code, *arguments),
                executable=str(self.executable),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    output, _ = await process.communicate()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            return json.loads(output)
        except (OSError, ValueError, TimeoutError) as error:
            if has_ended(self.pid):
                raise ProgramGoneError(f"Process {self.pid} has ended.") from error
            raise UsageError(f"The Python of process {self.pid} does not run a second time.", hint=WAYS) from error


async def examine(pid: int, *, proc: Path = Path("/proc")) -> Target:
    """The process as a target.

    Args:
        pid: Its id.
        proc: Where the system's process file system lies.

    Raises:
        ProgramGoneError: It ended meanwhile.
        UsageError: It cannot be reached so; the message says why, the hint which ways there are.
    """
    target = _target_of(pid, proc)
    interpreter = await _ask_interpreter(target)
    major, minor = interpreter.version
    if interpreter.version < _OLDEST:
        raise UsageError(
            f"Process {pid} runs Python {major}.{minor}; memdb-tui looks into Python 3.11 and newer.",
            hint="Run the program with a newer Python.",
        )
    if interpreter.implementation != "cpython" or interpreter.version < _REMOTE_EXEC_SINCE:
        name = {"cpython": "Python", "pypy": "PyPy"}.get(interpreter.implementation, interpreter.implementation)
        raise UsageError(
            f"Process {pid} runs {name} {major}.{minor}, which can only be reached where that was prepared; "
            "from Python 3.14 on nothing is needed.",
            hint=WAYS,
        )
    _refuse_by_settings(pid, proc)
    if not interpreter.has_remote_debugging:
        raise UsageError(f"Process {pid} runs a Python that was built without remote debugging.", hint=WAYS)
    if interpreter.is_free_threaded:
        raise UsageError(
            f"Process {pid} runs a free-threaded Python, which is not supported.",
            hint="Run the program with the usual build of Python.",
        )
    return target


def has_ended(pid: int, *, proc: Path = Path("/proc")) -> bool:
    """Whether a process that ran a program is over, waited for by its parent or not."""
    folder = proc / str(pid)
    try:
        if _field((folder / "status").read_text("utf-8", "replace"), "State").startswith("Z"):
            return True
        # The system takes its program away some time before it says so.
        os.readlink(folder / "exe")  # noqa: PTH115 - as in `_python_of`
    except PermissionError:
        return False
    except (OSError, ValueError):
        return True
    return False


def yama_refusal(scope: int | None, *, may_trace: bool) -> str:
    """Why Linux lets nobody like us into another process; empty where it does.

    Args:
        scope: Yama's `ptrace_scope`; None where the kernel has no Yama.
        may_trace: We hold CAP_SYS_PTRACE.

    The rules: https://docs.kernel.org/admin-guide/LSM/Yama.html
    """
    if scope is None or scope < _PTRACE_BY_CHILDREN_ONLY or (may_trace and scope < _PTRACE_BY_NOBODY):
        return ""
    if scope == _PTRACE_BY_CHILDREN_ONLY:
        return "this system lets a process look only into its own children (kernel.yama.ptrace_scope is 1)."
    if scope < _PTRACE_BY_NOBODY:
        return f"this system lets only an administrator look into processes (kernel.yama.ptrace_scope is {scope})."
    return f"this system lets nobody look into processes (kernel.yama.ptrace_scope is {scope})."


def waits_at_prompt(pid: int, *, proc: Path = Path("/proc"), machine: str = "") -> bool:
    """Whether its main thread waits for input on a terminal and wakes when the window's size changes.

    SIGWINCH does nothing to a program without a handler for it; readline, Python's own prompt and prompt_toolkit have
    one, and programs with one expect it at any time.
    """
    folder = proc / str(pid)
    try:
        is_terminal = os.readlink(folder / "fd/0").startswith(("/dev/pts/", "/dev/tty"))  # noqa: PTH115 - no path is made of it
        call = (folder / "syscall").read_text().split()[0]
        caught = int(_field((folder / "status").read_text("utf-8", "replace"), "SigCgt"), 16)
    except (OSError, IndexError, ValueError):
        return False
    calls = _WAITING_CALLS.get(machine or platform.machine(), frozenset())
    return is_terminal and bool(caught & _SIGWINCH_BIT) and call.isdigit() and int(call) in calls


def _target_of(pid: int, proc: Path) -> Target:
    """The process and its interpreter, if it is ours and in our file system."""
    if not proc.is_dir():
        raise UsageError(f"Process {pid} cannot be looked up, since this system has no {proc}.", hint=WAYS)
    _refuse_another_users(pid, _status(pid, proc))
    target = Target(pid, proc / str(pid) / "exe", _python_of(pid, proc))
    if not os.path.samestat((proc / str(pid) / "root").stat(), Path("/").stat()):
        raise UsageError(
            f"Process {pid} has another root folder, as in a container.", hint="Start memdb-tui inside of it."
        )
    return target


def _refuse_by_settings(pid: int, proc: Path) -> None:
    scope = _number(proc / "sys/kernel/yama/ptrace_scope")
    if reason := yama_refusal(scope, may_trace=bool(_capabilities(proc) & _CAP_SYS_PTRACE)):
        allow = "Allow it (sudo sysctl kernel.yama.ptrace_scope=0), or prepare the program: "
        raise UsageError(
            f"Process {pid} cannot be reached: {reason}",
            hint=f"{allow if scope == _PTRACE_BY_CHILDREN_ONLY else ''}{WAYS}",
        )
    if _environment_of(pid, proc).get("PYTHON_DISABLE_REMOTE_DEBUG") and not _ignores_environment(pid, proc):
        raise UsageError(f"Process {pid} was started with PYTHON_DISABLE_REMOTE_DEBUG.", hint=RESTART)


def _ignores_environment(pid: int, proc: Path) -> bool:
    """Whether a Python was started with -E or -I: https://docs.python.org/3/using/cmdline.html#cmdoption-E."""
    try:
        words = os.fsdecode((proc / str(pid) / "cmdline").read_bytes()).split("\0")[1:]
    except OSError:
        return False
    options = itertools.takewhile(lambda word: word.startswith("-") and word[1:2] not in {"", "-", "c", "m"}, words)
    return any({"E", "I"} & set(word) for word in options if word[1] not in "WX")


def _status(pid: int, proc: Path) -> str:
    try:
        text = (proc / str(pid) / "status").read_text("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"There is no process {pid}.", hint=_WHICH) from error
    if _field(text, "State").startswith("Z"):
        raise UsageError(f"Process {pid} has ended.", hint=_WHICH)
    return text


def _refuse_another_users(pid: int, status: str) -> None:
    owner = int(_field(status, "Uid").split()[1])
    if owner == os.geteuid():
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = str(owner)
    raise UsageError(
        f"Process {pid} belongs to the user {name}.",
        hint=f"Run it as that user: sudo -u {name} memdb-tui attach {pid}",
    )


def _python_of(pid: int, proc: Path) -> str:
    """The path of its interpreter. It is run later, so nothing but a Python may pass here."""
    try:
        path = os.readlink(proc / str(pid) / "exe").removesuffix(" (deleted)")  # noqa: PTH115 - no path is made of it
        maps = (proc / str(pid) / "maps").read_text("utf-8", "replace")
    except OSError as error:
        raise UsageError(f"Process {pid} does not say what it runs.", hint=WAYS) from error
    if re.match(r"(python|pypy)[0-9.]*[a-z]*$", Path(path).name):
        return path
    if "/libpython" in maps:
        raise UsageError(
            f"Process {pid} has Python inside another program ({Path(path).name}).",
            hint="Call memdb_tui.listen() in its Python code.",
        )
    raise UsageError(
        f"Process {pid} is not Python, it runs {Path(path).name or 'a part of the kernel'}.",
        hint=_WHICH,
    )


async def _ask_interpreter(target: Target) -> Interpreter:
    match await target.answer(_ASK):
        case [str(implementation), [int(major), int(minor)], bool(is_free_threaded), bool(has_remote_debugging)]:
            return Interpreter(implementation, (major, minor), is_free_threaded, has_remote_debugging)
    raise UsageError(f"The Python of process {target.pid} does not say what it is.", hint=WAYS)


def _capabilities(proc: Path) -> int:
    return int(_field((proc / "self/status").read_text(), "CapEff"), 16)


def _environment_of(pid: int, proc: Path) -> dict[str, str]:
    """As it was when the process began, which is when Python reads it; empty where it cannot be read."""
    try:
        raw = (proc / str(pid) / "environ").read_bytes()
    except OSError:
        return {}
    pairs = (part.decode(errors="replace").partition("=") for part in raw.split(b"\0"))
    return {name: value for name, _, value in pairs}


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _field(status: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*)$", status, re.MULTILINE)
    if not found:
        raise ValueError(f"no {name} in a process's status")
    return found[1]
