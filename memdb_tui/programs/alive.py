"""Whether a process runs, as the system has it."""

from __future__ import annotations

import os
from pathlib import Path

_STATE_FIELD = 0
_ENDED = {b"Z", b"X"}
_STOPPED = b"T"


def is_alive(pid: int) -> bool:
    """The process runs; one that has ended and waits for its parent to look does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # Another user's.
        return True
    try:
        return _state_of(pid) not in _ENDED
    except OSError:
        return not Path("/proc/self").exists()


def is_stopped(pid: int) -> bool:
    """A signal has stopped it (SIGSTOP, or ^Z in its terminal): it does nothing until another lets it go on."""
    try:
        return _state_of(pid) == _STOPPED
    except OSError:
        return False


def stopped_words(pid: int) -> str:
    """What is to be said of a process that is stopped: the middle of a sentence."""
    return f"it is stopped, as by ^Z. It is asked as soon as it goes on: fg in its terminal, or kill -CONT {pid}."


def _state_of(pid: int) -> bytes:
    stat = Path(f"/proc/{pid}/stat").read_bytes()
    # The name, in parentheses, may hold anything: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html.
    return stat.rpartition(b")")[2].split()[_STATE_FIELD]
