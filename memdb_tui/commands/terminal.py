"""Whether there is a terminal for the screen and the keys."""

from __future__ import annotations

import os

from memdb_tui.doors.terminal import kind_without_screen
from memdb_tui.errors import UsageError


def require_terminal(otherwise: str) -> None:
    """Return where a screen can be shown.

    Args:
        otherwise: What needs none, as the end of a sentence.

    Raises:
        UsageError: Input or output is no terminal or one without a screen, or another job stands in front on it.
    """
    if not all(os.isatty(descriptor) for descriptor in (0, 1, 2)):
        raise UsageError(
            "memdb-tui needs a terminal for its screen and keys.",
            hint=f"Start it in a terminal, without redirecting its input or output; {otherwise}",
        )
    if kind := kind_without_screen():
        raise UsageError(
            f"memdb-tui needs a terminal with a screen, and TERM={kind} has none.",
            hint=f"Start it in another terminal, or set TERM to what this one is; {otherwise}",
        )
    if not _is_in_front():
        raise UsageError(
            "memdb-tui was started in the background.",
            hint="An unquoted & in a URL does that: put the URL in quotes. Or bring it to the front with fg.",
        )


def _is_in_front() -> bool:
    """True also where there are no jobs: in a session that has this terminal, but not as its own (`su -c`)."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return True
