"""Into a running process that nobody prepared, with Python 3.14's `sys.remote_exec`.

The script that is handed over runs at the next bytecode of the main thread
(https://docs.python.org/3.14/howto/remote_debugging.html), which may be long in coming. Until then it is pending. One
that nobody waits for any more is replaced by an empty one: of a missing file Python would complain in the program.
Only one can be pending, and whoever else uses `sys.remote_exec` takes its place: it is handed over again until the
program answers.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from memdb_tui.errors import MemdbError, ProgramGoneError, UsageError
from memdb_tui.programs.alive import is_stopped, stopped_words
from memdb_tui.programs.hub import Hub
from memdb_tui.programs.left_behind import SCRIPT, TOLD
from memdb_tui.programs.remote_target import RESTART, WAYS, Target, examine, has_ended, waits_at_prompt
from memdb_tui.programs.turns import turn

PATIENCE_SECONDS = 2.0
"""So long without an answer, and it is said why there is none."""
_IN_C = (
    "its main thread is waiting in C (a sleep, an idle event loop, a long SQL step). It is asked as soon as it runs "
    "Python again."
)

_LOOK_SECONDS = 0.1
_WAKE_SECONDS = 1.0
_AGAIN_SECONDS = 2.0
_SOON_SECONDS = 0.3
_EMPTY_SCRIPT = "/dev/null"
_HAND_OVER = """
import json, sys
try:
    sys.remote_exec(int(sys.argv[1]), sys.argv[2])
except Exception as error:
    print(json.dumps([type(error).__name__, str(error)]))
else:
    print("[]")
"""
_SCRIPT = """
lost = []
before = leaving = raising = None
is_blocked = False
try:
    try:
        while not is_blocked:
            try:
                import _signal
                faults = "SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT", "SIGTRAP", "SIGSYS"
                others = _signal.valid_signals() - {{getattr(_signal, name) for name in faults}}
                if before is None:
                    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, ())
                _signal.pthread_sigmask(_signal.SIG_BLOCK, others)
                is_blocked = True
            except BaseException as error:
                lost.append(error)
        exec({bringing!r}, {{}})
        if others & _signal.sigpending() - before:
            try:
                import ctypes, functools
                mask = (ctypes.c_ulong * 16)(sum(1 << number - 1 for number in before))
                setting = ctypes.CDLL(None).pthread_sigmask
                leaving = iter(functools.partial(setting, _signal.SIG_SETMASK, mask, None), 0)
            except Exception:
                pass
    finally:
        if before is not None and leaving is None:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, before)
except BaseException as error:
    lost.append(error)
try:
    if lost:
        import sys
        raising = sys.modules["_memdb_tui_probe.afterwards"].afterwards
except BaseException:
    pass
if leaving is not None:
    for _ in leaving:
        break
if raising is not None:
    raising({{"lost": lost}})
"""
"""What is handed over. Out of it nothing can be raised: Python would print it in the program.

So what the program's signal handlers raise is to be raised after it. Signals are blocked meanwhile. One that came is
let in at the very end, by a call that no look for signals follows before the program goes on. Such a look there is in
`_signal.pthread_sigmask` itself, and after each call in Python code, but not after what a loop asks for its next
value. What is raised in the moments before they are blocked is raised once more. Left is the moment in which Python
reads and compiles this script, after its last look for signals.
"""
_BRINGING = '''"""Brings memdb-tui's probe into this program; it says nothing here, whatever happens."""


def _being_imported():
    import _frozen_importlib
    import _imp
    import sys

    ours = "_memdb_tui_probe"
    if getattr(sys.modules.get(ours), "is_coming_in", False):
        return "memdb_tui"
    for name in tuple(_frozen_importlib._module_locks):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or top in (ours, "memdb_tui"):
            return name
    return "a module" if _imp.lock_held() else ""


def _bring(settings):
    import importlib.util
    import os
    import sys

    if not os.path.exists(settings["socket"]):
        return
    name = "_memdb_tui_probe"
    place = settings["probe"] + "/__init__.py"
    spec = importlib.util.spec_from_file_location(name, place, submodule_search_locations=[settings["probe"]])
    made = importlib.util.module_from_spec(spec)
    module = sys.modules.setdefault(name, made)
    module.is_coming_in = True
    try:
        if module is made:
            try:
                spec.loader.exec_module(module)
            except BaseException:
                del sys.modules[name]
                raise
        importlib.import_module(name + ".start").start_remote(settings)
    finally:
        module.is_coming_in = False


def _tell(kind, text):
    with open({told!r}, "w", encoding="utf-8") as told:
        told.write(kind + ":" + text)


def _come(settings):
    try:
        importing = _being_imported()
        if importing:
            _tell("importing", importing)
        else:
            _bring(settings)
    except Exception as error:
        _tell("failed", type(error).__name__ + ": " + str(error))


try:
    _come({settings!r})
except Exception:
    pass
