"""Ending as the program ended."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

_END = "import sys; from memdb_tui.commands.run_end import end_as; print('said'); end_as(int(sys.argv[1]))"


@pytest.mark.parametrize(
    "status", [0, 1, 7, 255, -signal.SIGTERM, -signal.SIGKILL, -signal.SIGINT, -signal.SIGSEGV, -signal.SIGPIPE]
)
def test_the_same_status_or_the_same_signal(status: int) -> None:
    done = subprocess.run([sys.executable, "-c", _END, str(status)], capture_output=True, text=True, check=False)

    assert done.returncode == status
    assert done.stdout == "said\n"
    assert done.stderr == ""


def test_a_signal_that_does_not_kill_becomes_a_status_as_in_a_shell() -> None:
    status = -signal.SIGWINCH

    done = subprocess.run([sys.executable, "-c", _END, str(status)], capture_output=True, text=True, check=False)

    assert done.returncode == 128 + signal.SIGWINCH


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_an_output_that_is_closed_changes_no_status(closed: str) -> None:
    command = ["/bin/sh", "-c", f'exec "$0" -c "$1" 7 {closed}', sys.executable, _END]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (7, "")
