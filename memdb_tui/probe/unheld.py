"""Looking at objects of the program without ever holding one.

Whatever this thread held for even one instruction of Python could die here instead of where the program dropped it:
a connection would be closed by the wrong thread, and late. So each look is one call into C, during which no other
thread runs: iterators do the work, and only what was asked for comes out.
"""

from __future__ import annotations

import sys
from functools import partial
from gc import disable, enable, get_objects, get_referrers, isenabled
from itertools import accumulate, chain, compress, islice, repeat, takewhile, tee
from operator import attrgetter, call, is_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

_ZEROS = 4
_BITS = 64
_wrapped = attrgetter("__wrapped__")
_COLLECTS_WHEREVER_IT_ALLOCATES = sys.version_info < (3, 12)
"""Making the object of a frame may collect garbage; what dies then may let other threads go on, and return from the
very frame that the object is made for: a crash (Python/frame.c, `_PyFrame_MakeAndSetFrameObject`). Since 3.12 garbage
is collected between instructions alone: https://docs.python.org/3/whatsnew/3.12.html#other-language-changes."""


def look(reference: Callable[[], Any], getter: Callable[[Any], Any]) -> tuple[Any, ...]:
    """What a getter written in C says of the object behind a weak reference, in a tuple of one; empty if it is gone.

    The getter must not give out the object or anything that lives by it.
    """
    return tuple(map(getter, filter(None, map(call, (reference,)))))


def look_at_connection(
    cache_reference: Callable[[], Any], getter: Callable[..., Any], *arguments: object
) -> tuple[Any, ...]:
    """As `look`, of the connection behind a weak reference to its statement cache.

    Args:
        cache_reference: The weak reference.
        getter: Called with the connection.
        arguments: What it is called with further.
    """
    connections = map(_wrapped, filter(None, map(call, (cache_reference,))))
    return tuple(map(getter, connections, *((argument,) for argument in arguments)))


def address_of(reference: Callable[[], Any], getter: Callable[[Any], Any]) -> tuple[int, ...]:
    """As `look`, of something that must not be given out: a number that is its own as long as it lives."""
    return tuple(map(object.__hash__, map(getter, filter(None, map(call, (reference,))))))


def running_threads() -> set[int]:
    """The identifiers of the threads that run Python code."""
    return set(chain.from_iterable(_once(sys._current_frames)))  # noqa: SLF001 - there is no other way


def running_frames(wanted: set[int]) -> dict[int, str]:
    """How the frames that run now in any thread show themselves, by their hash.

    Args:
        wanted: The hashes to look for. A hash is made of the address, which the next frame may have had since.
    """
    threads = chain.from_iterable(map(dict.values, _once(sys._current_frames)))  # noqa: SLF001 - there is no other way
    # Each chain: a frame, then f_back of what came before, until that is None.
    steps = map(chain, zip(threads, strict=False), repeat(repeat("f_back")))
    chains = map(takewhile, repeat(bool), map(accumulate, steps, repeat(getattr)))
    frames = chain.from_iterable(chains)
    # Not hashed first by way of `tee`: our own frame is among them, and the buffer of `tee` would be held by itself.
    shown_frames = _shown_without_collecting(frames) if _COLLECTS_WHEREVER_IT_ALLOCATES else set(map(repr, frames))
    return {number: shown for shown in shown_frames if (number := _hash_of_address(shown)) in wanted}


def _shown_without_collecting(frames: Iterator[Any]) -> set[str]:
    """How frames show themselves; from the first to the last of them no garbage is collected.

    Switching the collector off, and asking whether it was on, happen within the same call into C: no other thread can
    see it off, nor change it meanwhile.
    """
    was_on: list[bool] = []
    collecting_off = chain(map(was_on.append, filter(None, map(call, (isenabled,)))), map(call, (disable,)))
    collecting_on_again = map(call, compress(repeat(enable), was_on))
    try:
        return set(map(repr, filter(None, chain(collecting_off, frames, collecting_on_again))))
    except BaseException:
        # There was no memory for one of them.
        if was_on:
            enable()
        raise


def _hash_of_address(shown: str) -> int:
    """The hash of a frame that is shown as `<frame at 0x7f…, file …, line …, code …>`."""
    address = int(shown.partition(" at ")[2].partition(",")[0], 16)
    # As in Objects/object.c of CPython: an address ends in zeros, which say nothing.
    return address >> _ZEROS | (address & (1 << _ZEROS) - 1) << _BITS - _ZEROS


def weak_references(kind: type, reference: Callable[..., Any], *arguments: Any) -> list[Any]:  # noqa: ANN401 - handed on
    """Weak references to all objects of exactly a type that the garbage collector knows.

    Instances of a class made at run time refer to it: so its referrers are looked through. Not all objects:
    what `tee` keeps its values in would be one of them, and hold itself and its neighbours until it is collected.

    Args:
        kind: Which type.
        reference: The type of weak reference to make.
        arguments: What it is called with after the object.
    """
    everything, again = tee(chain.from_iterable(_once(partial(get_referrers, kind))))
    wanted = compress(everything, map(is_, map(type, again), repeat(kind)))
    found: list[Any] = []
    found.extend(map(reference, wanted, *(repeat(argument) for argument in arguments)))
    if not found:
        # Since Python 3.14 instances of some classes do not refer to them.
        objects = get_objects()
        try:
            found.extend(
                map(
                    reference,
                    compress(objects, map(is_, map(type, objects), repeat(kind))),
                    *(repeat(argument) for argument in arguments),
                )
            )
        finally:
            # It may hold the frame that holds it.
            objects.clear()
    return found


def _once(function: Callable[[], Any]) -> Iterator[Any]:
    """What a function returns, called when it is asked for."""
    values: Iterable[Any] = iter(function, None)
    return islice(values, 1)
