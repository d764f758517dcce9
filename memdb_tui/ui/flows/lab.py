"""A visit to the lab, and what is brought back from it."""

from __future__ import annotations

from textual.app import App

from memdb_tui.lab.recipe import Pane
from memdb_tui.lab.runner import stream
from memdb_tui.lab.shelf import entries
from memdb_tui.ui.screens.lab import LabScreen


async def visit_lab(app: App[object]) -> tuple[Pane, ...]:
    """Shows the lab; returns the databases that are wanted in the workbench."""
    return await app.push_screen_wait(LabScreen(entries(), stream)) or ()
