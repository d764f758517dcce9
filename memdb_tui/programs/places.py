"""Which lines of a stack belong to the program, and which to what it has installed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memdb_tui.model import CodePlace

_INSTALLED = re.compile(r"/lib(?:64)?/python3(?:\.\d+t?)?/|/(?:site|dist)-packages/|\A<")
_COMMAND = "<string>"
"""What `python -c` and code made by `exec` are both called."""
TYPED = ("<stdin>", "<console>", "<python-input-", "<ipython-input-", "<doctest ")
"""As the probe has it: how names of source begin that somebody has typed."""
_OF_MULTIPROCESSING = re.compile(r"from multiprocessing\.\w+ import ")
"""How Python's own commands begin: https://github.com/python/cpython/blob/3.13/Lib/multiprocessing/spawn.py."""

_KEEPER = "/memdb_tui/pytesting/named_database.py"
"""Where the fixture `named_memory_db` opens the connection that keeps its database."""


def opener_of(stack: Sequence[CodePlace], argv: Sequence[str]) -> CodePlace | None:
    """The first line, from the innermost, that is the program's own; None where all belong to packages.

    Args:
        stack: Where a connection was opened, the innermost first.
        argv: What the program was started with: whether `<string>` is its source.
    """
    is_command = len(argv) > 1 and argv[0] == "-c" and _OF_MULTIPROCESSING.match(argv[1]) is None
    return next((place for place in stack if _is_own(place, is_command=is_command)), None)


def _is_own(place: CodePlace, *, is_command: bool) -> bool:
    if place.path.startswith(TYPED):
        return True
    if place.path == _COMMAND:
        return is_command
    return _INSTALLED.search(place.path) is None


def is_fixtures_own(stack: Sequence[CodePlace]) -> bool:
    """Whether a connection is the one that `named_memory_db` keeps its database by, and closes when the test is over.

    Args:
        stack: Where it was opened, the innermost first.
    """
    return bool(stack) and stack[0].path.endswith(_KEEPER)


def spelled(place: CodePlace | None) -> str:
    """A place as text: `app.py:12 in load`; empty for None."""
    if place is None:
        return ""
    name = place.path.rpartition("/")[2]
    inside = "" if place.function in {"", "<module>"} else f" in {place.function}"
    return f"{name}:{place.line}{inside}"
