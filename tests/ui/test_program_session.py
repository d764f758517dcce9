"""A program that is run, seen from the screen: its output, its connections, SQL on its databases, copies."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from driving import NARROW, WIDE, Driver, attached, inspected, running
from textual import events

from memdb_tui.model import CopyState, ProgramState, RunState, TransactionState
from memdb_tui.programs import meanings
from memdb_tui.programs.meanings import Explainer, Meaning, Question, meaning_of
from memdb_tui.programs.program_session import ProgramSession
from memdb_tui.ui.screens.choice import ChoiceScreen
from memdb_tui.ui.screens.explanation import ExplanationScreen
from memdb_tui.ui.widgets.alarm_bar import AlarmBar
from memdb_tui.ui.widgets.database_pane import DatabasePane
from memdb_tui.ui.widgets.footer_bar import FooterBar

FILE = """
import sqlite3
kept = sqlite3.connect("shop?mode=memory")
kept.execute("CREATE TABLE t(x)")
kept.execute("INSERT INTO t VALUES('in the file')")
kept.commit()
input()
"""
LEAKS = """
import sqlite3
def leak():
    return sqlite3.connect("file:shop?mode=memory&cache=shared", uri=True)
kept = [leak() for _ in range(60)]
input()
"""
WAITS = """
import sqlite3, sys
URI = "file:orders?mode=memory&cache=shared"
def connect():
    return sqlite3.connect(URI, uri=True)
keeper = connect()
keeper.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT)")
keeper.executemany("INSERT INTO orders (item) VALUES (?)", [("tea",), ("cake",)])
keeper.commit()
private = sqlite3.connect(":memory:")
private.execute("CREATE TABLE secret (x)")
private.commit()
print("ready", flush=True)
for line in sys.stdin:
    word = line.strip()
    if word == "quit":
        break
    if word == "more":
        keeper.execute("INSERT INTO orders (item) VALUES ('jam')")
        keeper.commit()
    if word == "write":
        keeper.execute("INSERT INTO orders (item) VALUES ('bun')")
    if word == "commit":
        keeper.commit()
    if word == "open":
        sqlite3.connect(":memory:").close()
    if word == "close":
        keeper.close()
    print("did", word, flush=True)
sys.exit(3)
"""
STRAY = """
import sqlalchemy
engine = sqlalchemy.create_engine("sqlite:///file:db3?mode=memory&cache=shared")
with engine.connect() as connection:
    connection.execute(sqlalchemy.text("CREATE TABLE t (x)"))
    connection.commit()
