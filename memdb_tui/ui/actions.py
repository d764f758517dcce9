"""Every action once: its key, its click target, its help line. Bindings, palette, footer and help are made from it.

Terminals and multiplexers eat keys, so every action has one safe way: a key of `SAFE_KEYS`, or a click target, which
the jump labels of `^G` reach from the keyboard too. F-keys, Ctrl+Enter, ^P and ^Q are second ways.
"""

from __future__ import annotations

from enum import StrEnum

from memdb_tui.frozen import dataclass

SAFE_KEYS = frozenset(f"ctrl+{key}" for key in ("f", "g", "j", "l", "n", "o", "r", "t", "backslash"))
"""Keys that every terminal and multiplexer that was tried hands on. ^C is one too, with a meaning of its own."""


class Group(StrEnum):
    """Where an action stands in the help."""

    RUN = "SQL"
    RESULT = "Results"
    DATABASE = "Databases"
    CONNECTION = "Connections"
    FILES = "Files"
    PROGRAM = "Another program"
    APP = "The program"


@dataclass(frozen=True, slots=True)
class Action:
    """Something the user can do."""

    id: str
    """Also the name of the method of `Commands` that does it."""
    label: str
    """For palette and menus."""
    help: str
    """One line for the help screen."""
    group: Group
    keys: tuple[str, ...] = ()
    click: str = ""
    """Where a click does it, in words that a test follows: `pane-menu`, `pane-bar:mode`, `alarm:fix`, …"""
    footer: str = ""
    """The word in the footer, empty for actions that are never there."""
    local_keys: tuple[str, ...] = ()
    """Keys that work only where the focus is on a widget that binds them itself."""

    @property
    def safe_key(self) -> str:
        """The key that works everywhere, empty where a click target is the safe way."""
        return next((key for key in (*self.keys, *self.local_keys) if key in SAFE_KEYS or key == "ctrl+c"), "")


