"""Places in the source: a stack as it was, kept without keeping anything it held."""

from __future__ import annotations

import os
import sys

from .guard import is_ours
from .opening import UNSEEN
from .process import program_argv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType
    from typing import Any

    Site = tuple[CodeType, int, int]
    """The code that ran, where in it (as `f_lasti`), and the hash of the frame, which is its address."""
    OwnSite = tuple[CodeType, int, int, Site | None]
    """The same of a place of the program, and the innermost one within it; None where that is the same."""
    Stack = list[Any]
    """Sites one after the other, inner ones first, in one list: the garbage collector has to look at less."""

SITE_PARTS = 3
"""How many members of a stack in one list are one site."""
MOST_PLACES = 24
_FRAMES_OF_OURS = 4
"""How many frames of ours can stand among those of a program's stack."""
FRAMES_IN_ORDER = MOST_PLACES + _FRAMES_OF_OURS
"""So many of a stack are kept whole; of those beyond, one at most."""
_MOST_BEYOND = 256
_MOST_DEEP = 1000
_COMMAND = "<string>"
"""What the source of `python -c` is called, and code made by `exec`."""
TYPED = ("<stdin>", "<console>", "<python-input-", "<ipython-input-", "<doctest ")
"""How names of source begin that somebody has typed. What else has no file is generated, by SQLAlchemy say."""
_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>")
"""Functions on Python 3.11, which return as soon as what they make is there."""
_OF_MULTIPROCESSING = "from multiprocessing."
"""How the commands begin that Python itself starts workers by."""
_IS_FUNCTION = 0x01
_MAY_PAUSE = 0x20 | 0x80 | 0x100 | 0x200
"""`co_flags` of generators, coroutines, iterable coroutines and asynchronous generators."""

_STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120 - pathlib is not imported here
_MOST_KNOWN = 4096
_known: dict[str, bool] = {}
"""Files of source, and whether they are the program's own."""
_lines: dict[tuple[int, int], tuple[CodeType, int | None]] = {}
"""Places in code, and their lines."""
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


def stack_from(frame: FrameType | None) -> Stack:
    """The stack from a frame outwards; of a deep one at least one place that is the program's own, if it has any."""
    stack: Stack = []
    for _ in range(FRAMES_IN_ORDER):
        if frame is None:
            return stack
        stack += (frame.f_code, frame.f_lasti, hash(frame))
        frame = frame.f_back
    if frame is not None and not any(is_programs_own(code.co_filename) for code in stack[::SITE_PARTS]):
        stack += _own_beyond(frame)
    return stack


def _own_beyond(frame: FrameType | None) -> Stack:
    """The first place of the program's own from a frame outwards; empty where there is none."""
    for _ in range(_MOST_BEYOND):
        if frame is None:
            break
        code = frame.f_code
        if is_programs_own(code.co_filename):
            return [code, frame.f_lasti, hash(frame)]
        frame = frame.f_back
    return []


def stack_raised(traceback: TracebackType | None) -> Stack:
    """The stack that an exception was raised on, from there to whoever caught it."""
    frames = []
    while traceback is not None:
        frames.append((traceback.tb_frame.f_code, traceback.tb_lasti, hash(traceback.tb_frame)))
        traceback = traceback.tb_next
    return [part for site in reversed(frames) for part in site]


def sites_of(stack: Stack) -> list[Site]:
    """The places of a stack."""
    parts = iter(stack)
    return list(zip(parts, parts, parts, strict=True))


def programs_own_site(frame: FrameType | None) -> OwnSite | None:
    """As `first_of_the_program` of a whole stack, from a frame outwards, and no further than to that place."""
    innermost = None
    for _ in range(FRAMES_IN_ORDER):
        if frame is None:
            break
        code = frame.f_code
        path = code.co_filename
        # A trampoline (`call_unseen`) has the caller's file and line, so it counts as the caller.
        if _known.get(path) or is_programs_own(path):
            return code, frame.f_lasti, hash(frame), innermost
        if innermost is None and not is_ours(path):
            innermost = code, frame.f_lasti, hash(frame)
        frame = frame.f_back
    return None if innermost is None else (*innermost, None)


