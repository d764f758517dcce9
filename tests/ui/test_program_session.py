"""A program that is run, seen from the screen: its output, its connections, SQL on its databases, copies."""

from __future__ import annotations

import gc
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from driving import NARROW, Driver, attached, inspected, running

from memdb_tui.model import CopyState, ProgramState, RunState, TransactionState
from memdb_tui.ui.screens.explanation import ExplanationScreen
from memdb_tui.ui.widgets.alarm_bar import AlarmBar
from memdb_tui.ui.widgets.database_pane import DatabasePane

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
    """The program has done its first work, and its connections are seen."""
    await it.until(lambda: "ready" in it.text(), "its output")
    await it.until(lambda: len(connections(it)) == 2, "its connections")


def connections(it: Driver) -> list[str]:
    snapshot = it.workbench.snapshot
    return [c.id for c in snapshot.connections if c.origin is not None] if snapshot is not None else []


def named(it: Driver, reading: CopyState) -> str:
    """The connection that can be read in that way."""
    return next(c.id for c in it.snapshot.connections if c.origin is not None and c.origin.reading is reading)


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
    await it.until(lambda: len(it.panes) == before + 1, "a pane")
    return it.panes[-1]


async def test_the_output_and_the_connections_of_a_program_are_seen(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        shown = it.text_of(it.cache_map)
        assert "app.py" in shown
        assert "orders" in shown
        assert "app.py:5" in shown
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
        assert "live, reads only" in it.text_of(pane)
        await it.run("SELECT item FROM orders ORDER BY id")
        await it.until(lambda: "cake" in it.text_of(pane.grid), "its rows")
        await tell(it, "more")
        await it.run("SELECT count(*) AS n FROM orders")
        await it.until(lambda: "3" in it.text_of(pane.grid), "what the program wrote meanwhile")
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
        await it.modal("Copying the database", "waiting for thread MainThread")
        await tell(it, "open")
        await it.until(lambda: len(it.panes) == 1, "the copy's pane")
        await it.modal_gone()
        await it.run("SELECT name FROM sqlite_schema")
        await it.until(lambda: "secret" in it.text_of(it.panes[0].grid), "the copy's tables")
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
            await it.until(lambda before=before: len(it.panes) == before + 1, "a copy")
        first, second = it.panes
        await tell(it, "more")
        await it.run("SELECT count(*) AS n FROM orders")
        await it.until(lambda: "2" in it.text_of(second.grid), "the copy as it was")
        assert re.search(r"c1 ▼  copy (of )?\d\d:\d\d:\d\d  autocommit", it.text_of(it.bar(first)))
        await it.press("f4")
        await it.until(lambda: second.connection is not None and second.connection.id != first.connection_id)
        await it.run("SELECT count(*) AS n FROM orders")
        await it.until(lambda: "3" in it.text_of(second.grid), "the copy as it is now")
        await it.do("compare_copies")
        await it.modal("Compare which database?")
        await it.press("enter")
        await it.modal("With which other?")
        await it.press("enter")
        await it.modal("orders", "+1", "'jam'")
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
        for action in ("close_connection", "choose_mode", "choose_lock_wait", "new_connection"):
            it.pane.editor.focus()
            await it.pilot.pause()
            await it.do(action)
            await it.until(lambda: "belongs to the program" in it.said(), action)
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
        await it.until(lambda: len(it.panes) == 2, "the copy's pane")
        it.panes[1].editor.focus()
        await it.until(lambda: "^N connect" in it.footer(), "the key that connects")
        it.cache_map.focus()
        it.cache_map.move_cursor(it.panes[1].connection_id)
        await it.until(lambda: "d close" in it.footer(), "the key that closes")
        it.cache_map.move_cursor(named(it, CopyState.LIVE))
        await it.until(lambda: "d close" not in it.footer(), "no key that closes")
        await tell(it, "quit")


async def test_a_stray_of_the_program_raises_the_alarm_with_its_url(folder: Path) -> None:
    async with running(STRAY) as it:
        await it.until(lambda: it.app.screen.query_one(AlarmBar).display, "the alarm")
        assert "file:db3" in it.text_of(it.app.screen.query_one(AlarmBar))
        await it.press("ctrl+t")
        await it.modal("A stray file", "uri=true")
        await it.press("escape")
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


async def test_where_the_terminal_is_narrow_the_output_is_a_tab(folder: Path) -> None:
    async with running(WAITS, size=NARROW) as it:
        await it.until(lambda: len(connections(it)) == 2, "its connections")
        await open_pane(it, CopyState.LIVE)
        await it.until(lambda: it.workbench.upper.shows_databases)
        await it.click_text("Output │")
        await it.until(lambda: "ready" in it.text(), "the output")
        await tell(it, "quit")


async def test_without_a_database_shown_the_output_has_the_room(folder: Path) -> None:
    async with running(WAITS) as it:
        await ready(it)
        assert it.workbench.output is not None
        assert it.workbench.output.outer_size.width == it.app.size.width
        await tell(it, "quit")


async def test_a_program_that_inspects_itself_under_run_waits_in_the_screen_that_is_there(folder: Path) -> None:
    source = """
import sqlite3, memdb_tui
private = sqlite3.connect(":memory:")
private.execute("CREATE TABLE secret (x)")
memdb_tui.inspect()
print("went on", flush=True)
input()
"""
    async with running(source) as it:
        await it.until(lambda: "waiting in inspect()" in it.text(), "the program to wait")
        await it.until(lambda: len(connections(it)) == 1, "its connection")
        pane = await open_pane(it, CopyState.PRIVATE)
        assert pane.label.startswith("copy of")
        await it.do("go_on")
        await it.until(lambda: "went on" in it.text(), "the program to go on")


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
        await it.modal("Copying the database", "waiting for thread worker 1", "It is MainThread that waits")
        await it.press("escape")
        await it.modal_gone()


async def test_a_process_that_dies_before_it_has_answered_is_said_to_be_gone(
    listening: subprocess.Popen[str],
) -> None:
    listening.send_signal(signal.SIGSTOP)
    async with attached(str(listening.pid)) as it:
        await it.says("has not answered yet")
        await it.shows(f"Process {listening.pid} listens, but has not answered yet.", within=it.cache_map)
        assert f"pid {listening.pid} · running" in it.lines()[0]
        assert "No connection is open" not in it.text()
        os.kill(listening.pid, signal.SIGKILL)
        await it.says("That process is gone.")
        await it.shows("That process is gone.", within=it.cache_map)
        assert f"pid {listening.pid} · ended" in it.lines()[0]


async def test_what_is_said_of_a_process_that_does_not_answer_goes_when_it_does(
    listening: subprocess.Popen[str],
) -> None:
    listening.send_signal(signal.SIGSTOP)
    async with attached(str(listening.pid)) as it:
        await it.shows("has not answered yet", within=it.cache_map)
        listening.send_signal(signal.SIGCONT)
        await it.shows("m1", within=it.cache_map)
        assert "has not answered yet" not in it.text_of(it.cache_map)
