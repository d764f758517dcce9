"""Programs on real terminals that inspect themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The terminal a test drives is the one of the tests of the whole program.
sys.path.insert(0, str(Path(__file__).parents[1] / "terminal"))

from program_session import Sessions
from pty_driver import wait_until_ended


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[Sessions]:
    """Sessions whose processes must have ended when the test is over."""
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