def root_of(sites: list[Site]) -> Site | None:
    """The outermost frame of a stack, None where the stack is longer than what was kept of it."""
    return sites[-1] if sites and len(sites) < FRAMES_IN_ORDER else None


def outermost(frame: FrameType | None) -> Site | None:
    """The outermost frame of a stack, from a frame outwards; None where it is too deep for that."""
    for _ in range(_MOST_DEEP):
        if frame is None:
            break
        if frame.f_back is None:
            return frame.f_code, frame.f_lasti, hash(frame)
        frame = frame.f_back
    return None


def is_running(site: Site, running: dict[int, str]) -> bool:
    """Whether a frame is among those that run; another one of the same function at its address is taken for it."""
    code = site[0]
    shown = running.get(site[2], "")
    return shown.endswith(f", code {code.co_name}>") and f" file {code.co_filename!r}," in shown


def of_the_program(sites: list[Site]) -> list[Site]:
    """The innermost places that are not ours; where none is the program's own, the first that is behind them."""
    found = [site for site in sites if not _is_of_ours(site[0])]
    kept = found[:MOST_PLACES]
    if not any(is_programs_own(site[0].co_filename) for site in kept):
        kept += [site for site in found[MOST_PLACES:] if is_programs_own(site[0].co_filename)][:1]
    return kept


def first_of_the_program(sites: list[Site]) -> Site | None:
    """The innermost place that is the program's own source, neither installed nor Python's; else the innermost."""
    for site in sites:
        if is_programs_own(site[0].co_filename) and site[0].co_name not in _COMPREHENSIONS:
            return site
    return sites[0] if sites else None


def is_programs_own(path: str) -> bool:
    """Whether a file of source belongs to the program rather than to an installed package, to Python, or to us."""
    found = _known.get(path)
    if found is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        found = _known[path] = not is_ours(path) and _is_programs_own(path)
    return found


def _is_programs_own(path: str) -> bool:
    if path.startswith(TYPED):
        return True
    if path == _COMMAND:
        argv = program_argv(list(sys.orig_argv))
        return len(argv) > 1 and argv[0] == "-c" and not argv[1].startswith(_OF_MULTIPROCESSING)
    if path.startswith((_STANDARD_LIBRARY, "<")):
        return False
    return not any(part in path for part in _INSTALLED)


def _is_of_ours(code: CodeType) -> bool:
    return is_ours(code.co_filename) or code.co_consts[-1:] == (UNSEEN,)


def can_return(code: CodeType) -> bool:
    """Whether code runs once, from its call to its return: a function that cannot pause, and no module."""
    return bool(code.co_flags & _IS_FUNCTION) and not code.co_flags & _MAY_PAUSE


def told(site: Site, cwd: str) -> list[str | int | None]:
    """A place as it travels: path, line, function."""
    code, offset, _ = site
    path = code.co_filename
    if cwd and not path.startswith(("<", os.sep)):
        path = f"{cwd.rstrip(os.sep)}{os.sep}{path}"
    return [path, _line(code, offset), code.co_qualname]


def _line(code: CodeType, offset: int) -> int | None:
    # The address stands for the code, which is held with what is known of it: hashing code hashes all its constants.
    key = object.__hash__(code), offset
    found = _lines.get(key)
    if found is None:
        if len(_lines) >= _MOST_KNOWN:
            _lines.clear()
        found = _lines[key] = code, _line_in_table(code, offset)
    return found[1]


def _line_in_table(code: CodeType, offset: int) -> int | None:
    for start, end, line in code.co_lines():
        if start <= offset < end:
            return line
    return code.co_firstlineno
