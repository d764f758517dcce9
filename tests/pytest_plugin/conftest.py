"""What tests of the plugin have in common."""

from __future__ import annotations

import pytest

_COUNTING = """
import memdb_tui.probe.start as start

told = []
state = start.state

def pytest_configure():
    start.state = counted

def counted(*arguments):
    found = state(*arguments)
    told.extend(each["id"] for each in found["connections"])
    return found

def pytest_terminal_summary(terminalreporter):
    most = max(map(told.count, told))
    terminalreporter.write_line(f"told of {len(set(told))}, at most {most} times of one")
"""


@pytest.fixture
def counts_what_is_told(pytester: pytest.Pytester) -> None:
    """A session says at its end how many connections the probe told of, and of one how often at most."""
    pytester.makeconftest(_COUNTING)
