"""The edge to the program: nothing of ours is raised into it, and what went wrong is kept, to be shown."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` is made of; not in the stubs
import os
import sys

from .bare import clock, get_ident
from .collector import pause_collectable
from .threads import Thread
from .unheld import running_threads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FunctionType, TracebackType

_FOLDERS = ("<memdb-tui>/", os.path.dirname(os.path.abspath(__file__)) + os.sep)  # noqa: PTH100, PTH120 - pathlib is not imported here
"""Where the code of the probe lies; first what `boot/sitecustomize.py` says in its place."""
_MOST_FAILURES = 20
_AT_START = 0
_AFTER_AWAIT = 3
_AGAIN = "_memdb_tui_again"
"""Marks an exception of the program that is raised once more."""
_LEAVING_SECONDS = 1.0
_BEGINNING_SECONDS = 2.0
_SHARE_NUMBERS = sys.version_info < (3, 12)
"""Until a thread runs, these versions know it by the number of the one that started it, and find it first by that:
what is to be raised in that one would end it before its first line.
https://github.com/python/cpython/blob/3.11/Python/pystate.c"""
_LOOK_SECONDS = 0.0005


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
    """Whether an error that came out of code of ours was raised by a signal handler of the program.

    Such a handler runs between any two instructions, ours too: what it raises is for the program.
    """
    if hasattr(type(error), _AGAIN):
        return True
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if not is_ours(code.co_filename) and _is_a_signal_handler(code):
            return True
        trace = trace.tb_next
    return False


def _is_a_signal_handler(code: CodeType) -> bool:
    for number in _signal.valid_signals():
        handler = _signal.getsignal(number)
        if handler is None or isinstance(handler, int) or handler is _signal.default_int_handler:
            continue
        function = getattr(handler, "__func__", handler)
        # Of a handler that is no function, the code is that of its class.
        known = getattr(function, "__code__", None)
        if known is None:
            known = getattr(vars(type(handler)).get("__call__"), "__code__", None)
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


class Delivery:
    """Raises once more, in the calling thread and as soon as it is back in the program, what a signal handler raised.

    For places from which no exception gets out: Python only prints one that the callback of a weak reference raises.
    Another thread does it, when this one has left that place; where it is in such a place again, it starts anew.

    Args:
        error: What was raised.
    """

    def __init__(self, error: BaseException) -> None:
        self.is_left = False
        """To be set by the last statement of that place: from there to its end nothing can be raised."""
        self._ident = get_ident()
        kind = type(error)
        if not hasattr(kind, _AGAIN):
            # Not the error itself: a class lives until garbage is collected, so would the frames the error passed.
            begin, arguments = kind.__init__, error.args

            def fill(self: BaseException) -> None:
                begin(self, *arguments)

            # Only a class can be raised in another thread: this one has the same name and makes the same exception.
            names = {"__init__": fill, "__module__": kind.__module__, "__qualname__": kind.__qualname__, _AGAIN: True}
            kind = type(kind.__name__, (kind,), names)
        self._kind = kind
        Thread(self._deliver)

    def _deliver(self) -> None:
        from .foreign import c_ulong, of_python, py_object  # noqa: PLC0415 - almost never needed

        _wait_while(lambda: not self.is_left, _LEAVING_SECONDS)
        if _SHARE_NUMBERS:
            _wait_while(is_a_thread_beginning, _BEGINNING_SECONDS)
        of_python("PyThreadState_SetAsyncExc")(c_ulong(self._ident), py_object(self._kind))


def _wait_while(is_so: Callable[[], bool], seconds: float) -> None:
    until = clock.monotonic() + seconds
    while is_so() and clock.monotonic() < until:
        pause_collectable(_LOOK_SECONDS)


def is_a_thread_beginning() -> bool:
    """Whether a thread was started and is not at its first line yet; one that never comes to any looks the same."""
    from .foreign import c_void_p, of_python  # noqa: PLC0415 - as above

    interpreter, first, following = (
        of_python(name) for name in ("PyInterpreterState_Get", "PyInterpreterState_ThreadHead", "PyThreadState_Next")
    )
    for function in (interpreter, first, following):
        function.restype = c_void_p
    count, thread = 0, first(c_void_p(interpreter()))
    while thread:
        count, thread = count + 1, following(c_void_p(thread))
    return count > len(running_threads())


def begin_uninterrupted(function: FunctionType) -> None:
    """Let a function begin without a look for signals: the first may come only within its `try`.

    Its first instruction is RESUME, which looks for signals unless it says that a generator goes on:
    https://docs.python.org/3/library/dis.html#opcode-RESUME.
    """
    code = function.__code__
    if code.co_code[1] == _AT_START and not code.co_freevars and not code.co_cellvars:
        function.__code__ = code.replace(co_code=code.co_code[:1] + bytes((_AFTER_AWAIT,)) + code.co_code[2:])
