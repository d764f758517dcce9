"""Sessions of the real program, and the check that nothing of them stays behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from program_session import Sessions
from pty_driver import wait_until_ended


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    """Sessions whose processes must have ended, and whose files be gone, when the test is over."""
    made = Sessions(tmp_path)
    try:
        yield made
    finally:
        made.close()
        left = made.processes()
        try:
            wait_until_ended(left)
        finally:
            for process in left:
                if process.is_running():
                    process.kill()
    assert made.files() == [], "files were left behind"
