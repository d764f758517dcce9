"""Which tabs of a strip are visible, and where: pure, and independent of how many tabs there are."""

from __future__ import annotations

from collections.abc import Callable

from memdb_tui.frozen import dataclass


@dataclass(frozen=True, slots=True)
class TabLabel:
    """What stands on a tab."""

    text: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """Some of the tabs, one behind the other."""

    tabs: range
    starts: tuple[int, ...]
    """Where each of them begins, and where the last ends, in terminal cells."""
    is_all: bool
    """There are no others."""


def place_tabs(width_of: Callable[[int], int], tab_count: int, *, active: int, first: int, room: int) -> Placed:
    """The tabs to draw within `room` cells: the active one among them, beginning with `first` where that is possible.

    Args:
        width_of: How many cells a tab takes; asked only for tabs near the visible ones.
        tab_count: How many tabs there are.
        active: The tab that must be visible, if one can be.
        first: The tab that was drawn first the last time: the strip does not move without need.
        room: Terminal cells for tabs.
    """
    if tab_count <= 0:
        return Placed(tabs=range(0), starts=(0,), is_all=True)
    begin = min(first, active)
    taken = 0
    index = active
    while index >= begin:
        taken += width_of(index)
        if taken > room:
            begin = min(active, index + 1)
            break
        index -= 1
    starts = [0]
    end = begin
    while end < tab_count and (end == begin or starts[-1] + width_of(end) <= room):
        starts.append(starts[-1] + width_of(end))
        end += 1
    if end == tab_count:
        while begin > 0 and starts[-1] + width_of(begin - 1) <= room:
            begin -= 1
            shift = width_of(begin)
            starts = [0, *(start + shift for start in starts)]
    return Placed(tabs=range(begin, end), starts=tuple(starts), is_all=len(range(begin, end)) == tab_count)
