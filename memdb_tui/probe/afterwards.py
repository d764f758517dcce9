"""Places of ours out of which nothing can be raised, hooks of forks and callbacks: Python would only print it.

What a signal handler of the program raises there is for the program. So signals wait until such a place is left, and
what was raised all the same is raised once more after it. Its last statement is `afterwards(held)`.

Python looks for signals, and for what is to be raised, where a function begins, where a loop begins anew, and after a
call of what is written in C; not after what a loop asks for its next value, nor where a function returns:
https://github.com/python/cpython/blob/3.13/Python/bytecodes.c.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` is made of; not in the stubs
import sys
from _functools import partial  # type: ignore[import-not-found]  # what `functools` is made of; not in the stubs
from _operator import call

from .bare import clock, get_ident
from .collector import pause_collectable
from .guard import AGAIN, begin_uninterrupted, is_of_the_program, is_ours
from .threads import ALL_SIGNALS
from .unheld import running_threads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    Held: TypeAlias = dict[str, Any]
    """What a place keeps; written as `{}` it takes no call to make, so nothing is raised before the first `try`.

    before: The signals that were blocked before; missing if that is not known yet.
    then: What else C is to do at the end; missing if nothing.
    lost: What was raised, the last of it.
    """

_MASK_BYTES = 128
_MOST_TRIES = 10
_BEGINNING_SECONDS = 0.2
_LOOK_SECONDS = 0.0005
_SHARE_NUMBERS = sys.version_info < (3, 12)
"""Until a thread runs, these versions know it by the number of the one that started it, and find it first by that:
what is to be raised in that one would end it before its first line.
https://github.com/python/cpython/blob/3.11/Python/pystate.c"""
_TAKE_THE_ERROR_ITSELF = sys.version_info >= (3, 12)
"""Older versions forget the traceback of what a class gives when it is called, and may call it twice:
`_PyErr_SetObject` in https://github.com/python/cpython/blob/3.11/Python/errors.c."""


def hold(held: Held, work: Callable[[Held], object]) -> None:
    """Do something while signals are blocked, which they are until `afterwards`. Raises nothing.

    A handler may come into it all the same, when another thread was given the signal: then it is done once more.

    Args:
        held: Of this place.
        work: Called with `held`; may be done twice, and keeps errors of its own.
    """
    tries = 0
    while tries < _MOST_TRIES:
        try:
            tries += 1
            if "before" not in held:
                held["before"] = _signal.pthread_sigmask(_signal.SIG_BLOCK, ())
            # It may be raised out of this very call, when they are blocked already.
            _signal.pthread_sigmask(_signal.SIG_BLOCK, ALL_SIGNALS)
            work(held)
            # From in here: where the loop begins anew, something may be raised.
            return  # noqa: TRY300
        except BaseException as error:  # noqa: BLE001 - it is raised again afterwards
            if not keep(held, error):
                return


def keep(held: Held, error: BaseException) -> bool:
    """Let what was raised be raised again, if it is of the program; whether it is."""
    is_lost = not isinstance(error, Exception) or is_of_the_program(error)
    if is_lost:
        held["lost"] = error
    return is_lost


def afterwards(held: Held) -> None:
    """Let signals in again, and let be raised what was lost; the last thing to be done in a place. Raises nothing."""
    tries = 0
    while tries < _MOST_TRIES:
        try:
            tries += 1
            for _ in map(tuple, (map(call, _steps(held)),)):
                break
            return  # noqa: TRY300 - as in `hold`
        except BaseException as error:  # noqa: BLE001 - it is raised again afterwards
            # Since Python 3.14 audit hooks, ours too, are called for the steps: a handler may come into those.
            if not keep(held, error):
                _signal.pthread_sigmask(_signal.SIG_SETMASK, held.get("before", ()))
                return


def _steps(held: Held) -> list[Callable[[], Any]]:
    """What is to be done by C alone: no step in Python comes between them."""
    steps = [*held.get("then", ())]
    before = held.get("before")
    if before is not None:
        if (ALL_SIGNALS & _signal.sigpending()) - before:
            steps.append(_letting_in(before))
        else:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, before)
    if "lost" in held:
        steps.append(_raising(held["lost"]))
    return steps


def _letting_in(before: Iterable[int]) -> Callable[[], Any]:
    """Lets signals in again. Handlers are called only after that; `_signal.pthread_sigmask` calls them itself."""
    step: Callable[[], Any] = partial(_signal.pthread_sigmask, _signal.SIG_SETMASK, before)
    try:
        from .foreign import c_char, of_python  # noqa: PLC0415 - a library in C, seldom needed
    except ImportError:
        # There is no such library: what a handler raises is printed.
        return step
    mask = (c_char * _MASK_BYTES)()
    of_python("sigemptyset")(mask)
    adding = of_python("sigaddset")
    for number in before:
        adding(mask, number)
    return partial(of_python("pthread_sigmask"), int(_signal.SIG_SETMASK), mask, None)  # type: ignore[no-any-return]


def _raising(error: BaseException) -> Callable[[], Any]:
    """Raises an error in the calling thread, when Python next looks for such."""
    from .foreign import c_ulong, of_python, py_object  # noqa: PLC0415 - as above

    if _SHARE_NUMBERS:
        until = clock.monotonic() + _BEGINNING_SECONDS
        while is_a_thread_beginning() and clock.monotonic() < until:
            pause_collectable(_LOOK_SECONDS)
    kind = _giving(error) if _TAKE_THE_ERROR_ITSELF else _alike(error)
    step: Callable[[], Any] = partial(of_python("PyThreadState_SetAsyncExc"), c_ulong(get_ident()), py_object(kind))
    return step


def _giving(error: BaseException) -> type[BaseException]:
    """A class, which alone can be raised in a thread, that gives the error instead of an object of its own."""
    trace = error.__traceback__
    while trace is not None and is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    # Emptied, as a class lives until garbage is collected.
    errors = [error.with_traceback(trace)]
    return type(type(error).__name__, (BaseException,), {"__new__": lambda _kind: errors.pop()})


def _alike(error: BaseException) -> type[BaseException]:
    """A class of the same name, which makes the same error."""
    kind = type(error)
    if hasattr(kind, AGAIN):
        return kind
    begin, arguments = kind.__init__, error.args

    def fill(self: BaseException) -> None:
        begin(self, *arguments)

    names = {"__init__": fill, "__module__": kind.__module__, "__qualname__": kind.__qualname__, AGAIN: True}
    return type(kind.__name__, (kind,), names)


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


for _place in (hold, afterwards):
    begin_uninterrupted(_place)  # type: ignore[arg-type]  # functions are callables to mypy
