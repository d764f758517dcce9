"""`memdb_tui.listen()`: a process that can be attached to."""

from __future__ import annotations

import os

from memdb_tui.doors.saying import say_once
from memdb_tui.doors.unsupported import why_unsupported


def listen(name: str | None = None) -> str:
    """Make this process reachable for `memdb-tui attach`, and return the name it is found under.

    A thread of the probe listens on a Unix socket that only this user can open; databases are looked into when
    somebody attaches. A second call changes nothing. It never raises: what fails is said once on stderr.

    Args:
        name: What to call this process; its script's name when not said. `memdb-tui ps` lists the names.
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
