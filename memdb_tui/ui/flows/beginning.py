"""The start: from what the command line named to databases in their panes, the watch, a program, and scripts."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from memdb_tui.sql.lines import read_a_first_script
from memdb_tui.ui.flows.running import Request
from memdb_tui.ui.widgets.pane_row import MOST_PANES
from memdb_tui.ui.wording import name_some

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench

_FIRST_FRAME_SECONDS = 0.15
"""How long the first frame waits for the databases, at most."""
_PREPARING_SECONDS = 0.1
"""How long what is not needed for the first frame waits for it to be shown."""


async def begin(workbench: Workbench, arguments: Sequence[str], *, scripts: Sequence[tuple[str, Path]]) -> None:
    """Opens what was asked for, once the first frame is out.

    Args:
        workbench: The screen, with a pane for each argument that fits.
        arguments: What is opened, each in a pane of its own.
        scripts: SQL files to run, with the argument of the pane they run in.
    """
    panes = workbench.panes.panes
    # Most often the databases are open before the first frame is: then one frame is enough.
    with workbench.app.batch_update():
        await workbench.opening.tried(_FIRST_FRAME_SECONDS)
    # A screen draws what it has put off when it is idle again, which it is already.
    workbench.check_idle()
    # Questions come last: what needs no answer is there, and watched, while they stand.
    asking = []
    for number, pane in enumerate(panes):
        if await workbench.opening.has_question(number):
            asking.append((number, pane))
        else:
            await workbench.opening.open_into(pane, arguments[number], begun=number)
    workbench.snapshot = workbench.bridge.snapshot
    workbench.showing.show_panes()
    # Until now there was nothing to collect; what is there stays.
    gc.freeze()
    gc.enable()
    workbench.set_timer(_PREPARING_SECONDS, read_a_first_script)
    await workbench.bridge.start_files()
    if workbench.program is not None:
        await workbench.program.open()
    for number, pane in asking:
        await workbench.opening.open_into(pane, arguments[number], begun=number)
        workbench.showing.show_panes()
    for pane in panes:
        workbench.flow(workbench.navigation.learn_tables(pane))
    if len(arguments) > MOST_PANES:
        left_out = name_some(arguments[MOST_PANES:])
        workbench.app.notify(f"{MOST_PANES} databases fit side by side; left out: {left_out}", severity="warning")
    for argument, path in scripts:
        await _run_script(workbench, argument, path)


async def _run_script(workbench: Workbench, argument: str, path: Path) -> None:
    pane = next((p for p in workbench.panes.panes if argument in {p.label, p.string}), None)
    if pane is None:
        pane = await workbench.open_pane(argument)
    if pane is None:
        return
    try:
        text = await asyncio.to_thread(path.read_text, "utf-8")
    except (OSError, ValueError) as error:
        words = f"--sql: {path} cannot be read: {error}. SQL files are read as UTF-8."
        workbench.app.notify(words, severity="error", timeout=10)
        return
    pane.editor.load_text(text)
    await workbench.running.run(pane, Request(text, 1, 1))
