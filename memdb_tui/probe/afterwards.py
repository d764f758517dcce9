"""Places of ours out of which nothing can be raised, hooks of forks and callbacks: Python would only print it.

What a signal handler of the program raises there is for the program. So signals wait until such a place is left, and
what was raised all the same is raised once more after it. Its last statement is `afterwards(held)`.

Python looks for signals where a function begins, where a loop begins anew, and after a call of what is written in C;
not after what a loop asks for its next value, nor where a function returns:
https://github.com/python/cpython/blob/3.13/Python/bytecodes.c. (A profiler or tracer written in Python is a function
that begins there as well.)
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what `signal` is made of; not in the stubs
from _codecs import lookup_error
from _functools import partial  # type: ignore[import-not-found]  # what `functools` is made of; not in the stubs
from _operator import call, itemgetter
from _thread import get_native_id
from itertools import repeat

from .bare import get_ident, getpid
from .guard import begin_uninterrupted, is_of_the_program, is_ours
from .threads import ALL_SIGNALS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    Held: TypeAlias = dict[str, Any]
    """What a place keeps; written as `{}` it takes no call to make, so nothing is raised before the first `try`.

    before: The signals that were blocked before; missing if that is not known yet.
    then: What else C is to do at the end; missing if nothing.
    lost: What was raised, a list; missing if nothing.
    """

_MASK_BYTES = 128
_MOST_TRIES = 10


def hold(held: Held, work: Callable[[Held], object], within: list[Held] | None = None) -> None:
    """Do something while signals are blocked, which they are until `afterwards`. Raises nothing.

    A handler may come into it all the same, when another thread was given the signal: then it is done once more.

    Args:
        held: Of this place.
        work: Called with `held`; may be done twice, and keeps errors of its own.
        within: `held` is put at its end, before any signal is blocked.
    """
    tries = 0
    while tries < _MOST_TRIES:
        try:
            tries += 1
            if "before" not in held:
                held["before"] = _signal.pthread_sigmask(_signal.SIG_BLOCK, ())
            if within is not None and not (within and within[-1] is held):
                within.append(held)
            # It may be raised out of this very call, when they are blocked already.
            _signal.pthread_sigmask(_signal.SIG_BLOCK, ALL_SIGNALS)
            work(held)
            # From in here: where the loop begins anew, something may be raised.
            return  # noqa: TRY300
        except BaseException as error:  # noqa: BLE001 - it is raised again afterwards
            keep(held, error)


def keep(held: Held, error: BaseException) -> bool:
    """Let what was raised be raised again, if it is of the program; whether it is."""
    is_lost = not isinstance(error, Exception) or is_of_the_program(error)
    if is_lost:
        held.setdefault("lost", []).append(error)
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
                break
    if "before" in held:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, held["before"])


def _steps(held: Held) -> list[Callable[[], Any]]:
    """What is to be done by C alone: no step in Python comes between them."""
    steps = [*held.get("then", ())]
    before = held.get("before")
    if before is not None:
        if (ALL_SIGNALS & _signal.sigpending()) - before:
            steps.append(_letting_in(before))
        else:
            _signal.pthread_sigmask(_signal.SIG_SETMASK, before)
    is_main = get_native_id() == getpid()
    for error in held.get("lost", ()):
        if not is_main:
            steps.append(_raising_here(type(error)))
            continue
        if not any(error is known for known in _errors):
            _errors.append(_as_in_the_program(error))
        steps.append(pending(_again))
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


def pending(thing: object) -> Callable[[], Any]:
    """Lets the main thread ask, as soon as it looks for signals, whether a thing is true, and raise what that raises.

    The thing has to be held, and to be false: https://docs.python.org/3/c-api/threads.html#c.Py_AddPendingCall. It is
    asked by `PyObject_IsTrue`, which is of the type of such a call, and gives what it has to.
    """
    from .foreign import of_python, py_object  # noqa: PLC0415 - as above

    step: Callable[[], Any] = partial(of_python("Py_AddPendingCall"), of_python("PyObject_IsTrue"), py_object(thing))
    return step


def _raising_here(kind: type[BaseException]) -> Callable[[], Any]:
    """Lets the calling thread raise, when it next looks for that, what another thread had it raise: a class alone."""
    from .foreign import c_ulong, of_python, py_object  # noqa: PLC0415 - as above

    step: Callable[[], Any] = partial(of_python("PyThreadState_SetAsyncExc"), c_ulong(get_ident()), py_object(kind))
    return step


def _as_in_the_program(error: BaseException) -> BaseException:
    """An error whose traceback begins in the program."""
    trace = error.__traceback__
    while trace is not None and is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return error.with_traceback(trace)


_errors: list[BaseException] = []
"""What is to be raised in the main thread, where all handlers are called."""


def become_child() -> None:
    """This is the child of a fork: what is still to be raised is the parent's."""
    del _errors[:]


class _Again:
    """Whether it is true is answered by raising the first of `_errors`, and taking it out; it is false without any.

    By C alone, so that nothing of ours is in the traceback. Each of these gives a new one each time it is asked.
    """

    _pairs = map(zip, repeat(repeat(partial(_errors.pop, 0))), repeat(_errors))
    _pops = map(map, repeat(itemgetter(0)), _pairs)
    _popped = map(map, repeat(call), _pops)
    _raised = map(map, repeat(lookup_error("strict")), _popped)
    __bool__ = staticmethod(partial(next, map(any, _raised)))


_again = _Again()
for _place in (hold, afterwards):
    begin_uninterrupted(_place)  # type: ignore[arg-type]  # functions are callables to mypy
