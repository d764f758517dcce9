"""Several connections per database: the four ways, the choice, the Connections pane, and the ways out of a lock."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from driving import ENDLESS_SQL, NARROW, RAW_SHARED, WIDE, Driver, program

from memdb_tui.model import CreatedBy, TransactionState

A, B = RAW_SHARED.format("a"), RAW_SHARED.format("b")


async def open_another(it: Driver, way: CreatedBy, *, switches: bool = False) -> None:
    """Opens one more connection to the active pane's database, and waits for the word about it."""
    await it.press("ctrl+n")
    await it.modal("New connection to the database of")
    if switches:
        await it.press("space")
    await it.choose(way.value)
    await it.until(lambda: not it.is_modal and "onnection" in it.said())


# The four ways.


async def test_the_question_offers_four_ways_and_whether_the_pane_switches(folder: Path) -> None:
    async with program("one") as it:
        await it.press("ctrl+n")
        await it.modal("New connection to the database of c1", "this pane's SQL runs on it from now on")
        assert [line.key for line in it.question().lines] == [way.value for way in list(CreatedBy)[:4]]


async def test_a_new_engine_makes_a_second_connection_to_the_cache(folder: Path) -> None:
    async with program("one") as it:
        await open_another(it, CreatedBy.NEW_ENGINE)
        await it.says("c2 is open")
        await it.shows("one 2 connections (SQLite counts 2)", within=it.cache_map)
        engines = {c.engine for c in it.snapshot.connections}
        assert len(engines) == 2
        assert it.pane.connection_id == "c1"


async def test_the_same_engine_on_the_same_thread_is_one_connection_with_two_checkouts(folder: Path) -> None:
    async with program("one") as it:
        await open_another(it, CreatedBy.SAME_ENGINE_SAME_THREAD)
        await it.says("one sqlite3 connection, one more checkout")
        await it.shows("1 connection (SQLite counts 1)", "2 checkouts", within=it.cache_map)
        assert [c.checkouts for c in it.snapshot.connections] == [2]
        await it.shows("SingletonThreadPool · 2 checkouts", within=it.bar())


async def test_the_same_engine_on_a_new_thread_is_a_connection_of_its_own(folder: Path) -> None:
    async with program("one") as it:
        await open_another(it, CreatedBy.SAME_ENGINE_NEW_THREAD)
        await it.shows("2 connections (SQLite counts 2)", within=it.cache_map)
        first, second = it.snapshot.connections
        assert first.engine == second.engine
        assert first.thread != second.thread


async def test_a_raw_connection_joins_the_cache_and_the_pane_switches_when_wanted(folder: Path) -> None:
    async with program("one") as it:
        await it.run("CREATE TABLE t AS SELECT 'seen by both' AS x")
        await open_another(it, CreatedBy.RAW, switches=True)
        await it.until(lambda: it.pane.connection_id == "c2")
        await it.shows("c2", within=it.bar())
        await it.run("SELECT x FROM t")
        await it.shows("seen by both", within=it.pane)
        assert it.snapshot.connections[1].created_by is CreatedBy.RAW
        assert it.snapshot.connections[1].engine == ""


async def test_a_raw_connection_has_no_engine_to_use_again(folder: Path) -> None:
    async with program(A) as it:
        await it.press("ctrl+n")
        await it.modal("New connection to the database of c1")
        assert [line.key for line in it.question().lines] == [CreatedBy.NEW_ENGINE.value, CreatedBy.RAW.value]


async def test_the_connection_that_runs_a_panes_sql_is_chosen(folder: Path) -> None:
    async with program(A, B) as it:
        await it.click_part(it.bar(), "choose_connection")
        await it.modal("Which connection runs the SQL of a?", "c1 (now)", "c2")
        await it.press("2")
        await it.until(lambda: it.pane.connection_id == "c2")
        await it.shows("pane 1, 2", within=it.cache_map)
        await it.run("SELECT 'on b'")
        await it.shows("on b", "c2", within=it.pane)


# The Connections pane.


async def test_connections_are_grouped_by_cache_with_the_evidence(folder: Path) -> None:
    async with program(A, A, B) as it:
        await it.shows("Connections 3 in 2 caches · observed", within=it.cache_map)
        await it.shows("A a 2 connections (SQLite counts 2)", "B b", "KiB", within=it.cache_map)
        await it.shows("c1 idle pane 1 autocommit", "c2 idle pane 2", "c3 idle pane 3", within=it.cache_map)


async def test_an_attached_database_shows_the_connection_on_both_caches_until_detached(folder: Path) -> None:
    async with program(A, B) as it:
        await it.run(f"ATTACH '{B}' AS other")
        await it.shows('c1 via ATTACH "other"', within=it.cache_map)
        assert {m.connection for m in it.cache_of("c2").members} == {"c1", "c2"}
        await it.run("DETACH other")
        await it.until(lambda: {m.connection for m in it.cache_of("c2").members} == {"c2"})
        assert "ATTACH" not in it.connections_text()


