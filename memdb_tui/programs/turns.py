"""Who attaches to a process has it alone: only one script can be pending in it, and the next would take its place."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from memdb_tui.errors import ProgramGoneError

_LOOK_SECONDS = 0.1


@asynccontextmanager
async def turn(pid: int, patience_seconds: float, on_waiting: Callable[[str], None]) -> AsyncIterator[None]:
    """Within it no other memdb-tui attaches to a process. The system ends it with ours, whatever becomes of us.

    It is a lock on the folder in which the system tells of the process: that leaves no file, and is anybody's who may
    look into it.

    Args:
        pid: The process.
        patience_seconds: So long without a turn, and it is said why there is none.
        on_waiting: Called once with a sentence then.

    Raises:
        ProgramGoneError: It ended meanwhile.
    """
    try:
        folder = os.open(f"/proc/{pid}", os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise ProgramGoneError(f"Process {pid} has ended.") from error
    try:
        waits_until = time.monotonic() + patience_seconds
        while not _is_taken(folder):
            if time.monotonic() > waits_until:
                waits_until = float("inf")
                on_waiting(f"Process {pid} has not answered another memdb-tui yet, which came first.")
            await asyncio.sleep(_LOOK_SECONDS)
        yield
    finally:
        os.close(folder)


def _is_taken(folder: int) -> bool:
    """Whether it is our turn; where the system has no such locks, everybody has one."""
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in {errno.EWOULDBLOCK, errno.EINTR}
    return True
