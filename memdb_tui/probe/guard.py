"""The edge to the program: nothing of ours is raised into it, and what went wrong is kept, to be shown."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` is made of; not in the stubs
import _thread
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, TracebackType

FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep  # noqa: PTH100, PTH120 - pathlib is not imported here
"""Where the code of the probe lies."""
_MOST_FAILURES = 20


class Failures:
    """What went wrong in code of ours, a sentence each, the first of each kind."""

    def __init__(self) -> None:
        self.sentences: list[str] = []

    def keep(self, doing: str, error: BaseException) -> None:
        """Remember an error; the same one again is not told again.

        Args:
            doing: What was being done, as in "While a connection was recorded".
            error: What was raised.
        """
        place = _place_of(error)
        sentence = f"{doing}: {type(error).__name__}: {_words_of(error)}{place}."
        if sentence not in self.sentences and len(self.sentences) < _MOST_FAILURES:
            self.sentences.append(sentence)


def is_ours(path: str) -> bool:
    """Whether a file of source is one of the probe."""
    return path.startswith(FOLDER)


def is_of_the_program(error: BaseException) -> bool:
    """Whether an error that came out of code of ours was raised by a signal handler of the program.

    Such a handler runs between any two instructions, ours too: what it raises is for the program.
    """
    trace = error.__traceback__
    while trace is not None and is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace is not None and _is_a_signal_handler(trace.tb_frame.f_code)


def _is_a_signal_handler(code: CodeType) -> bool:
    for number in _signal.valid_signals():
        handler = _signal.getsignal(number)
        if handler is None or isinstance(handler, int) or handler is _signal.default_int_handler:
            continue
        function = getattr(handler, "__func__", handler)
        known = getattr(function, "__code__", None)
        # A handler that is no function may run any code: better raised to the program once too often than lost.
        if known is None or known is code:
            return True
    return False


def _words_of(error: BaseException) -> str:
    try:
        return str(error)[:300]
    except Exception:  # noqa: BLE001 - the message of a foreign exception may fail as well
        return "(its message cannot be read)"


def _place_of(error: BaseException) -> str:
    trace: TracebackType | None = error.__traceback__
    last = None
    while trace is not None:
        if is_ours(trace.tb_frame.f_code.co_filename):
            last = trace
        trace = trace.tb_next
    if last is None:
        return ""
    return f" ({last.tb_frame.f_code.co_filename[len(FOLDER) :]}, line {last.tb_lineno})"


def deliver_again(error: BaseException) -> None:
    """Raise, in the calling thread and as soon as it is back in the program, what a signal handler raised.

    For places from where nothing can be raised: Python only prints what the callback of a weak reference raises.
    """
    import ctypes  # noqa: PLC0415 - almost never needed

    kind = type(error)
    if error.args:
        arguments = error.args

        def fill(self: BaseException) -> None:
            kind.__init__(self, *arguments)

        # Only a class can be raised in this way: one of the same name that makes the same exception.
        names = {"__init__": fill, "__module__": kind.__module__, "__qualname__": kind.__qualname__}
        kind = type(kind.__name__, (kind,), names)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(_thread.get_ident()), ctypes.py_object(kind))
