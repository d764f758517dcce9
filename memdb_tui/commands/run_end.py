"""Ending as a program ended: with its exit status, or by the signal that killed it."""

from __future__ import annotations

import os
import resource
import signal
import sys
from typing import NoReturn

_SIGNAL_BASE = 128
"""What shells add to the number of a signal."""


def end_as(status: int) -> NoReturn:
    """End this process as `subprocess` says another ended: negative for a signal."""
    for stream in (sys.stdout, sys.stderr):
        # None where whoever started us has closed it.
        if stream is not None:
            stream.flush()
    if status < 0:
        _die_by(-status)
        # It does not kill: stopped or ignored by default.
        sys.exit(_SIGNAL_BASE - status)
    sys.exit(status)


def _die_by(number: int) -> None:
    # The program's own memory was dumped if that was wanted; ours tells nothing.
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    if number not in {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
