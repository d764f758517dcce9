"""Which actions can do nothing as things are, and why: what menus say beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memdb_tui.model import ProgramState, is_of_program
from memdb_tui.ui.pane_lines import is_in_transaction

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench
    from memdb_tui.ui.widgets.database_pane import DatabasePane

_NO_PROGRAM = "no program to look into"
_OF_PROGRAMS = ("program_menu", "copy_database", "choose_live_limit", "rescan", "show_waiting", "go_on")
_THE_PROGRAMS = "the program's alone"


def why_not(workbench: Workbench) -> dict[str, str]:
    """The actions that can do nothing now, by their ids, each with the reason in a few words."""
    pane = workbench.panes.active
    return {**_of_programs(workbench), **(_of_pane(workbench, pane) if pane is not None else {})}


def _of_programs(workbench: Workbench) -> dict[str, str]:
    if workbench.bridge.hub is None:
        return dict.fromkeys(_OF_PROGRAMS, _NO_PROGRAM)
    programs = workbench.snapshot.programs if workbench.snapshot is not None else ()
    if any(program.state is ProgramState.WAITING for program in programs):
        return {}
    return dict.fromkeys(("show_waiting", "go_on"), "none waits in inspect()")


def _of_pane(workbench: Workbench, pane: DatabasePane) -> dict[str, str]:
    reasons = {}
    connection, result = pane.connection, pane.shown_result
    if connection is None or workbench.copies.taken_at(connection.id) is None:
        reasons["refresh_copy"] = "no copy here"
    if connection is not None and is_of_program(connection.id):
        actions = ("commit", "roll_back", "choose_mode", "choose_lock_wait", "new_connection", "close_connection")
        reasons |= dict.fromkeys(actions, _THE_PROGRAMS)
    elif not is_in_transaction(connection):
        reasons |= dict.fromkeys(("commit", "roll_back"), "no open transaction")
    if result is None or not result.columns:
        reasons |= dict.fromkeys(("copy_cell", "copy_row", "copy_result"), "no rows here")
    panes = workbench.panes.panes
    if pane is panes[0]:
        reasons["move_pane_left"] = "it is the first"
    if pane is panes[-1]:
        reasons["move_pane_right"] = "it is the last"
    return reasons
