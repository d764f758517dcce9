"""Which regions are seen: the one with the focus alone while it is zoomed, lists folded in few rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import NARROW, RAW_SHARED, STRAY_URL, WIDE, Driver, program, running
from textual import events
from textual.widget import Widget

from memdb_tui.ui.widgets.alarm_bar import AlarmBar

D1 = RAW_SHARED.format("d1")
D2 = RAW_SHARED.format("d2")
KEEPS = """
import sqlite3
keep = sqlite3.connect("file:shop?mode=memory&cache=shared", uri=True)
print("ready", flush=True)
input()
"""


def alone(it: Driver, region: Widget) -> bool:
    """The region has the window from left to right, but for bars and tabs, and shows that it has the focus."""
    size = it.app.size
    others = [*it.panes, it.cache_map, it.file_feed, *([it.workbench.output] if it.workbench.output else [])]
    others += [] if region in {it.cache_map, it.file_feed} else [it.workbench.lower]
    is_only = all(other.region.area == 0 for other in others if other is not region)
    is_whole = region.region.width == size.width and region.region.height >= size.height - 4
    return is_only and is_whole and it.text_of(region).startswith("┏") and it.text().count("┏") == 1


@pytest.mark.parametrize("size", [WIDE, NARROW, (60, 20)])
async def test_the_region_with_the_focus_is_zoomed_whichever_it_is(folder: Path, size: tuple[int, int]) -> None:
    async with program(D1, D2, size=size) as it:
        for region, focus in ((it.cache_map, it.cache_map), (it.file_feed, it.file_feed), (it.pane, it.pane.editor)):
            focus.focus()
            await it.until(lambda focus=focus: focus.has_focus)
            await it.do("zoom")
            await it.until(lambda region=region: alone(it, region), f"{region} alone")
            assert focus.has_focus
            await it.press("escape")
            await it.until(lambda region=region: not alone(it, region), "all of them")
            assert focus.has_focus


async def test_under_run_output_and_database_have_the_window_each(folder: Path) -> None:
    async with running(KEEPS) as it:
        output = it.workbench.output
        assert output is not None
        await it.shows("live reads", within=it.cache_map)
        it.cache_map.focus()
        await it.press("down", "enter")
        await it.until(lambda: len(it.panes) == 1 and it.pane.editor.has_focus, "its pane")
        await it.do("zoom")
        await it.until(lambda: alone(it, it.pane), "the pane alone")
        await it.click_text("Output", within=it.workbench.query_one("#pane-tabs"))
        await it.until(lambda: alone(it, output), "the output alone")
        await it.press("escape")
        await it.until(lambda: it.pane.region.area and output.region.area and it.cache_map.region.area, "all of them")
        assert output.view.has_focus


async def test_what_the_focus_goes_to_is_what_is_zoomed(folder: Path) -> None:
    async with program(D1, D2) as it:
        await it.do("zoom")
        await it.until(lambda: alone(it, it.panes[0]))
        await it.press("ctrl+g", "2")
        await it.until(lambda: alone(it, it.panes[1]), "the other pane")
        # As the way to a lock's holder without a pane leads.
        await it.workbench.navigation.go_to_connection(it.connection.id)
        it.cache_map.focus()
        await it.until(lambda: alone(it, it.cache_map), "the list that was gone to")
        tabs = it.workbench.query_one("#pane-tabs")
        await it.until(lambda: "▐" not in it.text_of(tabs), "no pane among the tabs that is seen")
        it.cache_map.move_cursor("c1")
        await it.press("enter")
        await it.until(lambda: alone(it, it.panes[0]), "the pane of the connection chosen there")
        await it.press("escape")
        await it.until(lambda: it.cache_map.region.area and it.panes[1].region.area, "all of them")


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_what_had_the_focus_before_is_not_shown_in_place_of_what_has_it(
    folder: Path, size: tuple[int, int]
) -> None:
    async with program(D1, size=size) as it:
        it.cache_map.focus()
        await it.until(lambda: it.cache_map.has_focus)
        await it.do("zoom")
        await it.until(lambda: alone(it, it.cache_map))
        for before in (it.file_feed, it.pane.editor):
            # As when the word that it had the focus is heard late.
            it.workbench.lower.post_message(events.DescendantFocus(before))
            await it.pilot.pause()
            await it.press("down")
            assert alone(it, it.cache_map)
            assert it.cache_map.has_focus


async def test_a_zoomed_pane_that_is_closed_leaves_no_zoom_behind(folder: Path) -> None:
    async with program(D1, D2) as it:
        await it.do("zoom")
        await it.until(lambda: alone(it, it.panes[0]))
        await it.do("close_pane")
        await it.choose("close")
        await it.until(lambda: len(it.panes) == 1 and it.cache_map.region.area, "all of them")


@pytest.mark.parametrize("size", [(80, 20), (60, 20), (120, 23)])
async def test_in_few_rows_the_lists_are_folded_to_their_tabs_until_they_have_the_focus(
    folder: Path, size: tuple[int, int]
) -> None:
    async with program(D1, size=size) as it:
        await it.until(lambda: it.workbench.lower.region.height == 1, "folded")
        await it.shows("Connections 1", "Files", within=it.workbench.lower)
        before = it.pane.region.height
        assert before >= size[1] - 4
        await it.click_text("Connections", within=it.workbench.lower)
        await it.until(lambda: it.cache_map.region.height >= 5 and it.cache_map.has_focus, "unfolded")
        await it.shows("c1 idle", within=it.cache_map)
        await it.do("help")
        await it.modal()
        await it.press("escape")
        await it.modal_gone()
        assert it.cache_map.region.height >= 5
        await it.press("ctrl+g", "1")
        await it.until(lambda: it.pane.region.height == before, "folded again")


async def test_folded_files_tell_of_a_stray_on_their_tab(folder: Path) -> None:
    async with program(STRAY_URL.format("db3"), size=(80, 20), allow_files=True) as it:
        await it.until(lambda: it.workbench.query_one(AlarmBar).region.area, "an alarm")
        await it.shows("Files ▲1", within=it.workbench.lower)
        assert it.workbench.lower.region.height == 1
