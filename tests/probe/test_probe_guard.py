"""Whose error it is: what a handler or a tracer of the program raises between two instructions of ours is its."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import pytest

from memdb_tui.probe.guard import is_of_the_program


class Handlers:
    """A program's handlers, as methods and as an object that is called."""

    def ring(self, number: int, _frame: FrameType | None) -> None:
        fail(number)

    def __call__(self, *_: object) -> None:
        raise TimeoutError


def fail(_number: int) -> None:
    raise TimeoutError


def ring(number: int, _frame: FrameType | None) -> None:
    fail(number)


def ring_of(_name: str, *_: object) -> None:
    raise TimeoutError


@pytest.mark.parametrize(
    "handler",
    [ring, lambda *_: ring_of("any"), partial(ring_of, "late"), Handlers().ring, Handlers()],
    ids=["function", "of any arguments", "partial", "method", "object"],
)
@pytest.mark.parametrize("stays", [True, False], ids=["", "set back"])
def test_what_a_handler_raises_is_the_programs(handler: Callable[..., Any], *, stays: bool) -> None:
    def handle(*given: Any) -> None:
        if not stays:
            signal.signal(signal.SIGUSR1, before)
        handler(*given)

    before = signal.signal(signal.SIGUSR1, handler if stays else handle)
    try:
        with pytest.raises(TimeoutError) as raised:
            signal.raise_signal(signal.SIGUSR1)
        assert is_of_the_program(raised.value)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_what_a_tracer_raises_is_the_programs() -> None:
    def look(_frame: FrameType, event: str, _arg: object) -> None:
        raise ValueError(event)

    before = sys.getprofile()
    with pytest.raises(ValueError, match="call") as raised:  # noqa: PT012 - only a call is looked at
        sys.setprofile(look)
        fail(0)
    sys.setprofile(before)
    assert is_of_the_program(raised.value)


def test_what_any_other_function_raises_is_not() -> None:
    def of_a_frame(_frame: FrameType) -> None:
        raise ValueError

    def of_a_number(_number: int, _name: str) -> None:
        raise ValueError

    for function, given in ((of_a_frame, (sys._getframe(),)), (of_a_number, (1, "one")), (ring_of, ("any", 2))):
        with pytest.raises((ValueError, TimeoutError)) as raised:
            function(*given)  # type: ignore[operator]
        assert not is_of_the_program(raised.value)
