"""What stays the same of a process while it lives."""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

VERSION = 1
"""Of the wire; both sides refuse any other."""
_WITH_VALUE = ("W", "X")


def told(*, forked_from: int | None, waiting: str, trace: bool, notes: list[str]) -> dict[str, Any]:
    """The `process` object."""
    return {
        "version": VERSION,
        "pid": os.getpid(),
        "ppid": os.getppid(),
        "argv": program_argv(list(sys.orig_argv)),
        "cwd": _cwd(),
        "executable": sys.executable or "",
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "implementation": sys.implementation.name,
        "sqlite": sqlite_version(),
        "sqlalchemy": sqlalchemy_version(),
        "started_at": started_at(),
        "forked_from": forked_from,
        "native": native_problem(),
        "use_uri": uses_uris(),
        "waiting": waiting,
        "trace": trace,
        "notes": notes,
    }


def program_argv(argv: list[str]) -> list[str]:
    """The words of a command line from the program on: its script first, or `-m` and a module, or `-c`.

    Args:
        argv: Whole, the interpreter first: https://docs.python.org/3/using/cmdline.html.
    """
    rest = argv[1:]
    while rest:
        word = rest[0]
        if word == "-" or not word.startswith("-"):
            return rest
        if word == "--check-hash-based-pycs":
            rest = rest[2:]
            continue
        if word.startswith("--"):
            rest = rest[1:]
            continue
        for place, letter in enumerate(word[1:], start=1):
            if letter in "mc":
                # What follows in the same word belongs to it: -mjson.tool.
                value = [word[place + 1 :]] if word[place + 1 :] else []
                return [f"-{letter}", *value, *rest[1:]]
            if letter in _WITH_VALUE:
                rest = rest if word[place + 1 :] else rest[1:]
                break
        rest = rest[1:]
    return []


def sqlite_version() -> str:
    """The version of SQLite, empty while sqlite3 is not imported."""
    return str(getattr(sys.modules.get("_sqlite3"), "sqlite_version", ""))


def sqlalchemy_version() -> str:
    """The version of SQLAlchemy, empty while it is not imported."""
    return str(getattr(sys.modules.get("sqlalchemy"), "__version__", ""))


def native_problem() -> str:
    """Why SQLite cannot be asked directly; empty where it can, or where nobody has needed it yet."""
    native = _native()
    # Another thread may be importing it at this moment.
    problem = getattr(native, "native_problem", None)
    return "" if problem is None else str(problem())


def uses_uris() -> bool | None:
    """Whether SQLite takes `file:` names for URIs unasked; None where it has not been asked."""
    native = _native()
    load = getattr(native, "native", None)
    library = None if load is None else load()
    return None if library is None else bool(library.uses_uris())


def _native() -> ModuleType | None:
    # It is there from the first connection on. A program without any does not need ctypes.
    module = sys.modules.get(f"{__package__}.native")
    # It may be in the midst of being imported, by another thread.
    return module if getattr(module, "_loaded", None) else None


def started_at() -> float:
    """When the process began, in seconds since 1970."""
    try:
        with open("/proc/self/stat", "rb") as file:  # noqa: PTH123 - pathlib is not imported here
            ticks = int(file.read().rpartition(b")")[2].split()[19])
        since_boot = time.clock_gettime(time.CLOCK_BOOTTIME)
        return time.time() - since_boot + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        # Not Linux: the moment of the arrival of the probe is close.
        return _ARRIVED_AT


def _cwd() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - pathlib is not imported here
    except OSError:
        return ""


_ARRIVED_AT = time.time()
