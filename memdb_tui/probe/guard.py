"""The edge to the program: nothing of ours is raised into it, and what went wrong is kept, to be shown."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` is made of; not in the stubs
import os
import sys
from _functools import partial  # type: ignore[import-not-found]  # what `functools` is made of; not in the stubs
from itertools import pairwise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType, FunctionType, TracebackType

_FOLDERS = ("<memdb-tui>/", os.path.dirname(os.path.abspath(__file__)) + os.sep)  # noqa: PTH100, PTH120 - pathlib is not imported here
"""Where the code of the probe lies; first what `boot/sitecustomize.py` says in its place."""
_NAMES_OF_PYTHON = sys.stdlib_module_names
_OUR_NAMES = ("memdb_tui", "_memdb_tui_probe")
_MOST_FAILURES = 20
_TAKES_MORE = 0x04
"""`inspect.CO_VARARGS`."""
_AT_START = 0
_AFTER_AWAIT = 3


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
    return path.startswith(_FOLDERS)


def is_of_the_program(error: BaseException) -> bool:
    """Whether an error that came out of code of ours was raised by a signal handler, or by a thread, of the program.

    Both do so between any two instructions, ours too: what they raise is for the program.
    """
    trace, raised_in = error.__traceback__, None
    while trace is not None:
        raised_in = trace.tb_frame
        if not is_ours(raised_in.f_code.co_filename) and (
            _is_a_signal_handler(raised_in.f_code) or _was_called_as_handlers_are(raised_in)
        ):
            return True
        trace = trace.tb_next
    # What nobody raised there was set for this thread by another (`PyThreadState_SetAsyncExc`).
    name = str(getattr(type(error), "__module__", "")).partition(".")[0]
    is_foreign = name not in _NAMES_OF_PYTHON and name not in _OUR_NAMES
    return is_foreign and raised_in is not None and is_ours(raised_in.f_code.co_filename)


def _was_called_as_handlers_are(frame: FrameType) -> bool:
    """Whether a function was given a number and a frame, or, as tracers are, a frame and an event.

    A handler that has set itself back, and is not among those in force any more, is known by that.
    """
    code = frame.f_code
    given = [frame.f_locals.get(name) for name in code.co_varnames[: code.co_argcount]]
    if code.co_flags & _TAKES_MORE:
        more = frame.f_locals.get(code.co_varnames[code.co_argcount + code.co_kwonlyargcount])
        given += more if type(more) is tuple else ()
    kind = type(frame)
    return any(
        (isinstance(one, int) and type(other) is kind) or (type(one) is kind and isinstance(other, str))
        for one, other in pairwise(given)
    )


def _is_a_signal_handler(code: CodeType) -> bool:
    for number in _signal.valid_signals():
        handler = _signal.getsignal(number)
        if handler is None or isinstance(handler, int) or handler is _signal.default_int_handler:
            continue
        while isinstance(handler, partial):
            handler = handler.func
        function = getattr(handler, "__func__", handler)
        # Of a handler that is no function, the code is that of its class.
        known = getattr(function, "__code__", None)
        if known is None:
            known = getattr(getattr(type(handler), "__call__", None), "__code__", None)  # noqa: B004 - it is looked at
        if known is code:
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
    return f" ({last.tb_frame.f_code.co_filename.rpartition('/')[2]}, line {last.tb_lineno})"


def begin_uninterrupted(function: FunctionType) -> None:
    """Let a function begin without a look for signals: the first may come only within its `try`.

    Its first instruction is RESUME, which looks for signals unless it says that a generator goes on:
    https://docs.python.org/3/library/dis.html#opcode-RESUME.
    """
    code = function.__code__
    if code.co_code[1] == _AT_START and not code.co_freevars and not code.co_cellvars:
        function.__code__ = code.replace(co_code=code.co_code[:1] + bytes((_AFTER_AWAIT,)) + code.co_code[2:])
