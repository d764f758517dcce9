"""What the host's tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from in_process import InProcess


@pytest.fixture
def host() -> Iterator[InProcess]:
    running = InProcess()
    try:
        yield running
    finally:
        running.session.close()
