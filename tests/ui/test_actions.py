"""The action table: each action once, each with a way that works everywhere, and that way does what it says."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from driving import ENDLESS_ROWS_SQL, ENDLESS_SQL, NARROW, RAW_SHARED, STRAY_URL, WIDE, Driver, program
from rich.cells import cell_len
from rich.console import Console
from textual.command import CommandList

from memdb_tui.model import ConnectionId, CreatedBy, TransactionState
from memdb_tui.ui.actions import ACTIONS, BY_ID, SAFE_KEYS, Action, Group
from memdb_tui.ui.app import ActionProvider
from memdb_tui.ui.flows import commands
from memdb_tui.ui.key_words import key_words, main_key
from memdb_tui.ui.menus import Place, app_menu, footer_actions, pane_menu, program_menu
from memdb_tui.ui.screens.help import HelpScreen, help_table, key_list
from memdb_tui.ui.widgets.alarm_bar import AlarmBar
from memdb_tui.ui.widgets.footer_bar import FooterKey, fitting_keys
from memdb_tui.ui.widgets.header_bar import HeaderBar

A, B, STRAY = RAW_SHARED.format("a"), RAW_SHARED.format("b"), STRAY_URL.format("db3")
_IDS = [action.id for action in ACTIONS]


# The table itself.


def test_every_action_stands_once() -> None:
    assert len(set(_IDS)) == len(_IDS)
    assert len({action.label for action in ACTIONS}) == len(ACTIONS)


def test_no_key_means_two_things() -> None:
    keys = [key for action in ACTIONS for key in action.keys]
    assert len(set(keys)) == len(keys)


def _command_of(action: Action) -> type:
    """The one class that does it."""
    parts = [each for each in vars(commands).values() if isinstance(each, type) and each is not commands.Commands]
    (found,) = (part for part in parts if hasattr(part, action.id))
    return found


@pytest.mark.parametrize("action", ACTIONS, ids=_IDS)
def test_every_action_has_a_safe_way_and_is_done_by_a_command(action: Action) -> None:
    assert action.safe_key in SAFE_KEYS | {"ctrl+c"} or action.click
    assert callable(getattr(_command_of(action), action.id))
    assert action.group in Group


@pytest.mark.parametrize("action", ACTIONS, ids=_IDS)
def test_every_action_has_a_help_line_with_its_keys(action: Action) -> None:
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(help_table("red", "green"))
    lines = [line.rstrip() for line in console.export_text().splitlines() if line.rstrip().endswith(action.help)]
    assert len(lines) == 1
    keys = lines[0].removesuffix(action.help).strip()
    assert keys == key_list(action)
    assert all(key_words(key) in keys.split() for key in (*action.local_keys, *action.keys))


async def test_the_help_is_scrolled_and_left(folder: Path) -> None:
    async with program(A) as it:
        await it.press("f1")
        await it.modal("Run the selection, else the statement under the cursor")
        await it.press("end")
        await it.shows("in-memory databases cannot be opened from outside")
        await it.press("escape")
        await it.modal_gone()


def test_the_menus_hold_what_the_table_says_is_in_them() -> None:
    of_pane = {action.id for action in pane_menu()}
    assert {action.id for action in ACTIONS if action.click == "pane-menu"} <= of_pane
    of_app = {action.id for action in app_menu()}
    assert {action.id for action in ACTIONS if action.click == "header:menu"} - {"app_menu"} <= of_app
    of_programs = {action.id for action in program_menu()}
    assert {action.id for action in ACTIONS if action.click == "program-menu"} == of_programs


@pytest.mark.parametrize(
    ("key", "words"),
    [("ctrl+j", "^J"), ("ctrl+backslash", "^\\"), ("f5", "F5"), ("enter", "Enter"), ("y", "y"), ("delete", "Del")],
)
def test_keys_are_written_as_users_read_them(key: str, words: str) -> None:
    assert key_words(key) == words


# Footers.


@pytest.mark.parametrize("place", Place)
def test_a_footer_has_at_most_eight_actions_whole_at_80_columns(place: Place) -> None:
    actions = footer_actions(place)
    assert 1 <= len(actions) <= 8
    assert all(action.footer and main_key(action) for action in actions)
    keys = [FooterKey(key_words(main_key(action)), action.footer, action.id) for action in actions]
    assert fitting_keys(keys, NARROW[0]) == tuple(keys)
    assert sum(cell_len(f"{key.key} {key.label}") + 2 for key in keys) <= NARROW[0] + 1


def test_footers_differ_by_place() -> None:
    assert len({footer_actions(place) for place in Place}) == len(Place)


def footer_of(place: Place) -> str:
    return "".join(f"{key_words(main_key(action))}{action.footer}" for action in footer_actions(place)).replace(
        " ", ""
    )


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_footer_follows_the_focus(folder: Path, size: tuple[int, int]) -> None:
    async with program(A, A, size=size) as it:

        async def shows(place: Place) -> None:
            await it.until(lambda: it.footer().replace(" ", "") == footer_of(place), place)

        await shows(Place.EDITOR)
        await it.run("CREATE TABLE t AS SELECT 1 AS x; SELECT x FROM t")
        it.pane.grid.focus()
        await shows(Place.GRID)
        it.cache_map.focus()
        await shows(Place.CONNECTIONS)
        it.workbench.lower.turn_to_files(is_files=True)
        await it.pilot.pause()
        it.file_feed.focus()
        await shows(Place.FILES)
        await it.begin(ENDLESS_SQL)
        await shows(Place.RUNNING)
        await it.press("ctrl+c")
        await it.over()
        await shows(Place.EDITOR)
        await it.begin(ENDLESS_ROWS_SQL)
        await it.until(lambda: it.pane.grid.display, "rows")
        it.pane.grid.focus()
        await shows(Place.RUNNING)
        await it.press("ctrl+c")
        await it.over()
        await shows(Place.GRID)
        await it.run("nonsense")
        it.pane.message.focus()
        await shows(Place.EDITOR)
        await it.go(2)
        await it.run("BEGIN IMMEDIATE")
        await it.go(1)
        await it.run("INSERT INTO t VALUES (2)")
        await it.press("ctrl+l")
        await shows(Place.ERROR)
        await it.go(2)
        await it.run("ROLLBACK")
        await it.press("ctrl+n")
        await it.until(lambda: "Esc leave" in it.footer() and "^J run" not in it.footer())
        await it.press("escape")
        await it.modal_gone()
        await it.do("close_pane")
        await it.until(lambda: len(it.panes) == 1, "the second pane closed, whose connection is not the last")
        await it.do("close_pane")
        await it.modal("Close c1?")
        await it.press("y")
        await it.until(lambda: not it.panes)
        await shows(Place.EMPTY)


@pytest.mark.parametrize("size", [WIDE, NARROW, (60, 20)])
async def test_the_palette_shows_its_own_keys(folder: Path, size: tuple[int, int]) -> None:
    async with program(A, size=size) as it:
        before = it.lines()[-1]
        assert "^J run" in before
        await it.press("ctrl+backslash")
        keys = " Enter does it  ↑ ↓ choose  Esc leave"
        await it.until(lambda: it.lines()[-1].rstrip() == keys, "the palette's keys")
        await it.press("escape")
        await it.until(lambda: it.lines()[-1] == before, "those of the workbench again")


async def test_a_click_on_a_footer_key_does_it(folder: Path) -> None:
    async with program(A) as it:
        await it.click_text("^O open")
        await it.modal("Open a database")
        await it.click_text("Esc leave")
        await it.modal_gone()


# Palette, help and bindings are made from the table.


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("dismiss", "Hide the stray alarm"),
        ("stray count", "Hide the stray alarm"),
        ("which connection", "Choose the connection…"),
    ],
)
async def test_the_palette_finds_an_action_by_the_words_of_its_explanation(
    folder: Path, words: str, label: str
) -> None:
    async with program(A) as it:
        found = [hit async for hit in ActionProvider(it.workbench).search(words)]
        assert label in [str(hit.text) for hit in found]


async def test_the_palette_finds_every_action(folder: Path) -> None:
    async with program(A) as it:
        found = [hit async for hit in ActionProvider(it.workbench).discover()]
        assert [hit.help for hit in found] == [action.help for action in ACTIONS]
        for action in ACTIONS:
            hits = [hit async for hit in ActionProvider(it.workbench).search(action.label)]
            assert action.help in [hit.help for hit in hits]


def first_found(it: Driver) -> str:
    """The first hit in the palette; letters typed before had others."""
    found = it.app.screen.query_one(CommandList)
    return str(found.get_option_at_index(0).prompt) if found.option_count else ""


@pytest.mark.parametrize("key", ["ctrl+backslash", "ctrl+p"])
async def test_the_palette_does_what_was_found(folder: Path, key: str) -> None:
    async with program(A) as it:
        await it.press(key)
        await it.type("relabel")
        await it.until(lambda: first_found(it).startswith("Relabel this pane"), "it as the first of what is found")
        await it.press("enter")
        await it.modal("Relabel this pane", "the database keeps its name")


async def test_the_keys_of_the_workbench_are_those_of_the_table(folder: Path) -> None:
    async with program(A) as it:
        for action in ACTIONS:
            for key in action.keys:
                bound = [binding.action for binding in it.workbench._bindings.get_bindings_for_key(key)]
                assert bound == [f"do({action.id!r})"]


# Every safe way really works.


@dataclass(frozen=True, slots=True)
class Drill:
    """How to see that an action was done."""

    done: Callable[[Driver], object]
    """Something that is not so before."""
    before: Callable[[Driver], Awaitable[None]] | None = None
    """What must be there first."""
    databases: tuple[str, ...] = (A, B)


def modal_of(*texts: str) -> Callable[[Driver], bool]:
    return lambda it: it.is_modal and all(text in it.text() for text in texts)


def said(text: str) -> Callable[[Driver], bool]:
    """What needs a program says so where there is none; tests/programs has programs."""
    return lambda it: text in it.said()


def copied(text: str) -> Callable[[Driver], bool]:
    return lambda it: it.app.clipboard == text


async def with_text(it: Driver) -> None:
    it.write("SELECT 'it ran'")


async def with_rows(it: Driver) -> None:
    await it.run("SELECT 1 AS n, 'it ran' AS word")
    it.pane.grid.focus()


async def with_transaction(it: Driver) -> None:
    await it.run("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1)")
    await it.until(lambda: it.connection.transaction is TransactionState.WRITE)


async def with_running(it: Driver) -> None:
    await it.begin(ENDLESS_SQL)


async def with_error(it: Driver) -> None:
    await it.run("nonsense")


async def with_lock(it: Driver) -> None:
    """Both panes are on one database; the first has met the lock of the second, and its message has the focus."""
    await it.go(2)
    await it.run("CREATE TABLE t (x); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)")
    await it.go(1)
    await it.run("INSERT INTO t VALUES (2)")
    await it.press("ctrl+l")
    await it.shows("commit c2", within=it.panes[0].message)


async def with_lock_let_go(it: Driver) -> None:
    await with_lock(it)
    assert it.app.bridge is not None
    await it.app.bridge.session.transact(it.app.bridge.new_run(), ConnectionId("c2"), "ROLLBACK")
    await it.shows("It was let go", within=it.panes[0].message)


async def with_connection_without_pane(it: Driver) -> None:
    assert it.app.bridge is not None
    await it.app.bridge.session.open_another(it.connection.id, CreatedBy.RAW)
    await it.shows("c3", "no pane", within=it.cache_map)
    it.cache_map.focus()
    it.cache_map.move_cursor("c3")


async def with_typing(it: Driver) -> None:
    await it.type("x")


async def with_alarm(it: Driver) -> None:
    await it.until(lambda: it.workbench.query_one(AlarmBar).display, "the alarm")
    it.file_feed.focus()


async def with_other_file(it: Driver) -> None:
    Path("notes.txt").write_text("nothing of SQLite's", "utf-8")
    await it.shows("1 other", within=it.file_feed)


async def with_second_pane(it: Driver) -> None:
    await it.go(2)


async def with_shell(it: Driver) -> None:
    """A shell that could stop the program; tests/terminal has a real one."""
    pytest.MonkeyPatch().setattr(it.app, "action_suspend_process", lambda: it.app.notify("suspended"))


DRILLS = {
    "run_statement": Drill(lambda it: "it ran" in it.text_of(it.pane.grid), with_text),
    "run_all": Drill(lambda it: "it ran" in it.text_of(it.pane.grid), with_text),
    "stop": Drill(lambda it: not it.pane.is_running, with_running),
    "lock_help": Drill(lambda it: it.pane.message.has_focus, with_error),
    "go_to_holder": Drill(lambda it: it.panes[1].has_focus_within, with_lock, (A, A)),
    "commit_holder": Drill(
        lambda it: (c := it.panes[1].connection) and c.transaction is TransactionState.NONE, with_lock, (A, A)
    ),
    "retry": Drill(
        lambda it: (run := it.panes[0].run_shown) and run.failure is None and run.state.is_over,
        with_lock_let_go,
        (A, A),
    ),
    "open_connection": Drill(
        lambda it: len(it.panes) == 3 and it.panes[2].connection_id == "c3" and it.panes[2].editor.has_focus,
        with_connection_without_pane,
    ),
    "commit": Drill(lambda it: it.connection.transaction is TransactionState.NONE, with_transaction),
    "roll_back": Drill(lambda it: it.connection.transaction is TransactionState.NONE, with_transaction),
    "choose_mode": Drill(modal_of("Transactions of c1")),
    "choose_lock_wait": Drill(modal_of("How long c1 waits")),
    "undo": Drill(lambda it: it.pane.editor.text == "", with_typing),
    "open_cell": Drill(modal_of("n, row 1"), with_rows),
    "copy_cell": Drill(copied("1"), with_rows),
    "copy_row": Drill(copied("1\tit ran"), with_rows),
    "copy_result": Drill(copied("n\tword\n1\tit ran\n"), with_rows),
    "find_tables": Drill(modal_of("Tables that c1 sees")),
    "open_database": Drill(modal_of("Open a database")),
    "close_pane": Drill(modal_of("Close c1?")),
    "relabel_pane": Drill(modal_of("Relabel this pane")),
    "zoom": Drill(lambda it: it.panes[1].region.area == 0),
    "move_pane_left": Drill(lambda it: [pane.label for pane in it.panes] == ["b", "a"], with_second_pane),
    "move_pane_right": Drill(lambda it: [pane.label for pane in it.panes] == ["b", "a"]),
    "pane_menu": Drill(modal_of("Pane: a")),
    "new_connection": Drill(modal_of("New connection to the database of c1")),
    "choose_connection": Drill(modal_of("Which connection runs the SQL of a?")),
    "close_connection": Drill(modal_of("Close c1?")),
    "explain_connection": Drill(modal_of("c1: in memory, shared")),
    "why": Drill(modal_of("A stray file"), with_alarm, (STRAY,)),
    "dismiss_alarm": Drill(lambda it: not it.workbench.query_one(AlarmBar).display, with_alarm, (STRAY,)),
    "remove_stray": Drill(modal_of("Remove this file?"), with_alarm, (STRAY,)),
    "show_others": Drill(lambda it: "notes.txt" in it.files_text(), with_other_file),
    "jump": Drill(modal_of("A label's key goes there")),
    "palette": Drill(lambda it: "CommandPalette" in str(it.app.screen)),
    "app_menu": Drill(modal_of("memdb-tui", "Light or dark")),
    "help": Drill(lambda it: isinstance(it.app.screen, HelpScreen)),
    "switch_theme": Drill(lambda it: it.app.theme == "memdb-light"),
    "screenshot": Drill(lambda it: list(Path.cwd().glob("*.svg")) and "Saved" in it.said()),
    "suspend": Drill(lambda it: "suspended" in it.said(), with_shell),
    "quit": Drill(lambda it: it.app._exit),
    "lab": Drill(modal_of("The lab: claims, run for real")),
    "copy_database": Drill(said("looks into no program")),
    "refresh_copy": Drill(said("shows no copy")),
    "compare_copies": Drill(modal_of("The two are the same")),
    "open_source": Drill(said("is not known")),
    "show_waiting": Drill(said("No program waits")),
    "choose_live_limit": Drill(said("looks into no program")),
    "interrupt": Drill(said("No program runs that was started here")),
    "run_again": Drill(said("No program was started here")),
    "rescan": Drill(said("looks into no program")),
    "go_on": Drill(said("No program waits in inspect()")),
    "program_menu": Drill(modal_of("A program that is looked into", "Copy this database")),
}
"""For each action: how to see that it was done."""


CLICKED_WORDS = {
    "alarm:fix": "[Fix",
    "alarm:hide": "[Hide",
    "files:others": "1 other, not SQLite",
    "lock:go_to_holder": "go to c2",
    "lock:commit_holder": "commit c2",
    "lock:retry": "try again",
}


async def by_safe_way(it: Driver, action: Action) -> None:
    """Does an action by its safe key, else by its click target."""
    if action.safe_key:
        await it.press(action.safe_key)
        return
    where, _, what = action.click.partition(":")
    match where:
        case "pane-menu":
            await it.click_part(it.bar(), "pane_menu")
            await it.choose(action.id)
        case "pane-bar":
            parts = {"mode": "choose_mode", "connection": "choose_connection", "menu": "pane_menu"}
            await it.click_part(it.bar(), parts[what])
        case "header" | "program-menu":
            await it.click_text("≡", within=it.app.screen.query_one(HeaderBar))
            menus = {"header": (), "program-menu": ("program_menu",)}[where]
            for choice in (*menus, *([action.id] if action.id != "app_menu" else [])):
                await it.choose(choice)
        case "grid":
            await it.pilot.click(it.pane.grid, offset=(4, 1), times=2)
        case "connections":
            await it.click_text("c3", within=it.cache_map, times=2)
        case "lock" | "alarm" | "files":
            await it.click_text(CLICKED_WORDS[action.click])
        case "stray":
            await it.click_text("[Fix", within=it.app.screen.query_one(AlarmBar))
            await it.click_text("Remove the file…")
        case _:
            pytest.fail(f"no click target {action.click!r} is known")


def test_every_action_is_drilled() -> None:
    assert set(DRILLS) == set(_IDS)


@pytest.mark.parametrize("action", ACTIONS, ids=_IDS)
async def test_the_safe_way_of_an_action_does_it(folder: Path, action: Action) -> None:
    drill = DRILLS[action.id]
    async with program(*drill.databases, allow_files=True) as it:
        if drill.before is not None:
            await drill.before(it)
        assert not drill.done(it)
        await by_safe_way(it, action)
        await it.until(lambda: drill.done(it), action.label)
        await it.until(lambda: it.app._exit or not it.is_modal or it.takes_keys, "a modal that is there as a whole")
        if not it.app._exit and it.panes and it.pane.is_running:
            await it.press("ctrl+c")
            await it.over()


async def test_the_palette_does_every_action(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    for action in ACTIONS:
        monkeypatch.setattr(_command_of(action), action.id, lambda _self, action=action: done.append(action.id))
    async with program(A) as it:
        for hit in [hit async for hit in ActionProvider(it.workbench).discover()]:
            hit.command()
        assert done == _IDS


@pytest.mark.parametrize("action", [a for a in ACTIONS if set(a.local_keys) - SAFE_KEYS], ids=lambda a: a.id)
async def test_the_local_keys_of_an_action_do_it(folder: Path, action: Action) -> None:
    drill = DRILLS[action.id]
    for key in action.local_keys:
        async with program(*drill.databases, allow_files=True) as it:
            if drill.before is not None:
                await drill.before(it)
            if action.group is Group.CONNECTION:
                it.cache_map.focus()
            if action.group is Group.FILES:
                it.file_feed.focus()
            await it.pilot.pause()
            await it.press(key)
            await it.until(lambda: drill.done(it), f"{action.label} by {key}")
        for left in folder.iterdir():
            left.unlink()


def test_every_action_is_known_by_its_id() -> None:
    assert {key: value.id for key, value in BY_ID.items()} == {key: key for key in _IDS}
