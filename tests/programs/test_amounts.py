"""Ages and sizes as commands print them."""

from __future__ import annotations

import pytest

from memdb_tui.commands.amounts import age, size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (0.9, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (172_799, "47 h"), (172_800, "2 d")],
)
def test_ages_are_told_in_units_that_are_filled_twice(seconds: float, text: str) -> None:
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (1023, "1023 B"), (8192, "8 KiB"), (4915, "4.8 KiB"), (1 << 30, "1 GiB")]
)
def test_sizes_are_binary(count: int, text: str) -> None:
    assert size(count) == text
