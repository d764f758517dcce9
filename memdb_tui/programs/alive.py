"""Whether a process runs."""

from __future__ import annotations

import os
from pathlib import Path

_STATE_FIELD = 0
_ENDED = {b"Z", b"X"}


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
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return not Path("/proc/self").exists()
    # The name, in parentheses, may hold anything: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html.
    return stat.rpartition(b")")[2].split()[_STATE_FIELD] not in _ENDED