async def test_a_busy_connection_says_since_when_it_runs(folder: Path) -> None:
    async with program(A) as it:
        await it.begin(ENDLESS_SQL)
        await it.until(lambda: re.search(r"c1 .* running [1-9]\d* s", it.connections_text()), "since when")
        await it.press("ctrl+c")
        await it.over()
        await it.shows("c1 idle", within=it.cache_map)


async def test_the_details_tell_string_pool_and_thread(folder: Path) -> None:
    async with program("one") as it:
        await it.shows("sqlite:///file:one?mode=memory", "SingletonThreadPool", "thread", within=it.cache_map)


async def test_enter_on_a_connection_goes_to_its_pane(folder: Path) -> None:
    async with program(A, B) as it:
        await it.jump("focus CacheMap")
        await it.until(lambda: it.cache_map.has_focus)
        it.cache_map.move_cursor("c2")
        await it.press("enter")
        await it.until(lambda: it.panes[1].editor.has_focus)


async def test_a_click_and_a_double_click_do_the_same(folder: Path) -> None:
    async with program(A, B) as it:
        await it.click_text("c2", within=it.cache_map)
        await it.until(lambda: it.cache_map.cursor_key == "c2")
        await it.click_text("c2", within=it.cache_map, times=2)
        await it.until(lambda: it.panes[1].editor.has_focus)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_pane_on_another_database_says_so(folder: Path, size: tuple[int, int]) -> None:
    async with program(A, RAW_SHARED.format("b"), size=size) as it:
        title = it.panes[0] if size == WIDE else it.workbench.query_one("#pane-tabs")
        await it.do("choose_connection")
        await it.modal("Which connection runs the SQL of")
        await it.press("2")
        await it.until(lambda: it.pane.connection_id == "c2")
        await it.shows("1 a → b", within=title)
        await it.do("choose_connection")
        await it.until(lambda: it.is_modal and it.question().cursor_key == "c2", "the current one under the cursor")
        await it.press("1")
        await it.until(lambda: it.pane.connection_id == "c1")
        await it.until(lambda: "→" not in it.text_of(title))


async def test_a_raw_connection_shows_what_sqlite3_got(folder: Path) -> None:
    async with program("one") as it:
        await it.press("ctrl+n")
        await it.choose(CreatedBy.RAW.value)
        await it.until(lambda: it.snapshot.connection("c2") is not None)
        await it.jump("focus CacheMap")
        it.cache_map.move_cursor("c2")
        shown = await it.shows("raw sqlite3, uri=True", within=it.cache_map)
        assert " file:one?cache=shared&mode=memory " in shown
        assert shown.count("sqlite:///") == 1  # that of c1


# Locks.


async def lock(it: Driver) -> None:
    """c1 (pane 1) holds a write lock that the statement of c2 (pane 2) meets."""
    await it.run("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES ('from c1')")
    await it.until(lambda: it.connection.transaction is TransactionState.WRITE)
    await it.go(2)
    await it.run("SELECT x FROM t", key="ctrl+j")
    await it.shows("database table is locked: t", within=it.pane)


async def in_the_message(it: Driver) -> None:
    """Into what stands in place of a result, by its key."""
    await it.press("ctrl+l")
    await it.until(lambda: it.pane.message.has_focus, "the focus in the message")


async def test_a_lock_message_names_the_holder_the_table_and_since_when(folder: Path) -> None:
    async with program(A, A) as it:
        await lock(it)
        await it.shows("SQLITE_LOCKED_SHAREDCACHE", "table t", "held by c1: write transaction since", within=it.pane)
        await it.shows("g go to c1", "c commit c1", "r try again", within=it.pane)
        await it.shows("c1 holds write lock", within=it.bar())


async def test_the_ways_out_of_a_lock_are_in_sight_in_a_narrow_pane(folder: Path) -> None:
    async with program(A, A, RAW_SHARED.format("b")) as it:
        await lock(it)
        assert it.pane.outer_size.width <= 40
        await it.shows("held by c1", "^L then g go to c1 c commit c1 r try again", within=it.pane.message)


async def test_a_lock_whose_table_sqlite_does_not_name_says_so(folder: Path) -> None:
    async with program(A, A) as it:
        await it.run("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1)")
        await it.until(lambda: it.connection.transaction is TransactionState.WRITE)
        await it.go(2)
        await it.run("CREATE TABLE u (x)", key="ctrl+j")
        await it.shows("SQLITE_LOCKED_SHAREDCACHE · SQLite names no table", "held by c1", within=it.pane)


async def test_g_leads_to_the_holder(folder: Path) -> None:
    async with program(A, A) as it:
        await lock(it)
        await in_the_message(it)
        await it.press("g")
        await it.until(lambda: it.panes[0].editor.has_focus)