'''
"""What brings the probe in, or tells why not, in a file.

A thread that comes back to a module which it is importing gets what there is of it so far. One of ours that needs the
same module would wait for the program's, and so would any import while a module's file is looked for. As long as a
module of Python's is being imported, the script therefore does nothing, and comes again.
https://github.com/python/cpython/blob/3.14/Lib/importlib/_bootstrap.py
"""


async def inject(pid: int, hub: Hub, *, on_waiting: Callable[[str], None], trace: bool = False) -> None:
    """Bring the probe into a process and return when it has connected to the hub.

    It goes on trying until it is cancelled; then what is pending in the program is made harmless.

    Args:
        pid: The process.
        hub: Started; where the probe is to connect.
        on_waiting: Called with a sentence when no answer, or before that no turn, has come in `PATIENCE_SECONDS`.
        trace: Statements are to be counted.

    Raises:
        UsageError: It cannot be reached so; the message says why, the hint which ways there are.
        ProgramGoneError: It ended meanwhile.
        MemdbError: The probe could not be started in it.
    """
    await hub.undertakings.through(_inject(pid, hub, on_waiting=on_waiting, trace=trace))


async def _inject(pid: int, hub: Hub, *, on_waiting: Callable[[str], None], trace: bool) -> None:
    target = await examine(pid)
    script, told = hub.folder / f"{SCRIPT}-{pid}.py", hub.folder / f"{TOLD}-{pid}.txt"
    settings = {**json.loads(hub.settings(follow=False, trace=trace)), "remote": True}
    _write_script(script, _SCRIPT.format(bringing=_BRINGING.format(settings=settings, told=str(told))))
    try:
        async with turn(pid, PATIENCE_SECONDS, on_waiting):
            await _hand_over_until_met(target, hub, script, told_in=told, on_waiting=on_waiting)
    finally:
        script.unlink(missing_ok=True)
        told.unlink(missing_ok=True)


async def _hand_over_until_met(
    target: Target, hub: Hub, script: Path, *, told_in: Path, on_waiting: Callable[[str], None]
) -> None:
    try:
        await _hand_over(target, str(script))
        may_be_pending = await _until_met(target, hub, script, told_in=told_in, on_waiting=on_waiting)
    except BaseException:
        await _recall(target)
        raise
    if may_be_pending:
        await _recall(target)


async def _until_met(
    target: Target, hub: Hub, script: Path, *, told_in: Path, on_waiting: Callable[[str], None]
) -> bool:
    """Whether the script may be pending still, or again."""
    began = time.monotonic()
    again_at = began + _AGAIN_SECONDS
    woken_at = float("-inf")
    is_again = False
    has_said = False
    importing = ""
    while await hub.arrival(target.pid, _LOOK_SECONDS) is None:
        match _take(told_in):
            case "failed", why:
                raise MemdbError(f"The probe could not start in process {target.pid}: {why}.")
            case "importing", importing:
                again_at = min(again_at, time.monotonic() + _SOON_SECONDS)
        if has_ended(target.pid):
            raise ProgramGoneError(f"Process {target.pid} has ended.")
        now = time.monotonic()
        if now - woken_at > _WAKE_SECONDS and waits_at_prompt(target.pid):
            woken_at = now
            _wake(target.pid)
        if not has_said and now - began > PATIENCE_SECONDS:
            has_said = True
            on_waiting(f"Process {target.pid} has not answered yet: {_why_not(target.pid, importing)}")
        if now > again_at:
            is_again = True
            await _hand_over(target, str(script))
            again_at = time.monotonic() + _AGAIN_SECONDS
    return is_again


def _why_not(pid: int, importing: str) -> str:
    if is_stopped(pid):
        return stopped_words(pid)
    return f"it is importing {importing}. It is asked again until that is over." if importing else _IN_C


def _wake(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGWINCH)
    except OSError:
        # It has ended; whoever waits for it sees that.
        return


def _write_script(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _take(path: Path) -> tuple[str, str] | None:
    """What the script has told: `failed` or `importing`, and what; None as long as it has told nothing new."""
    try:
        kind, _, what = path.read_text("utf-8").partition(":")
        if what:
            path.unlink()
    except OSError:
        return None
    return (kind, what.rstrip(".")) if what else None


async def _recall(target: Target) -> None:
    try:
        await _hand_over(target, _EMPTY_SCRIPT)
    except MemdbError:
        # It has ended, and took the pending script with it.
        return


async def _hand_over(target: Target, script: str) -> None:
    """Make a script pending in the target, in place of one that is.

    Both sides have to be of one version, so the target's own interpreter does it.
    """
    match await target.answer(_HAND_OVER, str(target.pid), script):
        case [str(kind), str(text)]:
            raise _refusal(target.pid, kind, text)


def _refusal(pid: int, kind: str, text: str) -> MemdbError:
    """What `sys.remote_exec` raised, in our words."""
    if has_ended(pid) or kind == "ProcessLookupError":
        return ProgramGoneError(f"Process {pid} has ended.")
    if "not enabled in the remote process" in text:
        return UsageError(f"Process {pid} was started with remote debugging disabled.", hint=RESTART)
    if kind == "PermissionError":
        return UsageError(f"This system does not let anybody into process {pid} ({text}).", hint=WAYS)
    return UsageError(f"Process {pid} cannot be reached: {text}.", hint=WAYS)
