"""What stays the same of a process while it lives."""

from __future__ import annotations

import os
import sys
import time

from .bare import clock, getcwd, getpid
from .command_words import python_options
from .guard import is_of_the_program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

VERSION = 1
"""Of the wire; both sides refuse any other."""
_SERIALIZED = 3


def told(
    *,
    instance: str,
    started_at: float,
    forked_from: int | None,
    inherited: int,
    waiting: str,
    trace: bool,
    notes: list[str],
) -> dict[str, Any]:
    """The `process` object.

    Args:
        instance: The same as long as we stand in one program; another after exec.
        started_at: When the process began, in seconds since 1970.
        forked_from: The process it was forked from while we stood in that.
        inherited: Connections up to this number are of that process.
        waiting: What the program waits in.
        trace: Statements are counted.
        notes: Sentences.
    """
    return {
        "version": VERSION,
        "pid": getpid(),
        "instance": instance,
        "ppid": os.getppid(),
        "argv": program_argv(list(sys.orig_argv)),
        "cwd": current_folder(),
        "executable": sys.executable or "",
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "implementation": sys.implementation.name,
        "sqlite": sqlite_version(),
        "sqlalchemy": sqlalchemy_version(),
        "started_at": started_at,
        "forked_from": forked_from,
        "inherited": inherited,
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
    return python_options(argv[1:])[1]


def sqlite_version() -> str:
    """The version of SQLite, empty while sqlite3 is not imported."""
    return str(getattr(sys.modules.get("_sqlite3"), "sqlite_version", ""))


def serializes() -> bool:
    """Whether SQLite lets threads use one connection at once: https://docs.python.org/3/library/sqlite3.html#sqlite3.threadsafety."""
    return getattr(sys.modules.get("_sqlite3"), "threadsafety", 0) == _SERIALIZED


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
    # It is there from the first connection on. A program without any does not need it.
    module = sys.modules.get(f"{__package__}.native")
    # It may be in the midst of being imported, by another thread.
    return module if getattr(module, "_loaded", None) else None


def began_at() -> float:
    """When the process began, in seconds since 1970.

    It opens a file: in a thread beside the program's that could take the number of one of the program's.
    """
    try:
        with open("/proc/self/stat", "rb") as file:  # noqa: PTH123 - pathlib is not imported here
            ticks = int(file.read().rpartition(b")")[2].split()[19])
        since_boot = time.clock_gettime(time.CLOCK_BOOTTIME)
        return clock.time() - since_boot + ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        # Not Linux: the moment of the arrival of the probe is close.
        return _ARRIVED_AT


def current_folder() -> str:
    """Empty where it has been removed."""
    try:
        return getcwd()
    except OSError as error:
        if is_of_the_program(error):
            raise
        return ""


_ARRIVED_AT = clock.time()
