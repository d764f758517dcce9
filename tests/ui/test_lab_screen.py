"""The lab in the app: recipes run for real, their verdicts, and what is brought back to the workbench."""

from __future__ import annotations

from pathlib import Path

from driving import NARROW, Driver, program

from memdb_tui.ui.screens.lab import LabScreen
from memdb_tui.ui.widgets.line_list import LineList

MADE_A_FILE = "stray-uri-missing"


async def _lab(it: Driver) -> LineList:
    await it.press("f3")
    await it.modal("The lab: claims, run for real", "none run yet")
    recipes = it.app.screen.query_one(LineList)
    recipes.move_cursor(MADE_A_FILE)
    await it.shows("create_engine", "Not run yet here")
    return recipes


async def test_a_recipe_runs_for_real_and_leaves_nothing_here(folder: Path) -> None:
    async with program(":memory:") as it:
        await _lab(it)
        await it.press("enter")
        await it.shows("made a file:", "reached sqlite3", f"works instead: {MADE_A_FILE}.fix")
        assert list(folder.iterdir()) == []


async def test_at_80_by_24_the_lab_says_how_to_leave_it(folder: Path) -> None:
    async with program(":memory:", size=NARROW) as it:
        await it.press("f3")
        await it.modal("The lab: claims, run for real")
        assert it.footer().endswith("Esc leave")


async def test_a_key_leads_to_what_works_instead_and_it_holds(folder: Path) -> None:
    async with program(":memory:") as it:
        recipes = await _lab(it)
        await it.press("i")
        await it.until(lambda: recipes.cursor_key == f"{MADE_A_FILE}.fix")
        await it.press("enter")
        await it.shows("= holds:", "1 holds")


async def test_a_recipe_opens_in_the_workbench(folder: Path) -> None:
    async with program(":memory:", allow_files=True) as it:
        recipes = await _lab(it)
        await it.press("i")
        await it.until(lambda: recipes.cursor_key == f"{MADE_A_FILE}.fix")
        await it.press("w")
        await it.until(lambda: len(it.panes) > 1 and it.panes[1].connection is not None)
        assert it.panes[1].string.endswith("uri=true")


async def test_leaving_the_lab_stops_what_still_runs(folder: Path) -> None:
    async with program(":memory:") as it:
        await _lab(it)
        await it.press("a")
        await it.shows("running")
        await it.press("escape")
        await it.until(lambda: not isinstance(it.app.screen, LabScreen))


async def test_the_code_is_copied_as_it_runs(folder: Path) -> None:
    async with program(":memory:") as it:
        await _lab(it)
        await it.press("c")
        await it.until(lambda: "create_engine" in it.app.clipboard)
