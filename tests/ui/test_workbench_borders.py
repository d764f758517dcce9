"""Borders between panes, and between an editor and its results, can be dragged."""

from __future__ import annotations

from pathlib import Path

from driving import program

from memdb_tui.ui.widgets.pane_row import LEAST_COLUMNS
from memdb_tui.ui.widgets.result_tabs import ResultTabs


async def test_the_border_between_two_panes_is_dragged(folder: Path) -> None:
    async with program(":memory:", ":memory:") as it:
        left, right = it.panes
        before = (left.outer_size.width, right.outer_size.width)
        start = (left.region.right, left.region.y + 3)
        await it.pilot.mouse_down(offset=start)
        await it.pilot.hover(offset=(start[0] + 7, start[1]))
        await it.pilot.mouse_up(offset=(start[0] + 7, start[1]))
        await it.until(lambda: left.outer_size.width == before[0] + 7)
        assert right.outer_size.width == before[1] - 7
        await it.pilot.mouse_down(offset=(left.region.right, start[1]))
        await it.pilot.hover(offset=(119, start[1]))
        await it.pilot.mouse_up(offset=(119, start[1]))
        await it.until(lambda: right.outer_size.width == LEAST_COLUMNS)


async def test_the_border_between_editor_and_results_is_dragged(folder: Path) -> None:
    async with program(":memory:") as it:
        tabs = it.pane.query_one(ResultTabs)
        before = it.pane.editor.outer_size.height
        start = (tabs.region.x + 30, tabs.region.y)
        await it.pilot.mouse_down(offset=start)
        await it.pilot.hover(offset=(start[0], start[1] + 4))
        await it.pilot.mouse_up(offset=(start[0], start[1] + 4))
        await it.until(lambda: it.pane.editor.outer_size.height == before + 4)