ACTIONS: tuple[Action, ...] = (
    Action(
        "run_statement",
        "Run the selection or statement",
        "Run the selection, else the statement under the cursor",
        Group.RUN,
        keys=("f5", "ctrl+enter"),
        local_keys=("ctrl+j",),
        footer="run",
    ),
    Action("run_all", "Run all statements", "Run everything in the editor", Group.RUN, ("ctrl+r",), footer="all"),
    Action(
        "stop",
        "Stop the running statement",
        "Stop the running statement; with a selection ^C copies; pressed twice when idle it asks to quit",
        Group.RUN,
        ("ctrl+c",),
        footer="stop",
    ),
    Action(
        "lock_help",
        "Lock: holder, commit, retry",
        "Go to the lock message: g leads to the holder, c commits it, r tries again",
        Group.RUN,
        ("ctrl+l",),
        footer="lock…",
    ),
    Action(
        "go_to_holder",
        "Lock: go to the holder",
        "From a lock message to the connection that can hold the lock",
        Group.RUN,
        click="lock:go_to_holder",
        local_keys=("g",),
    ),
    Action(
        "commit_holder",
        "Lock: commit the holder",
        "From a lock message: commit the connection that can hold the lock",
        Group.RUN,
        click="lock:commit_holder",
        local_keys=("c",),
    ),
    Action(
        "retry",
        "Lock: try again",
        "Run again what met the lock",
        Group.RUN,
        click="lock:retry",
        local_keys=("r",),
    ),
    Action("commit", "Commit", "Commit this pane's open transaction", Group.RUN, click="pane-menu"),
    Action("roll_back", "Roll back", "Roll back this pane's open transaction", Group.RUN, click="pane-menu"),
    Action(
        "choose_mode",
        "Transaction mode…",
        "Choose when transactions begin: autocommit, as sqlite3 does, autocommit=False",
        Group.RUN,
        click="pane-bar:mode",
    ),
    Action(
        "choose_lock_wait",
        "Wait for locks…",
        "Choose how long a statement tries again when it meets a lock",
        Group.RUN,
        click="pane-menu",
    ),
    Action("undo", "Undo", "Take back the last edit", Group.RUN, ("ctrl+underscore",), click="pane-menu"),
    Action(
        "open_cell",
        "View the whole cell",
        "Show the whole value under the grid's cursor",
        Group.RESULT,
        local_keys=("enter",),
        click="grid:double-click",
        footer="view",
    ),
    Action(
        "copy_cell",
        "Copy the cell",
        "Copy the value under the grid's cursor",
        Group.RESULT,
        local_keys=("y",),
        click="pane-menu",
        footer="copy",
    ),
    Action(
        "copy_row", "Copy the row", "Copy the row, tab-separated", Group.RESULT, local_keys=("Y",), click="pane-menu"
    ),
    Action(
        "copy_result",
        "Copy the result",
        "Copy the whole result, tab-separated, with its header",
        Group.RESULT,
        click="pane-menu",
    ),
    Action(
        "find_tables",
        "Find a table or column",
        "Tables, views and columns of this pane's database, live; Enter puts a name into the editor",
        Group.DATABASE,
        ("ctrl+f",),
        footer="find",
    ),
    Action(
        "open_database",
        "Open a database…",
        "Open one more database: a name, a SQLAlchemy URL, a file: URI",
        Group.DATABASE,
        ("ctrl+o",),
        footer="open",
    ),
    Action("close_pane", "Close this pane", "Close this pane and its connection", Group.DATABASE, click="pane-menu"),
    Action("relabel_pane", "Relabel this pane…", "Give this pane another label", Group.DATABASE, click="pane-menu"),
    Action(
        "zoom",
        "Zoom this region",
        "Give the region with the focus (a database, Output, Connections, Files) the whole window, or share it again",
        Group.DATABASE,
        click="pane-menu",
    ),
    Action(
        "move_pane_left",
        "Move this pane left",
        "Swap this pane with the one before it",
        Group.DATABASE,
        click="pane-menu",
    ),
    Action(
        "move_pane_right",
        "Move this pane right",
        "Swap this pane with the one after it",
        Group.DATABASE,
        click="pane-menu",
    ),
    Action(
        "pane_menu",
        "This pane…",
        "Everything that can be done with this pane",
        Group.DATABASE,
        click="pane-bar:menu",
        footer="pane…",
    ),
    Action(
        "new_connection",
        "New connection…",
        "One more connection to this pane's database: new engine, same engine, raw sqlite3",
        Group.CONNECTION,
        ("ctrl+n",),
        footer="connect",
    ),
    Action(
        "choose_connection",
        "Choose the connection…",
        "Choose which connection runs this pane's SQL",
        Group.CONNECTION,
        click="pane-bar:connection",
    ),
    Action(
        "open_connection",
        "Go to the connection's pane",
        "Go to the pane of the connection chosen in the Connections pane; one without a pane gets one",
        Group.CONNECTION,
        click="connections:double-click",
        local_keys=("enter",),
    ),
    Action(
        "close_connection",
        "Close the connection",
        "Close the connection chosen in the Connections pane, else this pane's",
        Group.CONNECTION,
        local_keys=("d",),
        click="pane-menu",
        footer="close",
    ),
    Action(
        "why",
        "Why? What would have been right",
        "Explain the newest stray and offer the right string; without one, explain this connection",
        Group.FILES,
        ("ctrl+t",),
        click="alarm:fix",
        footer="why?",
    ),
    Action(
        "explain_connection",
        "Explain this connection",
        "What was predicted for its string, layer by layer, against what is observed",
        Group.CONNECTION,
        ("f2",),
        click="pane-menu",
    ),
    Action(
        "dismiss_alarm",
        "Hide the stray alarm",
        "Dismiss the alarm and see the next stray's; the count of strays stays in the header and in Files",
        Group.FILES,
        click="alarm:hide",
    ),
    Action(
        "remove_stray",
        "Remove the stray file…",
        "Remove a stray that this session made, after a question",
        Group.FILES,
        local_keys=("x", "delete"),
        click="stray:remove",
        footer="remove",
    ),
    Action(
        "show_others",
        "Show other files",
        "Show or fold the files that are not SQLite's",
        Group.FILES,
        local_keys=("o",),
        click="files:others",
        footer="others",
    ),
    Action(
        "copy_database",
        "Copy this database",
        "Copy a program's database into this session: SQL on the copy reaches nobody, and takes as long as it likes",
        Group.PROGRAM,
        click="program-menu",
    ),
    Action(
        "refresh_copy",
        "Copy it again",
        "Take the copy in this pane again, as the program's database is now",
        Group.PROGRAM,
        ("f4",),
        click="program-menu",
    ),
    Action(
        "compare_copies",
        "Compare two databases…",
        "Rows and schema that were added, removed or changed between two copies, table by table",
        Group.PROGRAM,
        click="program-menu",
    ),
    Action(
        "open_source",
        "Where it was opened",
        "The stack that opened the connection under the cursor, with the source around each line",
        Group.PROGRAM,
        click="program-menu",
    ),
    Action(
        "choose_live_limit",
        "How long live SQL may run…",
        "Live SQL stops after 100 ms, since the program may wait for it; choose another limit",
        Group.PROGRAM,
        click="program-menu",
    ),
    Action(
        "interrupt",
        "Interrupt the program",
        "Send ^C to a program that was started here, as its terminal does",
        Group.PROGRAM,
        click="program-menu",
    ),
    Action(
        "run_again",
        "Run the program again",
        "Start a program again that was started here and has ended: restart it after a change",
        Group.PROGRAM,
        click="program-menu",
    ),
    Action(
        "rescan",
        "Look for older connections",
        "Search a program's memory once for connections that were open before anybody looked",
        Group.PROGRAM,
        click="program-menu",
    ),
    Action(
        "show_waiting",
        "Where the program waits",
        "The stack that led to inspect() or to the failure of a test, with the source around each line",
        Group.PROGRAM,
        click="program-menu",
    ),
    Action(
        "go_on",
        "Let the program go on",
        "Let a program go on that waits in inspect() or breakpoint()",
        Group.PROGRAM,
        ("f8",),
        click="program-menu",
        footer="go on",
    ),
    Action(
        "program_menu",
        "Programs…",
        "Everything that can be done with a program that is looked into",
        Group.PROGRAM,
        click="header:menu",
    ),
    Action(
        "jump",
        "Go to…",
        "Show a label on every pane and control; its key goes there",
        Group.APP,
        ("ctrl+g",),
        footer="go to",
    ),
    Action(
        "palette",
        "Commands",
        "Find any of these by name",
        Group.APP,
        ("ctrl+backslash", "ctrl+p"),
        footer="commands",
    ),
    Action(
        "lab",
        "The lab",
        "Claims and famous bugs with their code, run for real on this Python, SQLite and SQLAlchemy",
        Group.APP,
        ("f3",),
        click="header:menu",
        footer="lab",
    ),
    Action("app_menu", "The program…", "Help, theme, screenshot, suspend, quit", Group.APP, click="header:menu"),
    Action("help", "Help", "Keys and words", Group.APP, ("f1",), click="header:menu", footer="help"),
    Action(
        "switch_theme",
        "Light or dark",
        "Switch between the dark and the light theme",
        Group.APP,
        click="header:menu",
    ),
    Action("screenshot", "Save a screenshot", "Save what is on the screen as SVG", Group.APP, click="header:menu"),
    Action(
        "suspend",
        "Suspend",
        "Stop the program; the shell's fg goes on",
        Group.APP,
        ("ctrl+z",),
        click="header:menu",
    ),
    Action(
        "quit",
        "Quit",
        "Leave; the databases end with this session",
        Group.APP,
        ("ctrl+q",),
        click="header:menu",
        footer="quit",
    ),
)

BY_ID = {action.id: action for action in ACTIONS}
