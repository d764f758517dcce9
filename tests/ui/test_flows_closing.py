"""Closing connections, leaving, and what happens when the host or the program is killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from driving import ENDLESS_ROWS_SQL, ENDLESS_SQL, RAW_SHARED, ended, program
from textual import events

from memdb_tui.model import CreatedBy, TransactionState

A, B = RAW_SHARED.format("a"), RAW_SHARED.format("b")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# Connections.


async def test_closing_the_last_connection_says_what_ends_with_it_and_asks(folder: Path) -> None:
    async with program(A, B) as it:
        await it.jump("focus CacheMap")
        it.cache_map.move_cursor("c2")
        await it.press("d")
        await it.modal("Close c2?", "c2 is the last connection to b", "SQLite counts no other")
        await it.press("n")
        await it.modal_gone()
        assert it.snapshot.connection("c2") is not None
        await it.press("d")
        await it.modal("Close c2?")
        await it.press("y")
        await it.until(lambda: it.snapshot.connection("c2") is None)
        await it.shows("c2 was closed", "Choose another connection", within=it.panes[1])


@pytest.mark.parametrize("keys", ["nn", "ny", "yn", "yy"])
async def test_of_two_answers_at_once_the_first_counts(folder: Path, keys: str) -> None:
    async with program(A, B) as it:
        await it.do("close_connection")
        await it.modal("Close c1?")
        for key in keys:
            it.app.post_message(events.Key(key, key))
        await it.modal_gone()
        await it.until(lambda: (it.snapshot.connection("c1") is None) == (keys[0] == "y"))
        assert it.pane.editor.text == ""


async def test_a_database_without_a_name_is_named_in_a_whole_sentence(folder: Path) -> None:
    async with program("file::memory:") as it:
        await it.do("close_connection")
        await it.modal("Close c1?", "c1 is the last connection to file::memory:. The database and everything in it")


async def test_a_connection_that_is_not_the_last_closes_without_a_question(folder: Path) -> None:
    async with program(A, A) as it:
        await it.jump("focus CacheMap")
        it.cache_map.move_cursor("c2")
        await it.press("d")
        await it.until(lambda: it.snapshot.connection("c2") is None)
        assert not it.is_modal


async def test_giving_back_a_checkout_closes_nothing(folder: Path) -> None:
    async with program("one") as it:
        await it.press("ctrl+n")
        await it.choose(CreatedBy.SAME_ENGINE_SAME_THREAD.value)
        await it.until(lambda: it.connection.checkouts == 2)
        await it.do("close_connection")
        await it.until(lambda: it.connection.checkouts == 1)
        assert not it.is_modal


async def test_closing_a_connection_with_an_open_transaction_asks(folder: Path) -> None:
    async with program(A, A) as it:
        await it.run("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1)")
        await it.until(lambda: it.connection.transaction is TransactionState.WRITE)
        await it.do("close_connection")
        await it.modal("Close c1?", "open transaction", "rolled back")
        await it.press("y")
        await it.until(lambda: it.snapshot.connection("c1") is None)


async def test_closing_a_pane_closes_its_connection_and_leaves_the_rest(folder: Path) -> None:
    async with program(A, B) as it:
        await it.do("close_pane")
        await it.modal("Close c1?", "last connection to a")
        await it.press("y")
        await it.until(lambda: len(it.panes) == 1)
        assert it.pane.label == "b"
        await it.until(lambda: it.pane.editor.has_focus)
        await it.until(lambda: it.snapshot.connection("c1") is None)
        await it.do("close_pane")
        await it.modal("Close c2?")
        await it.press("y")
        await it.until(lambda: not it.panes)
        await it.shows("No connection is open", "^O open")


async def test_without_a_pane_the_connections_that_are_open_are_named_and_lead_back(folder: Path) -> None:
    async with program(A) as it:
        await it.run("CREATE TABLE t (x)")
        await it.press("ctrl+n")
        await it.choose(CreatedBy.RAW.value)
        await it.until(lambda: it.snapshot.connection("c2") is not None)
        await it.do("close_pane")
        await it.until(lambda: not it.panes)
        said = await it.shows("1 connection is open, and no pane shows it: c2 to a", "Enter on it in Connections")
        assert "No database is open" not in said
        it.file_feed.focus()
        await it.until(lambda: "o " in it.footer() and "^O open" in it.footer(), "the keys of Files")
        it.cache_map.focus()
        await it.press("enter")
        await it.until(lambda: it.panes and it.pane.connection_id == "c2")
        await it.do("close_pane")
        await it.modal("Close c2?")
        await it.press("y")
        await it.shows("No database is open.")


async def test_a_pane_whose_connection_another_uses_closes_alone(folder: Path) -> None:
    async with program(A, B) as it:
        await it.do("choose_connection")
        await it.modal("Which connection runs the SQL of")
        await it.press("2")
        await it.until(lambda: it.pane.connection_id == "c2")
        await it.do("close_pane")
        await it.until(lambda: len(it.panes) == 1)
        assert it.snapshot.connection("c2") is not None
        await it.run("SELECT 'still there'")
        await it.shows("still there", within=it.pane)


async def test_what_comes_for_a_pane_that_was_closed_is_passed_over(folder: Path) -> None:
    async with program(A, A) as it:
        first = it.pane
        assert first.connection_id is not None
        await it.workbench.open_pane_on(first.connection_id, "of the same connection")
        await it.go(1)
        await it.begin(ENDLESS_SQL)
        await it.shows("running", within=it.cache_map)
        # Its tables are told when the connection is free.
        await it.workbench.open_pane_on(first.connection_id, "of the busy connection")
        for count in (3, 2):
            await it.do("close_pane")
            await it.until(lambda count=count: len(it.panes) == count, "one pane less")
            await it.go(1)
        run = first.run_shown
        assert run is not None
        assert first not in it.panes
        assert it.app.bridge is not None
        await it.app.bridge.session.cancel(run.id)
        await it.until(lambda: not first.is_running, "the end of the run")
        await it.go(2)
        await it.run("SELECT 'goes on'")
        await it.shows("goes on", within=it.panes[1])


# Leaving.


async def test_quitting_with_nothing_open_asks_nothing(folder: Path) -> None:
    async with program(A) as it:
        await it.press("ctrl+q")
        await ended(it)


async def test_quitting_with_an_open_transaction_asks(folder: Path) -> None:
    async with program(A) as it:
        await it.run("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1)")
        await it.until(lambda: it.connection.transaction is TransactionState.WRITE)
        await it.press("ctrl+q")
        await it.modal(
            "Quit memdb-tui?", "c1 has an open transaction: it will be rolled back", "1 in-memory database"
        )
        await it.press("n")
        await it.modal_gone()
        assert not it.app._exit
        await it.press("ctrl+q")
        await it.modal("Quit memdb-tui?")
        await it.press("y")
        await ended(it)


async def test_quitting_while_a_statement_runs_asks(folder: Path) -> None:
    async with program(A) as it:
        await it.begin(ENDLESS_SQL)
        await it.shows("running", within=it.cache_map)
        await it.press("ctrl+q")
        await it.modal("c1 is running a statement: it will be interrupted")
        await it.press("y")
        await ended(it)


async def test_a_question_that_was_refused_is_not_asked_again_by_the_quit_key(folder: Path) -> None:
    async with program(A) as it:
        await it.press("ctrl+c", "ctrl+c")
        await it.modal("Quit memdb-tui?")
        await it.press("n")
        await it.modal_gone()
        await it.press("ctrl+q")
        await ended(it)


async def test_the_stop_key_twice_when_idle_asks_to_quit(folder: Path) -> None:
    async with program(A) as it:
        await it.press("ctrl+c")
        await it.says("^C again asks to quit")
        assert not it.is_modal
        await it.press("ctrl+c")
        await it.modal("Quit memdb-tui?")
        await it.press("escape")
        await it.modal_gone()
        assert not it.app._exit


async def test_the_quit_key_leaves_a_modal_and_asks(folder: Path) -> None:
    async with program(A) as it:
        await it.press("ctrl+o")
        await it.modal("Open a database")
        await it.press("ctrl+q")
        await ended(it)


async def test_after_quitting_the_host_is_gone(folder: Path) -> None:
    async with program(A) as it:
        host = it.snapshot.facts.pid
        assert is_alive(host)
        await it.press("ctrl+q")
        await ended(it)
    assert not is_alive(host)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_ends_the_program_without_a_question(folder: Path, number: signal.Signals) -> None:
    async with program(A) as it:
        host = it.snapshot.facts.pid
        await it.run("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1)")
        os.kill(os.getpid(), number)
        await ended(it)
        assert it.app.return_code == 128 + number
    assert not is_alive(host)


# The host dies.


async def test_when_the_host_dies_a_fresh_one_keeps_strings_and_texts(folder: Path) -> None:
    async with program(A, "two") as it:
        await it.run("CREATE TABLE t AS SELECT 'lost' AS x; SELECT x FROM t")
        before = it.snapshot.facts.pid
        os.kill(before, signal.SIGKILL)
        await it.modal("The host is gone", "killed by SIGKILL", "databases died with it")
        await it.until(lambda: "host gone" in it.lines()[0], "the word in the header")
        await it.press("f")
        await it.until(lambda: it.workbench.snapshot is not None and all(pane.connection for pane in it.panes))
        assert it.snapshot.facts.pid != before
        assert [pane.string for pane in it.panes] == [A, "sqlite:///file:two?mode=memory&cache=shared&uri=true"]
        assert it.panes[0].editor.text == "CREATE TABLE t AS SELECT 'lost' AS x; SELECT x FROM t"
        await it.until(lambda: "host gone" not in it.lines()[0], "the header as before")
        await it.run("SELECT count(*) || ' tables' FROM sqlite_schema")
        await it.shows("0 tables", within=it.panes[0])


async def test_when_the_host_dies_in_a_run_the_run_is_over(folder: Path) -> None:
    async with program(A) as it:
        await it.begin(ENDLESS_SQL)
        await it.shows("running", within=it.cache_map)
        os.kill(it.snapshot.facts.pid, signal.SIGKILL)
        await it.modal("The host is gone")
        await it.press("f")
        await it.until(lambda: it.workbench.snapshot is not None and it.pane.connection)
        await it.over()
        await it.run("SELECT 'works again'")
        await it.shows("works again", within=it.pane)


async def test_runs_on_a_fresh_host_are_not_taken_for_those_before(folder: Path) -> None:
    async with program(A, B) as it:
        await it.run("SELECT 'on the first host'")
        os.kill(it.snapshot.facts.pid, signal.SIGKILL)
        await it.modal("The host is gone")
        await it.press("f")
        await it.until(lambda: it.workbench.snapshot is not None and all(pane.connection for pane in it.panes))
        await it.go(2)
        await it.run(f"SELECT i FROM ({ENDLESS_ROWS_SQL} LIMIT 200000)")
        await it.shows("200,000 rows", within=it.panes[1])
        await it.go(1)
        await it.run(f"SELECT 'row ' || i FROM ({ENDLESS_ROWS_SQL} LIMIT 5000)")
        await it.jump(f"{it.pane.id} body")
        await it.press("end")
        await it.shows("row 5000", within=it.panes[0])


async def test_without_a_host_texts_stay_and_it_can_be_left(folder: Path) -> None:
    async with program(A) as it:
        it.write("SELECT 'a long text'")
        os.kill(it.snapshot.facts.pid, signal.SIGKILL)
        await it.modal("The host is gone")
        await it.press("s")
        await it.modal_gone()
        assert it.pane.editor.text == "SELECT 'a long text'"
        await it.press("ctrl+j")
        await it.press("ctrl+n")
        await it.press("ctrl+q")
        await ended(it)


async def test_without_a_host_nothing_is_shown_as_open_and_what_needs_one_offers_it_again(folder: Path) -> None:
    async with program(A, "two") as it:
        os.kill(it.snapshot.facts.pid, signal.SIGKILL)
        await it.modal("The host is gone")
        await it.press("s")
        await it.modal_gone()
        await it.shows("No connection is open", within=it.cache_map)
        assert "0 conn" in it.lines()[0]
        await it.type("SELECT 1")
        for key in ("ctrl+j", "ctrl+o", "ctrl+n"):
            await it.press(key)
            await it.modal("The host is gone")
            await it.press("s")
            await it.modal_gone()
        await it.press("ctrl+j")
        await it.modal("The host is gone")
        await it.press("f")
        await it.until(lambda: all(pane.connection for pane in it.panes))
