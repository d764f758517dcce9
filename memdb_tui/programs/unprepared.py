"""Processes that can be reached though nothing was prepared in them: those of Python 3.14 and later."""

from __future__ import annotations

import os
import re
from pathlib import Path

from memdb_tui.frozen import dataclass

_VERSIONED = re.compile(r"python3\.(\d+)")
_FIRST_MINOR = 14


@dataclass(frozen=True, slots=True)
class Unprepared:
    """A process of this user that runs Python 3.14 or later."""

    pid: int
    argv: tuple[str, ...]


def unprepared(proc: Path = Path("/proc")) -> tuple[Unprepared, ...]:
    """Those whose interpreter bears its version in its name, ourselves left out; by PID.

    Args:
        proc: Where the system's process file system lies; without one there is nothing to be found.
    """
    found = []
    for folder in proc.glob("[0-9]*"):
        if folder.name == str(os.getpid()):
            continue
        try:
            if folder.stat().st_uid != os.geteuid():
                continue
            name = (folder / "exe").readlink().name
            words = (folder / "cmdline").read_bytes().split(b"\0")[:-1]
        except OSError:
            # It has ended meanwhile.
            continue
        version = _VERSIONED.match(name)
        if version is not None and int(version[1]) >= _FIRST_MINOR:
            found.append(Unprepared(int(folder.name), tuple(os.fsdecode(word) for word in words)))
    return tuple(sorted(found, key=lambda each: each.pid))
