"""The one audit hook of the process: https://docs.python.org/3/library/sys.html#sys.addaudithook."""

from __future__ import annotations

import sys

from .guard import begin_uninterrupted, is_of_the_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .guard import Failures

    Handlers = dict[str, Callable[[tuple[Any, ...]], None]]

_handlers: Handlers = {}
_failures: list[Failures] = []
_is_added = False


def install(handlers: Handlers, failures: Failures) -> None:
    """Let functions be called at audit events; they replace those of an earlier call."""
    global _is_added  # noqa: PLW0603 - a process has one, and it cannot be removed
    _failures[:] = [failures]
    _handlers.clear()
    _handlers.update(handlers)
    _hook.__code__ = _HOOKED
    if not _is_added:
        _is_added = True
        sys.addaudithook(_hook)


def uninstall() -> None:
    """Leave a bare return of the hook: it cannot be removed."""
    _hook.__code__ = _bare.__code__
    _handlers.clear()
    _failures.clear()


def _hook(event: str, args: tuple[Any, ...]) -> None:
    # When Python ends it takes the names of modules away, and there may still be finalizers that open something.
    if _handlers and event in _handlers:
        try:
            _handlers[event](args)
        except Exception as error:
            if is_of_the_program(error):
                raise
            for failures in _failures:
                failures.keep(f"At {event}", error)


def _bare(event: str, args: tuple[Any, ...]) -> None:  # noqa: ARG001 - the signature of a hook
    return


# What stays in the program is no place for its signal handlers: what one raises in a hook is lost with some events.
begin_uninterrupted(_bare)  # type: ignore[arg-type]  # a Callable to mypy

_HOOKED = _hook.__code__