async def test_c_commits_the_holder_and_r_retries(folder: Path) -> None:
    async with program(A, A) as it:
        await lock(it)
        await in_the_message(it)
        await it.press("c")
        await it.says("c1")
        await it.until(lambda: it.snapshot.connections[0].transaction is TransactionState.NONE)
        await it.press("r")
        await it.shows("from c1", "1 row", within=it.panes[1])


async def test_a_lock_that_was_let_go_is_no_longer_said_to_be_held(folder: Path) -> None:
    async with program(A, A) as it:
        await lock(it)
        await in_the_message(it)
        await it.press("c")
        await it.shows("It was let go since then: try again.", within=it.panes[1])
        await it.shows("the lock was let go [Try again]", within=it.bar(it.panes[1]))
        assert "commit c1" not in it.pane_text(2)
        await it.click_text("[Try again]", within=it.bar(it.panes[1]))
        await it.shows("from c1", "1 row", within=it.panes[1])


async def test_the_ways_out_of_a_lock_can_be_clicked(folder: Path) -> None:
    async with program(A, A) as it:
        await lock(it)
        await it.click_text("commit c1", within=it.pane.message)
        await it.until(lambda: it.snapshot.connections[0].transaction is TransactionState.NONE)
        await it.click_text("try again", within=it.pane.message)
        await it.shows("from c1", within=it.panes[1])


async def test_the_holder_in_the_connection_line_can_be_clicked(folder: Path) -> None:
    async with program(A, A) as it:
        await lock(it)
        await it.click_part(it.bar(), "go_to_holder")
        await it.until(lambda: it.panes[0].editor.has_focus)


async def test_a_retry_that_meets_the_lock_again_says_so_again(folder: Path) -> None:
    async with program(A, A) as it:
        await lock(it)
        before = it.pane.run_shown
        assert before is not None
        await in_the_message(it)
        await it.press("r")
        await it.until(lambda: it.pane.run_shown is not None and it.pane.run_shown.id > before.id)
        await it.over()
        await it.shows("database table is locked: t", within=it.pane)


async def test_two_holders_are_said_as_two(folder: Path) -> None:
    async with program(A, A, A) as it:
        await it.run("CREATE TABLE t (x); CREATE TABLE u (x); BEGIN; SELECT * FROM t")
        await it.go(2)
        await it.run("BEGIN; SELECT * FROM t")
        await it.until(lambda: it.snapshot.connections[1].transaction is TransactionState.READ)
        await it.go(3)
        await it.run("INSERT INTO t VALUES (1)")
        await it.shows("can be held by", "c1: read transaction", "c2: read transaction", within=it.pane)
        await it.do("zoom")
        await it.shows("c1 may hold the lock", "(+1)", within=it.bar())


async def test_a_holder_without_a_pane_is_found_among_the_connections(folder: Path) -> None:
    async with program(A, A) as it:
        await it.run("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1)")
        await it.until(lambda: it.connection.transaction is TransactionState.WRITE)
        await it.do("choose_connection")
        await it.modal("Which connection runs the SQL of")
        await it.press("2")
        await it.until(lambda: it.panes[0].connection_id == "c2")
        await it.run("SELECT x FROM t")
        await it.shows("held by c1", within=it.pane)
        await in_the_message(it)
        await it.press("g")
        await it.until(lambda: it.cache_map.has_focus and it.cache_map.cursor_key == "c1")


async def test_every_wait_for_a_lock_has_a_key(folder: Path) -> None:
    async with program(A) as it:
        await it.do("choose_lock_wait")
        await it.modal("How long c1 waits for a lock")
        await it.press("u")
        await it.until(lambda: it.connection.lock_wait_seconds > 1e6)


async def test_waiting_for_a_lock_is_a_choice_and_can_be_stopped(folder: Path) -> None:
    async with program(A, A) as it:
        await lock(it)
        await it.do("choose_lock_wait")
        await it.modal("How long c2 waits for a lock", "off (now)", "until stopped")
        await it.choose("1000000000.0")
        await it.until(lambda: it.connection.lock_wait_seconds > 0)
        await it.begin("SELECT x FROM t", key="ctrl+j")
        await it.shows("waiting for a lock", within=it.pane)
        said = await it.shows(
            "Waiting for a lock since", "^C gives up", "held by c1: write transaction since", within=it.pane.message
        )
        assert "Running" not in said
        await it.press("ctrl+c")
        await it.over()
        await it.shows("stopped after", "It was waiting for a lock, and has not run.", within=it.pane)
        await it.begin("SELECT x FROM t", key="ctrl+j")
        await it.shows("waiting for a lock", within=it.pane)
        await it.go(1)
        await it.run("COMMIT")
        await it.shows("from c1", within=it.panes[1])
