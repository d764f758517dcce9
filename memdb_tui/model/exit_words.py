"""How a process ended, in words."""

from __future__ import annotations

import signal


def exit_words(status: int) -> str:
    """`exit status 0`, `killed by SIGKILL`; by its number where a signal has no name here.

    Args:
        status: As `subprocess` has it: negative for a signal.
    """
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
