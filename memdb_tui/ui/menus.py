"""Which actions the menus and the footer offer, in order; what each is stands in `actions`."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from memdb_tui.ui.actions import BY_ID, Action

_PANE_MENU = (
    "run_all",
    "commit",
    "roll_back",
    "choose_mode",
    "choose_lock_wait",
    "choose_connection",
    "new_connection",
    "explain_connection",
    "close_connection",
    "find_tables",
    "copy_cell",
    "copy_row",
    "copy_result",
    "undo",
    "relabel_pane",
    "zoom",
    "move_pane_left",
    "move_pane_right",
    "close_pane",
)

_PROGRAM_MENU = (
    "copy_database",
    "refresh_copy",
    "compare_copies",
    "open_source",
    "choose_live_limit",
    "rescan",
    "interrupt",
    "run_again",
    "show_waiting",
    "go_on",
)

_APP_MENU = ("help", "lab", "program_menu", "palette", "zoom", "switch_theme", "screenshot", "suspend", "quit")


class Place(StrEnum):
    """Where the focus is, as far as the footer differs."""

    EDITOR = "editor"
    GRID = "grid"
    ERROR = "error"
    CONNECTIONS = "connections"
    FILES = "files"
    RUNNING = "running"
    EMPTY = "empty"
    OUTPUT = "output"


_FOOTERS: dict[Place, tuple[str, ...]] = {
    Place.EDITOR: ("run_statement", "run_all", "jump", "open_database", "new_connection", "why", "palette", "quit"),
    Place.RUNNING: ("stop", "jump", "open_database", "new_connection", "why", "palette", "help", "quit"),
    Place.GRID: ("open_cell", "copy_cell", "run_statement", "jump", "find_tables", "palette", "help", "quit"),
    Place.ERROR: ("lock_help", "run_statement", "jump", "find_tables", "why", "palette", "help", "quit"),
    Place.CONNECTIONS: (
        "close_connection",
        "new_connection",
        "jump",
        "open_database",
        "why",
        "palette",
        "help",
        "quit",
    ),
    Place.FILES: ("why", "remove_stray", "show_others", "jump", "open_database", "palette", "help", "quit"),
    Place.OUTPUT: ("jump", "open_database", "why", "palette", "lab", "help", "quit"),
    Place.EMPTY: ("open_database", "jump", "palette", "help", "quit"),
}


def footer_actions(place: Place, refused: Collection[str] = (), *, waits: bool = False) -> tuple[Action, ...]:
    """At most eight actions for the footer, most used first.

    Args:
        place: Where the focus is.
        refused: The ids of those that would be refused there now.
        waits: A program waits for the user to let it go on: that comes first.
    """
    first = ("go_on",) if waits else ()
    return tuple(BY_ID[action] for action in first + _FOOTERS[place] if action not in refused)


def pane_menu() -> tuple[Action, ...]:
    """What the menu of a pane offers, in order."""
    return tuple(BY_ID[action] for action in _PANE_MENU)


def program_menu() -> tuple[Action, ...]:
    """What the menu of programs offers, in order."""
    return tuple(BY_ID[action] for action in _PROGRAM_MENU)


def app_menu() -> tuple[Action, ...]:
    """What the menu of the program offers, in order."""
    return tuple(BY_ID[action] for action in _APP_MENU)
