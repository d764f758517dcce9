"""A host process of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from memdb_tui.client.launch import HostProcess, spawn_host


@pytest.fixture
def process() -> Iterator[HostProcess]:
    running = spawn_host(preload=False)
    try:
        yield running
    finally:
        running.close()
