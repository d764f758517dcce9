"""`memdb_tui.inspect()`: the UI takes the terminal while the program waits."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path
from types import FrameType, TracebackType

from memdb_tui.doors.saying import say, say_once
from memdb_tui.doors.terminal import NoTerminalError, Terminal
from memdb_tui.doors.unsupported import why_unsupported

_here = threading.local()
_PACKAGE = str(Path(__file__).parents[1]) + os.sep
_LIBRARY = str(Path(os.__file__).parent) + os.sep


def inspect(*_given: object, **_named: object) -> None:
    """Open the UI on this process. The program waits in this line; quit the UI, and the program goes on.

    While this thread waits, it answers the UI, so the private databases of this thread can be read too. Threads and
    processes that share a terminal wait for each other here. In a coroutine the event loop stands still meanwhile.
    Without a terminal a sentence on stderr says how to attach instead, and the program goes on.

    `inspect` raises nothing of its own; a failure is reported on stderr. An exception that a signal handler of the
    program raises meanwhile, such as KeyboardInterrupt, ends the UI and passes through.

    Args:
        *_given: Ignored; `breakpoint(…)` passes its arguments on.
        **_named: Ignored, as `_given`; for example pdb's `header`.
    """
    inspect_because("")


def inspect_because(why: str, raised: TracebackType | None = None) -> None:
    """As `inspect`, and the UI says why it is open.

    Args:
        why: A whole sentence; empty where the program has called for it.
        raised: Where the failure was raised that is the reason.
    """
    if getattr(_here, "is_open", False):
        say("inspect() was called while it is open in this thread already; the program goes on.")
        return
    if unsupported := why_unsupported():
        say_once(f"inspect() did not open, and the program goes on: {unsupported}.")
        return
    _here.is_open = True
    try:
        _inspect(why, raised)
    except NoTerminalError as error:
        say(
            f"{error}, so inspect() lets the program go on. To look into it from a terminal, call memdb_tui.listen() "
            f"in it and run “memdb-tui attach {os.getpid()}” there."
        )
    except Exception as error:
        if not is_ours(error):
            raise
        say(f"inspect() could not open the UI, and the program goes on: {type(error).__name__}: {error}")
    finally:
        _here.is_open = False


def _inspect(why: str, raised: TracebackType | None) -> None:
    # Only where it can open: what they import crashes Python 3.12 at its end in a subinterpreter (`secrets` does).
    from memdb_tui.doors.ui_process import UiProcess, ui_command, ui_environment  # noqa: PLC0415 - as it says
    from memdb_tui.probe import places, start  # noqa: PLC0415 - a failure to import is one of ours: said, not raised

    stack = places.stack_from(_caller()) if raised is None else places.stack_raised(raised)
    if start.wait_for_client(why, stack):
        # Under `run` there is a UI already, and it has let the program go on.
        return
    with Terminal() as terminal:
        if _has_running_loop():
            say_once("inspect() was called in a coroutine: its event loop stands still until the UI is quit.")
        _flush_output()
        environment = ui_environment(os.environ)
        with start.ours():
            ui = UiProcess(terminal, ui_command, environment=environment)
        with ui:
            start.serve_inline(ui.sock, ui.token, why=why, stack=stack)


def _caller() -> FrameType | None:
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - there is no other way to it
    while frame is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
    return frame


def is_ours(error: BaseException) -> bool:
    """Whether an exception comes from this package or the standard library, rather than a signal handler."""
    frame = error.__traceback__
    if frame is None:
        return True
    while frame.tb_next is not None:
        frame = frame.tb_next
    path = frame.tb_frame.f_code.co_filename
    if path.startswith((_PACKAGE, "<frozen ")):
        return True
    return path.startswith(_LIBRARY) and "-packages" + os.sep not in path


def _has_running_loop() -> bool:
    if "asyncio" not in sys.modules:
        return False
    from asyncio import get_running_loop  # noqa: PLC0415 - only where the program uses it

    try:
        get_running_loop()
    except RuntimeError:
        return False
    return True


def _flush_output() -> None:
    """Let what the program has printed be seen before the UI's screen covers it."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
