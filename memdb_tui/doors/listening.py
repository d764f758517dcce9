"""`memdb_tui.listen()`: a process that can be attached to."""

from __future__ import annotations

import os

from memdb_tui.doors.saying import say_once
from memdb_tui.doors.unsupported import why_unsupported


def listen(name: str | None = None) -> str:
    """Make this process reachable for `memdb-tui attach`, and return its name or number there.

    A thread of the probe listens on a Unix socket that only this user can open. Databases are looked into only when
    somebody attaches. A second call with another name renames the process. `listen` never raises: a failure is
    reported once on stderr.

    Args:
        name: The name of this process in `memdb-tui ps`. Without a name the process is found by its process id, and
            by the name of its script if no other listening process runs the same script.

    Returns:
        The name, or the process id where the process has no name.
    """
    if why := why_unsupported():
        say_once(f"listen() did not start, and the program goes on: {why}.")
        return name or str(os.getpid())
    try:
        from memdb_tui.probe import start  # noqa: PLC0415 - a failure to import is one of ours: said, not raised

        return start.listen(name)
    except Exception as error:  # noqa: BLE001 - we stand in somebody's program
        say_once(f"listen() could not start, and the program goes on: {type(error).__name__}: {error}")
        return name or str(os.getpid())