input("made ")
"""


LISTENS = """
import sqlite3, sys, memdb_tui
memdb_tui.listen("shop")
shared = sqlite3.connect("file:m1?mode=memory&cache=shared", uri=True)
print("ready", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def listening(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """A process that listens."""
    runtime = folder.parent / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    with subprocess.Popen(
        [sys.executable, "-c", LISTENS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


async def ready(it: Driver) -> None:
    """The program has done its first work, and its connections are seen, with how each can be read."""
    await it.until(lambda: "ready" in it.text(), "its output")
    await it.until(lambda: len(connections(it)) == 2, "its connections")
    await it.until(lambda: named(it, CopyState.LIVE) and named(it, CopyState.PRIVATE), "how they can be read")


def connections(it: Driver) -> list[str]:
    snapshot = it.workbench.snapshot
    return [c.id for c in snapshot.connections if c.origin is not None] if snapshot is not None else []


def named(it: Driver, reading: CopyState) -> str:
    """The connection that can be read in that way."""
    found = [c.id for c in it.snapshot.connections if c.origin is not None and c.origin.reading is reading]
    assert found, f"{reading} is none of {connections(it)}"
    return found[0]


async def tell(it: Driver, word: str) -> None:
    """Types a line to the program."""
    assert it.workbench.program is not None
    it.workbench.program.write(f"{word}\n".encode())
    if word != "quit":
        await it.until(lambda: f"did {word}" in it.text(), f"the program did {word}")


async def open_pane(it: Driver, reading: CopyState) -> DatabasePane:
    """Enter on a connection shows its database."""
    before = len(it.panes)
    it.cache_map.focus()
    it.cache_map.move_cursor(named(it, reading))
    await it.pilot.pause()
    await it.press("enter")
    return await pane_added(it, before)


async def pane_added(it: Driver, before: int) -> DatabasePane:
    """Waits until there is one pane more than before, with its connection and the focus."""
    await it.until(lambda: len(it.panes) == before + 1, "a pane")
    pane = it.panes[-1]
    await it.until(lambda: pane.connection is not None and pane.editor.has_focus, "the focus in it")
    return pane


async def test_the_output_and_the_connections_of_a_program_are_seen(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        await it.shows("app.py", "orders", "app.py:5", within=it.cache_map)
        assert "pid" in it.lines()[0]
        (program,) = it.snapshot.programs
        assert program.state is ProgramState.RUNNING
        await tell(it, "quit")
        await it.until(lambda: it.snapshot.programs[0].state is ProgramState.ENDED, "its end")
        await it.until(lambda: "exit status 3" in it.text(), "its exit status")
        assert it.app.program_status == 3


async def test_why_explains_the_connection_under_the_cursor_and_without_one_asks_which(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        await it.press("ctrl+t")
        await it.until(lambda: "Choose a connection" in it.said(), "the question")
        it.cache_map.focus()
        it.cache_map.move_cursor(named(it, CopyState.LIVE))
        await it.pilot.pause()
        await it.press("ctrl+t")
        await it.until(lambda: isinstance(it.app.screen, ExplanationScreen), "the explanation")
        await it.shows("file:orders?mode=memory&cache=shared")


async def test_a_program_that_cannot_be_looked_into_is_shown_with_the_reason(folder: Path) -> None:
    async with running(WAITS, flags=("-I",)) as it:
        await it.until(lambda: "isolated mode" in it.text_of(it.cache_map), "the reason")
        (program,) = it.snapshot.programs
        assert program.state is ProgramState.RUNNING
        assert "0 db · 0 conn" in it.lines()[0]
        assert it.workbench.program is not None
        it.workbench.program.write(b"quit\n")
        await it.until(lambda: it.snapshot.programs[0].exit_status == 3, "its end")


async def test_sql_reads_a_named_database_live(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        pane = await open_pane(it, CopyState.LIVE)
        await it.shows("live, reads only", within=pane)
        await it.run("SELECT item FROM orders ORDER BY id")
        await it.until(lambda: "cake" in it.text_of(pane.grid), "its rows")
        await tell(it, "more")
        await it.run("SELECT count(*) AS n FROM orders")
        await it.until(lambda: "3" in it.text_of(pane.grid), "what the program wrote meanwhile")
        await tell(it, "quit")


async def test_how_long_live_sql_may_run_can_be_chosen(folder: Path) -> None:
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    async with running(WAITS) as it:
        await ready(it)
        pane = await open_pane(it, CopyState.LIVE)
        await it.begin(endless)
        await it.until(lambda: "Stopped after 100 ms" in it.text_of(pane), "the end at the usual limit")
        await it.do("choose_live_limit")
        await it.modal("How long live SQL may run", "100 ms (now)")
        await it.press("down", "down", "enter")
        await it.modal_gone()
        live = it.workbench.bridge.live
        assert live is not None
        await it.until(lambda: live.milliseconds > 100, "another limit")
        chosen = live.milliseconds
        await it.begin(endless)
        await it.until(lambda: f"Stopped after {chosen} ms" in it.text_of(pane), "the end at the chosen limit")
        await tell(it, "quit")


async def test_an_answer_that_no_probe_gives_fails_in_the_pane_and_the_ui_stays(folder: Path) -> None:
    call = ProgramSession._call

    async def answered(session: ProgramSession, method: str, params: object) -> object:
        strange: dict[str, object] = {"live": {"status": "done", "rows": 7}, "schema": {"tables": [{}]}}
        return strange[method] if method in strange else await call(session, method, params)

    async with running(WAITS) as it:
        await ready(it)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ProgramSession, "_call", answered)
            pane = await open_pane(it, CopyState.LIVE)
            await it.begin("SELECT 1")
            await it.until(lambda: "has no usable “rows”" in it.text_of(pane), "what was wrong")
            assert pane.run_shown is not None
            assert pane.run_shown.state is RunState.FAILED
        await it.run("SELECT item FROM orders ORDER BY id")
        await it.until(lambda: "cake" in it.text_of(pane.grid), "its rows")
        await tell(it, "quit")


async def test_writing_into_a_program_takes_a_clear_yes(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        pane = await open_pane(it, CopyState.LIVE)
        await it.begin("DELETE FROM orders WHERE id = 1")
        await it.modal("Write into the program's database?", "DELETE FROM orders")
        await it.press("n")
        await it.modal_gone()
        assert pane.run_shown is not None
        assert pane.run_shown.state is RunState.FAILED
        await it.begin("DELETE FROM orders WHERE id = 1")
        await it.modal("Write into the program's database?")
        await it.press("y")
        await it.modal_gone()
        await it.until(lambda: pane.run_shown is not None and pane.run_shown.state is RunState.DONE, "the write")
        await tell(it, "quit")


async def test_a_pane_stays_on_its_database_and_says_when_it_died(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        pane = await open_pane(it, CopyState.LIVE)
        await tell(it, "close")
        await it.until(lambda: "closed" in it.text_of(pane), "the word that it is closed")
        await it.begin("SELECT 1")
        await it.until(lambda: "gone" in it.text_of(pane), "the word for it")
        await it.until(lambda: "died" in it.text_of(it.cache_map), "the death among the leaks")
        await tell(it, "quit")


async def test_a_private_database_is_copied_when_its_thread_comes_by(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        it.cache_map.focus()
        it.cache_map.move_cursor(named(it, CopyState.PRIVATE))
        await it.pilot.pause()
        await it.press("enter")
        await it.modal("Copying the database", "waits until thread MainThread next opens a connection.")
        await tell(it, "open")
        await it.until(lambda: len(it.panes) == 1, "the copy's pane")
        await it.modal_gone()
        await it.run("SELECT name FROM sqlite_schema")
        await it.until(lambda: "secret" in it.text_of(it.panes[0].grid), "the copy's tables")
        await tell(it, "quit")


@pytest.mark.parametrize("size", [WIDE, (60, 20)])
async def test_while_keys_go_to_the_program_the_footer_offers_only_the_way_back(
    folder: Path, size: tuple[int, int]
) -> None:
    async with running(WAITS, size=size) as it:
        await ready(it)
        assert it.workbench.output is not None
        before = it.footer()
        for leave in ("key", "click"):
            await it.press("enter")
            await it.until(lambda: it.footer() == " Keys go to app.py  ^G back", "the footer of typing")
            if leave == "key":
                await it.press("ctrl+g")
            else:
                await it.click_text("^G", within=it.workbench.query_one(FooterBar))
            await it.until(lambda: it.footer() == before, "the footer as before")
            assert not it.is_modal
            assert it.workbench.output.view.has_focus
        await it.press("enter")
        await it.type("quit")
        await it.press("enter")
        await it.until(lambda: it.footer() == before, "the footer of a program that has ended")


async def test_menus_say_what_cannot_be_done_and_whose_program_it_is(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        pane = await open_pane(it, CopyState.LIVE)
        program = it.snapshot.programs[0]
        await it.do("program_menu")
        await it.modal(f"app.py (pid {program.pid})", "Let the program go on none waits in inspect()")
        await it.shows("Copy it again no copy here", "Copy this database")
        await it.press("escape")
        await it.modal_gone()
        await it.until(lambda: pane.connection is not None)
        await it.do("pane_menu")
        await it.modal("Pane: orders", "Commit the program's alone")
        screen = it.app.screen
        assert isinstance(screen, ChoiceScreen)
        said = {option.id: option.detail for option in screen._options}
        assert said["copy_cell"] == "no rows here"
        assert said["move_pane_left"] == "it is the first"
        assert said["run_all"] == "^R"
        await it.press("escape")
        await it.modal_gone()
        await tell(it, "quit")


async def test_a_copy_says_whose_transaction_it_waits_for(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        wanted = named(it, CopyState.LIVE)
        await tell(it, "write")
        await it.until(
            lambda: it.snapshot.connection(wanted).transaction is TransactionState.OPEN,  # type: ignore[union-attr] # it stays
            "its transaction in the picture",
        )
        it.cache_map.focus()
        it.cache_map.move_cursor(wanted)
        await it.pilot.pause()
        await it.do("copy_database")
        await it.modal("Copying the database", f"waits until {wanted} ends its transaction", "reads it now")
        await tell(it, "commit")
        await it.until(lambda: len(it.panes) == 1, "the copy's pane")
        await it.modal_gone()
        await tell(it, "quit")


async def ask_for_a_copy(it: Driver) -> None:
    """Of the private database, which only its thread can hand out."""
    it.cache_map.focus()
    it.cache_map.move_cursor(named(it, CopyState.PRIVATE))
    await it.pilot.pause()
    await it.press("enter")
    await it.modal("Copying the database")


async def test_a_copy_that_the_program_did_not_live_to_give_is_said(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        await ask_for_a_copy(it)
        await it.until(lambda: it.snapshot.programs[0].waiting_copies, "the waiting copy in the picture")
        await tell(it, "quit")
        await it.says("That process is gone.")
        await it.modal_gone()
        await it.until(lambda: it.snapshot.programs[0].state is ProgramState.ENDED, "its end")
        assert it.snapshot.programs[0].waiting_copies == ()
        await it.until(lambda: "A copy of" not in it.text_of(it.cache_map), "nobody to wait for")


async def test_waiting_for_a_copy_can_be_given_up(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        await ask_for_a_copy(it)
        await it.press("escape")
        await it.modal_gone()
        await tell(it, "open")
        assert not it.panes
        await tell(it, "quit")


async def wait_in_background(it: Driver) -> str:
    """Returns the connection whose copy is waited for."""
    await ask_for_a_copy(it)
    await it.press("w")
    await it.modal_gone()
    await it.until(lambda: "Enter here stops that." in it.text_of(it.cache_map), "its line")
    return named(it, CopyState.PRIVATE)


async def test_a_copy_can_be_waited_for_in_the_background_while_something_else_is_done(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        wanted = await wait_in_background(it)
        assert f"A copy of {wanted} waits until thread MainThread" in it.text_of(it.cache_map)
        first = await open_pane(it, CopyState.LIVE)
        first.editor.focus()
        await it.run("SELECT count(*) AS n FROM orders")
        await tell(it, "open")
        await it.until(lambda: len(it.panes) == 2, "the copy's pane")
        await it.until(lambda: "Enter here stops that." not in it.text_of(it.cache_map), "no line any more")
        await it.until(lambda: first.editor.has_focus, "the focus where it was")
        await tell(it, "quit")


async def test_waiting_in_the_background_is_called_off_on_its_line(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        wanted = await wait_in_background(it)
        it.cache_map.focus()
        it.cache_map.move_cursor(wanted)
        await it.pilot.pause()
        await it.press("enter")
        await it.says("waited for already")
        await it.press("down", "enter")
        await it.until(lambda: "A copy of" not in it.text_of(it.cache_map), "nobody to wait for")
        await tell(it, "open")
        assert not it.panes
        await tell(it, "quit")


async def test_quitting_while_a_copy_waits_leaves_no_complaint(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(WAITS) as it:
        await ready(it)
        await ask_for_a_copy(it)
        await it.until(lambda: it.snapshot.programs[0].waiting_copies, "the waiting copy in the picture")
    gc.collect()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


async def test_a_copy_stays_as_it_was_and_can_be_taken_again_and_compared(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        for _ in range(2):
            it.cache_map.focus()
            it.cache_map.move_cursor(named(it, CopyState.LIVE))
            await it.pilot.pause()
            before = len(it.panes)
            await it.do("copy_database")
            await pane_added(it, before)
        first, second = it.panes
        await tell(it, "more")
        await it.run("SELECT count(*) AS n FROM orders")
        await it.until(lambda: "2" in it.text_of(second.grid), "the copy as it was")
        copied = re.compile(r"c2 ▼  copy (of )?\d\d:\d\d:\d\d  autocommit")
        await it.until(lambda: copied.search(it.text_of(it.bar(second))), "what it is a copy of")
        before_it = {first.connection_id, second.connection_id}
        await it.press("f4")
        await it.until(
            lambda: second.connection is not None and second.connection.id not in before_it, "a newer copy"
        )
        await it.run("SELECT count(*) AS n FROM orders")
        await it.until(lambda: "3" in it.text_of(second.grid), "the copy as it is now")
        await it.do("compare_copies")
        await it.modal("orders", "+1", "item: 'jam'")
        await it.press("escape")
        await it.modal_gone()
        await tell(it, "quit")


async def test_where_a_connection_was_opened_is_shown_with_its_source(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        it.cache_map.focus()
        it.cache_map.move_cursor(named(it, CopyState.LIVE))
        await it.pilot.pause()
        await it.do("open_source")
        await it.modal("was opened here", "app.py:5", "return sqlite3.connect(URI, uri=True)")
        await it.press("escape")
        await it.modal_gone()
        await tell(it, "quit")


async def test_the_programs_own_connections_are_not_closed_or_changed_here(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        await open_pane(it, CopyState.LIVE)
        actions = ("close_connection", "choose_mode", "choose_lock_wait", "new_connection")
        for count, action in enumerate(actions, start=1):
            it.pane.editor.focus()
            await it.pilot.pause()
            await it.do(action)
            await it.until(lambda count=count: it.said().count("belongs to the program") == count, action)
        await it.do("close_pane")
        await it.until(lambda: not it.panes, "the pane to close")
        assert len(connections(it)) == 2
        await tell(it, "quit")


async def test_the_footer_offers_nothing_that_would_be_refused_on_a_programs_connection(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        it.cache_map.focus()
        it.cache_map.move_cursor(named(it, CopyState.LIVE))
        await it.until(lambda: "^G go to" in it.footer() and "d close" not in it.footer(), "no key that closes")
        await open_pane(it, CopyState.LIVE)
        it.pane.editor.focus()
        await it.until(lambda: "^J run" in it.footer() and "^N connect" not in it.footer(), "no key that connects")
        await it.do("copy_database")
        await pane_added(it, 1)
        await it.until(lambda: "^N connect" in it.footer(), "the key that connects")
        it.cache_map.focus()
        it.cache_map.move_cursor(it.panes[1].connection_id)
        await it.until(lambda: "d close" in it.footer(), "the key that closes")
        it.cache_map.move_cursor(named(it, CopyState.LIVE))
        await it.until(lambda: "d close" not in it.footer(), "no key that closes")
        await tell(it, "quit")


async def test_a_stray_of_the_program_raises_the_alarm_with_its_url(folder: Path) -> None:
    async with running(STRAY) as it:
        await it.shows("file:db3", within=it.app.screen.query_one(AlarmBar))
        await it.press("ctrl+t")
        await it.modal("A stray file", "uri=true")
        await it.press("escape")
        await it.modal_gone()


async def test_of_a_programs_stray_the_line_that_opened_it_is_named_and_shown_first(folder: Path) -> None:
    async with running(STRAY) as it:
        await it.shows("p1.c1 app.py:4", within=it.app.screen.query_one(AlarmBar))
        await it.until(lambda: "app.py:4 opened it" in it.files_text(), "the line in Files")
        await it.press("ctrl+t")
        await it.modal("A stray file", "app.py:4 in <module> (p1.c1) opened", "in this session, not in the program")
        await it.press("enter")
        await it.modal("The stray was opened here", "with engine.connect() as connection:")
        await it.press("escape")
        await it.modal_gone()


async def test_whoever_has_a_stray_open_is_named_before_it_is_removed(folder: Path) -> None:
    async with running(STRAY) as it:
        await it.until(lambda: it.app.screen.query_one(AlarmBar).display, "the alarm")
        await it.do("remove_stray")
        await it.modal("Remove this file?", "p1.c1 still has it open: it lives on without a name until closed")
        await it.press("n")
        await it.modal_gone()


async def test_quitting_while_it_runs_is_asked_about_and_ends_it(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        pid = it.snapshot.programs[0].pid
        await it.press("ctrl+q")
        await it.modal("app.py still runs")
        await it.press("n")
        await it.modal_gone()
        assert Path(f"/proc/{pid}").exists()
    assert not Path(f"/proc/{pid}").exists()


async def test_a_program_is_interrupted_as_by_its_terminal_and_the_way_to_it_is_said(folder: Path) -> None:
    interrupted = """
try:
    try:
        print("ready", flush=True)
        input()
    except KeyboardInterrupt:
        print("caught", flush=True)
        input()
except KeyboardInterrupt:
    print("caught again", flush=True)
input()
"""
    async with running(interrupted) as it:
        await it.until(lambda: "ready" in it.text(), "its output")
        await it.press("ctrl+c")
        await it.says("app.py runs on: ^C after Enter on Output interrupts it. ^C again asks to quit.")
        await it.do("quit")
        await it.modal("app.py still runs", "Interrupt it and stay")
        await it.press("i")
        await it.modal_gone()
        await it.until(lambda: "caught" in it.text(), "the interrupt")
        await it.do("interrupt")
        await it.until(lambda: "caught again" in it.text(), "the second interrupt")
        assert it.workbench.program is not None
        it.workbench.program.write(b"\n")
        await it.until(lambda: it.workbench.program is not None and not it.workbench.program.is_running, "its end")
        await it.do("interrupt")
        await it.says("No program runs that was started here.")


async def test_where_the_terminal_is_narrow_the_output_is_a_tab(folder: Path) -> None:
    async with running(WAITS, size=NARROW) as it:
        await it.until(lambda: len(connections(it)) == 2, "its connections")
        await open_pane(it, CopyState.LIVE)
        await it.until(lambda: it.workbench.upper.shows_databases)
        await it.click_text("Output │")
        await it.until(lambda: "ready" in it.text(), "the output")
        await tell(it, "quit")


async def test_where_the_terminal_is_narrow_what_has_the_focus_is_shown_and_not_what_had_it(folder: Path) -> None:
    async with running(WAITS, size=NARROW) as it:
        await ready(it)
        pane = await open_pane(it, CopyState.LIVE)
        await it.until(lambda: it.workbench.upper.shows_databases, "its tab")
        assert it.workbench.output is not None
        # As when the word that the output had the focus is heard late.
        it.workbench.upper.post_message(events.DescendantFocus(it.workbench.output.view))
        await it.pilot.pause()
        await it.press("x")
        await it.until(lambda: pane.editor.text == "x", "what was typed in it")
        assert it.workbench.upper.shows_databases
        await tell(it, "quit")


async def test_output_that_fits_stays_in_view_when_the_pane_gets_lower(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        assert it.workbench.output is not None
        assert it.workbench.program is not None
        view, screen = it.workbench.output.view, it.workbench.program._screen
        assert screen is not None
        for rows in (35, 30, 36):
            before = view.size.height
            await it.pilot.resize_terminal(WIDE[0], rows)
            await it.until(lambda before=before: view.size.height != before, "another height")
            await it.until(lambda: screen.rows == view.size.height, "that of the program's screen")
            await it.until(lambda: "ready" in it.text_of(view), "the first line")
            assert view.follows
        await tell(it, "quit")


async def test_in_a_narrow_window_the_tab_counts_what_is_open_as_its_list_does(folder: Path) -> None:
    async with running(WAITS, size=NARROW) as it:
        await ready(it)
        await it.shows("Connections 2▌", "2 in 2 caches")
        await tell(it, "close")
        await it.shows("Connections 1▌", "1 in 1 cache")
        await tell(it, "quit")
        await it.shows("Connections 0▌", "none open")


async def test_the_output_gives_way_to_two_databases_side_by_side(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        await open_pane(it, CopyState.LIVE)
        await it.workbench.open_pane("beside")
        await it.until(lambda: it.workbench.panes.in_view == tuple(it.panes), "both, from border to border")
        assert it.workbench.output is not None
        assert it.workbench.output.outer_size.width >= 38
        await tell(it, "quit")


async def test_enter_on_a_connection_that_is_closed_says_so_and_opens_no_pane(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        name = named(it, CopyState.LIVE)
        await tell(it, "close")
        await it.until(lambda: it.snapshot.connection(name).closed, "its end")
        await it.workbench.navigation.open_connection(name)
        await it.says(f"{name} is closed: The program closed it at app.py:")
        await tell(it, "quit")
        await it.until(lambda: it.snapshot.programs[0].state is ProgramState.ENDED, "its end")
        await it.workbench.navigation.open_connection(named(it, CopyState.PRIVATE))
        await it.says("is gone. Its in-memory databases died with it.")
        assert not it.panes


async def test_a_file_of_the_program_is_opened_as_itself_whatever_its_name_looks_like(folder: Path) -> None:
    async with running(FILE) as it:
        await it.until(lambda: len(connections(it)) == 1 and named(it, CopyState.FILE), "its connection")
        it.cache_map.focus()
        it.cache_map.move_cursor(named(it, CopyState.FILE))
        await it.pilot.pause()
        await it.press("enter")
        await it.modal("This string means memory", "The file is there already", "Open the file that is there")
        await it.press("y")
        pane = await pane_added(it, 0)
        await it.run("SELECT x FROM t")
        await it.until(lambda: "in the file" in it.text_of(pane.grid), "what the program wrote")
        await tell(it, "quit")
    assert not (folder / "shop").exists()


async def test_without_a_database_shown_the_output_has_the_room(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        assert it.workbench.output is not None
        assert it.workbench.output.outer_size.width == it.app.size.width
        await tell(it, "quit")


async def test_a_program_that_inspects_itself_under_run_waits_in_the_screen_that_is_there(folder: Path) -> None:
    source = f"""
import sqlite3, memdb_tui
private = sqlite3.connect(":memory:")
private.execute("CREATE TABLE secret (x)")
memdb_tui.inspect()
# {"word " * 30}
print("went on", flush=True)
input()
"""
    async with running(source) as it:
        await it.until(lambda: "waiting in inspect() at app.py:5" in it.text(), "the program to wait")
        await it.do("show_waiting")
        await it.modal("app.py waits here", "▸     5 memdb_tui.inspect()")
        first, second = (line for line in it.text().splitlines() if "word word" in line)
        assert first.index("6 # word") + 2 == second.index("word")
        await it.press("escape")
        await it.modal_gone()
        await it.until(lambda: len(connections(it)) == 1, "its connection")
        pane = await open_pane(it, CopyState.PRIVATE)
        assert pane.label.startswith("copy of")
        it.cache_map.focus()
        await it.until(lambda: it.footer().lstrip().startswith("F8 go on"), "the way on in the footer")
        await it.press("f8")
        await it.until(lambda: "went on" in it.text(), "the program to go on")
        await it.until(lambda: "F8" not in it.footer(), "the footer as before")


INSPECTS = """
import socket, sqlite3, sys, threading
from memdb_tui.probe import start
kept = []
def work():
    kept.append(sqlite3.connect(":memory:", check_same_thread=False))
    opened.set()
    done.wait()
start.record()
opened, done = threading.Event(), threading.Event()
thread = threading.Thread(target=work, name="worker 1")
thread.start()
opened.wait()
mine = sqlite3.connect(":memory:")
mine.execute("CREATE TABLE mine (x)")
with socket.socket(fileno=int(sys.argv[1])) as sock:
    start.serve_inline(sock, "token")
done.set()
"""


INSPECTS_SHARED = """
import socket, sqlite3, sys
from memdb_tui.probe import start
start.record()
shared = sqlite3.connect("file:shop?mode=memory&cache=shared", uri=True)
with socket.socket(fileno=int(sys.argv[1])) as sock:
    start.serve_inline(sock, "token")
"""


async def test_in_inspect_a_shared_database_is_shown_live_however_long_its_string_takes_to_explain(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_explain = asyncio.Event()

    def later(_ask_url: object) -> Explainer:
        async def explain(question: Question) -> Meaning:
            await may_explain.wait()
            return meaning_of(question)

        return explain

    monkeypatch.setattr(meanings, "explainer_of", later)
    async with inspected(INSPECTS_SHARED) as it:
        await it.until(lambda: len(connections(it)) == 1, "its connection")
        await it.until(lambda: it.snapshot.programs[0].state is ProgramState.WAITING, "that it waits")
        assert not it.panes
        may_explain.set()
        await it.until(lambda: len(it.panes) == 1, "its database")
        assert not it.panes[0].label.startswith("copy")
        await it.shows("live, reads only")
        it.cache_map.focus()
        await it.until(lambda: "^Q go on" in it.footer(), "what quitting does")
        await it.do("go_on")
        await it.until(lambda: "^Q quit" in it.footer(), "the word when nothing waits any more")


INSPECTS_THREE = """
import socket, sqlite3, sys
from memdb_tui.probe import start
start.record()
kept = [sqlite3.connect(f"file:shop{n}?mode=memory&cache=shared", uri=True) for n in range(3)]
with socket.socket(fileno=int(sys.argv[1])) as sock:
    start.serve_inline(sock, "token")
"""


async def test_in_inspect_the_first_of_the_databases_shown_has_the_focus(folder: Path) -> None:
    async with inspected(INSPECTS_THREE) as it:
        await it.until(lambda: len(it.panes) == 3, "its databases")
        await it.until(lambda: it.panes[0].editor.has_focus, "the focus on the first")
        await it.do("go_on")
        await it.until(lambda: "^Q quit" in it.footer(), "the end of waiting")


async def test_in_inspect_what_only_another_thread_can_hand_out_is_not_waited_for_by_itself(folder: Path) -> None:
    async with inspected(INSPECTS) as it:
        await it.until(lambda: len(it.panes) == 1, "the copy of the waiting thread's")
        await it.says("It is MainThread that waits in inspect(): thread worker 1")
        assert not it.is_modal
        await it.run("SELECT name FROM sqlite_schema")
        await it.until(lambda: "mine" in it.text_of(it.panes[0].grid), "its table")
        apart = next(c.id for c in it.snapshot.connections if c.thread == "worker 1")
        it.cache_map.focus()
        it.cache_map.move_cursor(apart)
        await it.pilot.pause()
        await it.press("enter")
        await it.modal("Copying the database", "waits until thread worker 1", "It is MainThread that waits")
        await it.press("escape")
        await it.modal_gone()


async def test_a_process_that_dies_before_it_has_answered_is_said_to_be_gone(
    listening: subprocess.Popen[str],
) -> None:
    listening.send_signal(signal.SIGSTOP)
    async with attached(str(listening.pid)) as it:
        await it.says("has not answered yet")
        await it.shows(f"Process {listening.pid} listens, but has not answered yet", within=it.cache_map)
        await it.shows("it is stopped, as by ^Z", f"kill -CONT {listening.pid}", within=it.cache_map)
        assert f"pid {listening.pid} · running" in it.lines()[0]
        assert "No connection is open" not in it.text()
        os.kill(listening.pid, signal.SIGKILL)
        await it.says("That process is gone.")
        await it.shows("That process is gone.", within=it.cache_map)
        assert f"pid {listening.pid} · ended" in it.lines()[0]


async def test_a_process_that_is_stopped_is_said_to_be_until_it_goes_on(listening: subprocess.Popen[str]) -> None:
    async with attached(str(listening.pid)) as it:
        await it.until(lambda: f"pid {listening.pid} · running" in it.lines()[0], "that it runs")
        listening.send_signal(signal.SIGSTOP)
        await it.until(lambda: f"pid {listening.pid} · stopped" in it.lines()[0], "that it is stopped")
        await it.shows(f"until it goes on: fg in its terminal, or kill -CONT {listening.pid}", within=it.cache_map)
        listening.send_signal(signal.SIGCONT)
        await it.until(lambda: f"pid {listening.pid} · running" in it.lines()[0], "that it runs again")
        await it.until(lambda: "kill -CONT" not in it.text_of(it.cache_map), "that it answers again")


async def test_where_no_database_is_shown_keys_reach_the_connections(listening: subprocess.Popen[str]) -> None:
    async with attached(str(listening.pid)) as it:
        await it.until(lambda: len(it.panes) == 1 and it.pane.editor.has_focus, "the database")
        await it.do("close_pane")
        await it.until(lambda: not it.panes and it.cache_map.has_focus, "no pane")
        await it.until(lambda: "^N" not in it.footer() and "^G" in it.footer(), "no key that needs a pane")
        await it.press("down", "enter")
        await it.until(lambda: len(it.panes) == 1 and it.pane.editor.has_focus, "the database again")
    listening.send_signal(signal.SIGSTOP)
    async with attached(str(listening.pid)) as it:
        await it.shows("has not answered yet", within=it.cache_map)
        assert it.cache_map.has_focus
        listening.send_signal(signal.SIGCONT)
        await it.until(lambda: len(it.panes) == 1 and it.pane.editor.has_focus, "the database that came")


async def test_what_is_said_of_a_process_that_does_not_answer_goes_when_it_does(
    listening: subprocess.Popen[str],
) -> None:
    listening.send_signal(signal.SIGSTOP)
    async with attached(str(listening.pid)) as it:
        await it.shows("has not answered yet", within=it.cache_map)
        listening.send_signal(signal.SIGCONT)
        await it.shows("m1", within=it.cache_map)
        assert "has not answered yet" not in it.text_of(it.cache_map)


async def test_a_program_that_cannot_be_started_leaves_its_reason_in_the_output_and_a_status(folder: Path) -> None:
    async with running("", python="/no/such/python") as it:
        assert it.workbench.output is not None
        await it.shows("could not be started: No such file or directory. Check the path", within=it.workbench.output)
        assert it.app.has_program_failed
        assert it.app.program_status is None


async def test_a_program_that_has_ended_is_run_again_with_databases_of_its_own(folder: Path) -> None:
    counts = """
import pathlib, sqlite3, sys
keeper = sqlite3.connect("file:n?mode=memory&cache=shared", uri=True)
keeper.execute("CREATE TABLE t (x)")
runs = pathlib.Path("runs.txt")
runs.write_text(runs.read_text() + "x" if runs.exists() else "x")
print("run number", len(runs.read_text()), flush=True)
input()
sys.exit(len(runs.read_text()))
"""
    async with running(counts) as it:
        await it.until(lambda: "run number 1" in it.text(), "its output")
        await it.do("run_again")
        await it.says("app.py runs still. Interrupt it first.")
        for number in (1, 2):
            await it.until(lambda number=number: f"run number {number}" in it.text(), "its output")
            await it.until(lambda number=number: f"p{number}.c1" in connections(it), "its connection")
            assert it.workbench.program is not None
            it.workbench.program.write(b"\n")
            await it.until(lambda number=number: it.app.program_status == number, "its end")
            if number == 1:
                await it.do("run_again")
        assert "run number 1" not in it.text()
        await it.until(lambda: [each.state for each in it.snapshot.programs] == [ProgramState.ENDED] * 2, "both over")


async def test_many_connections_of_one_line_are_folded_until_they_are_wanted(folder: Path) -> None:
    async with running(LEAKS) as it:
        await it.shows("59 more like p1.c1", within=it.cache_map)
        it.cache_map.focus()
        await it.press("home", "down")
        await it.shows("Enter lists them", within=it.cache_map)
        await it.press("enter", "end")
        await it.until(lambda: it.cache_map.pointed_at == "p1.c60", "the last of them")
        await it.press("home", "down", "enter")
        await it.shows("Enter lists them", within=it.cache_map)

        it.cache_map.move_cursor("p1.c40")
        await it.until(lambda: it.cache_map.cursor_key == "p1.c40", "a connection out of the fold")
        await it.shows("58 more like p1.c1", within=it.cache_map)
        await it.press("home")
        await it.until(lambda: all(line.key != "p1.c40" for line in it.cache_map.lines), "it back in its fold")
