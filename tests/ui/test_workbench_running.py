"""SQL in a pane: what the run keys run, results and their tabs, errors, transactions, stopping, long results."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from driving import ENDLESS_ROWS_SQL, ENDLESS_SQL, LONG_STEP_SQL, RAW_SHARED, Driver, program

from memdb_tui.model import RunState, TransactionMode, TransactionState
from memdb_tui.ui.widgets.sql_text import ERROR_SIGN

A = RAW_SHARED.format("a")
SCRIPT = "SELECT 'first';\nSELECT 'second';\nSELECT 'third';\n"


def statements_run(it: Driver) -> list[str]:
    run = it.pane.run_shown
    return [result.statement.rstrip(";") for result in run.results] if run is not None else []


# What runs.


@pytest.mark.parametrize("key", ["ctrl+j", "f5", "ctrl+enter"])
async def test_the_run_key_runs_the_statement_under_the_cursor(folder: Path, key: str) -> None:
    async with program(A) as it:
        it.write(SCRIPT)
        it.pane.editor.move_cursor((1, 4))
        await it.begin_with(key)
        await it.over()
        assert statements_run(it) == ["SELECT 'second'"]
        await it.shows("second", "1 row", within=it.pane)


async def test_the_run_key_runs_the_selection_where_there_is_one(folder: Path) -> None:
    async with program(A) as it:
        it.write(SCRIPT)
        it.pane.editor.move_cursor((1, 0))
        it.pane.editor.move_cursor((2, len("SELECT 'third';")), select=True)
        await it.begin_with("ctrl+j")
        await it.over()
        assert statements_run(it) == ["SELECT 'second'", "SELECT 'third'"]


async def test_another_key_runs_all(folder: Path) -> None:
    async with program(A) as it:
        await it.run(SCRIPT, key="ctrl+r")
        assert statements_run(it) == ["SELECT 'first'", "SELECT 'second'", "SELECT 'third'"]


async def test_where_there_is_nothing_to_run_it_says_so(folder: Path) -> None:
    async with program(A) as it:
        await it.press("ctrl+j")
        await it.shows("no statement here to run", within=it.pane)
        assert it.pane.run_shown is None


async def test_statements_end_where_sqlite_ends_them(folder: Path) -> None:
    script = (
        "-- ä; not an end\nCREATE TABLE t (x);\n"
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET x = x || ';ö'; SELECT 1; END;\n"
        "INSERT INTO t VALUES ('日本; 😀'); /* ; */ SELECT x FROM t;"
    )
    async with program(A) as it:
        await it.run(script)
        assert it.pane.run_shown is not None
        assert it.pane.run_shown.statement_count == 4
        assert it.pane.run_shown.state is RunState.DONE
        await it.shows("日本; 😀;ö", within=it.pane)


# Results and errors.


@pytest.mark.parametrize("size", [(60, 20), (80, 20), (80, 18)])
async def test_in_few_rows_an_error_and_rows_are_seen(folder: Path, size: tuple[int, int]) -> None:
    async with program(A, size=size) as it:
        await it.run("SELECT nope")
        await it.shows("Error 1", "no such column: nope", "failed after", within=it.pane)
        await it.run("SELECT 'here' AS place")
        await it.shows("Result 1", "place", "here", within=it.pane)
        assert it.pane.editor.region.height >= 2


async def test_an_editor_that_was_made_high_leaves_room_in_a_terminal_that_gets_low(folder: Path) -> None:
    async with program(A) as it:
        tabs = it.pane.query_one("ResultTabs")
        await it.drag(tabs, (0, 9))
        await it.until(lambda: it.pane.editor.region.height > 10)
        await it.run("SELECT nope")
        await it.pilot.resize_terminal(80, 20)
        await it.shows("no such column: nope", within=it.pane)


async def test_each_statement_gets_a_tab_of_its_own(folder: Path) -> None:
    async with program(A) as it:
        await it.run("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2); SELECT x FROM t; SELECT 'last'")
        await it.shows("1 CREATE", "2 INSERT · 2 rows", "Result 3", "▐Result 4▌", "last", within=it.pane)
        await it.jump(f"{it.pane.id} tabs")
        await it.press("left")
        await it.shows("▐Result 3▌", "2 rows", within=it.pane)
        await it.click_text("Result 4", within=it.pane)
        await it.shows("▐Result 4▌", "last", within=it.pane)
        await it.press("home")
        await it.shows("▐1 CREATE▌", within=it.pane)


async def test_a_tab_names_the_statement_by_its_verb_alone(folder: Path) -> None:
    async with program(A) as it:
        await it.run("BEGIN; COMMIT;")
        await it.shows("1 BEGIN ┄", "▐2 COMMIT▌", within=it.pane)


async def test_an_error_stops_the_run_says_where_and_keeps_the_earlier_results(folder: Path) -> None:
    script = "SELECT 'kept' AS a;\n\n  SELECT 'ä😀', nope FROM sqlite_schema;\nSELECT 'never'"
    async with program(A) as it:
        await it.run(script)
        await it.shows("statement 2, line 3, column 16:", "no such column: nope", "Result 1 is kept: 1 row")
        assert statements_run(it) == ["SELECT 'kept' AS a"]
        await it.shows("stmt 2 of 3 · failed after", within=it.pane)
        assert f"3{ERROR_SIGN}" in it.pane_text()
        await it.jump(f"{it.pane.id} tabs")
        await it.press("left")
        await it.shows("▐Result 1▌", "kept", within=it.pane)
        assert it.pane.editor.text == script


async def test_an_error_of_one_statement_is_placed_in_the_whole_text(folder: Path) -> None:
    async with program(A) as it:
        it.write("SELECT 1;\nSELECT 2; SELECT 'é' FRM t;")
        it.pane.editor.move_cursor((1, 14))
        await it.begin_with("ctrl+j")
        await it.over()
        await it.shows('statement 1, line 2, column 26: near "t": syntax error')


async def test_bad_sql_never_loses_the_text_typed(folder: Path) -> None:
    async with program(A) as it:
        await it.type("selec ]] 'x")
        await it.begin_with("ctrl+j")
        await it.over()
        await it.shows("statement 1, line 1", "near", within=it.pane)
        assert it.pane.editor.text == "selec ]] 'x"


async def test_every_kind_of_value_shows_as_what_it_is(folder: Path) -> None:
    async with program(A) as it:
        await it.run("SELECT NULL a, 'NULL' b, 1.5 c, x'00ff' d, char(9, 27, 10) e, CAST(x'80' AS TEXT) f, 9e999 g")
        await it.shows("∅ null", "NULL", "1.5", "‹blob 2 B›", "␛", within=it.pane)
        await it.run("SELECT '[bold]x[/bold]' AS \"[red]c\"")
        await it.shows("[bold]x[/bold]", "[red]c", within=it.pane)


async def test_an_empty_result_is_not_a_failure(folder: Path) -> None:
    async with program(A) as it:
        await it.run("SELECT name FROM sqlite_schema")
        await it.shows("name", "0 rows", within=it.pane)
        assert "Error" not in it.pane_text()
        it.write("-- only a comment\n")
        await it.press("ctrl+r")
        await it.shows("no statement here to run", within=it.pane)
        assert statements_run(it) == ["SELECT name FROM sqlite_schema"]


# Transactions.


async def test_typed_statements_commit_themselves_by_default(folder: Path) -> None:
    async with program(A) as it:
        await it.run("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
        await it.shows("autocommit", "no open transaction", within=it.bar())


async def test_an_open_transaction_and_its_age_are_visible(folder: Path) -> None:
    async with program(A) as it:
        await it.run("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1)")
        await it.shows("● write transaction", "commit", "roll back", within=it.bar())
        await it.shows("writing", within=it.cache_map)
        began = it.connection.transaction_since
        assert began is not None
        await it.until(lambda: re.search(r"● write transaction [1-9]\d* s", it.text_of(it.bar())), "its age")
        await it.run("SELECT * FROM t")
        assert it.connection.transaction_since == began
        await it.run("ROLLBACK")
        await it.shows("no open transaction", within=it.bar())
        await it.run("SELECT count(*) AS left_over FROM t")
        await it.shows("left_over", "0", within=it.pane)


@pytest.mark.parametrize("action", ["commit", "roll_back"])
async def test_commit_and_roll_back_leave_the_results_where_they_are(folder: Path, action: str) -> None:
    async with program(A) as it:
        await it.run("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1); SELECT 'kept' FROM t")
        await it.until(lambda: it.connection.transaction is TransactionState.WRITE)
        await it.do(action)
        await it.says("c1")
        await it.until(lambda: it.connection.transaction is TransactionState.NONE)
        await it.shows("▐Result 4▌", "kept", within=it.pane)
        await it.do(action)
        await it.says("c1 has no open transaction.")
        await it.shows("▐Result 4▌", "kept", within=it.pane)


@pytest.mark.parametrize(("action", "rows"), [("commit", 1), ("roll_back", 0)])
@pytest.mark.parametrize("way", ["click", "menu"])
async def test_commit_and_roll_back_are_one_click_away(folder: Path, action: str, rows: int, way: str) -> None:
    async with program(A) as it:
        await it.run("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1)")
        await it.until(lambda: it.connection.transaction is TransactionState.WRITE)
        if way == "click":
            await it.click_part(it.bar(), action)
        else:
            await it.jump(f"{it.pane.id} pane_menu")
            await it.choose(action)
        await it.until(lambda: it.connection.transaction is TransactionState.NONE)
        await it.run("SELECT count(*) || ' there' FROM t")
        await it.shows(f"{rows} there", within=it.pane)


async def test_commit_without_a_transaction_says_so(folder: Path) -> None:
    async with program(A) as it:
        await it.do("commit")
        await it.says("c1 has no open transaction.")


async def test_the_transaction_mode_is_shown_and_switched(folder: Path) -> None:
    async with program(A) as it:
        await it.run("CREATE TABLE t (x)")
        await it.click_part(it.bar(), "choose_mode")
        await it.modal("Transactions of c1", "autocommit (now)", "an unseen BEGIN before a write")
        await it.press("s")
        await it.shows("as sqlite3", within=it.bar())
        await it.until(lambda: it.connection.mode is TransactionMode.LEGACY, "the mode")
        await it.run("INSERT INTO t VALUES (1)")
        await it.shows("write transaction", within=it.bar())
        await it.do("choose_mode")
        await it.modal("Transactions of c1")
        await it.press("a")
        await it.says("transaction")
        assert it.connection.mode is TransactionMode.LEGACY


async def test_autocommit_false_is_offered_where_python_has_it(folder: Path) -> None:
    async with program(A) as it:
        await it.do("choose_mode")
        await it.modal("Transactions of c1")
        has_it = it.snapshot.facts.has_manual_mode
        await it.modal("Transactions of c1" if has_it else "needs Python 3.12 or later")
        assert any(line.key == TransactionMode.MANUAL.value for line in it.question().lines) is has_it
        if has_it:
            await it.press("m")
            await it.shows("autocommit=False", within=it.bar())


# Stopping.


async def test_stopping_is_said_at_once_and_stops_an_endless_statement(folder: Path) -> None:
    async with program(A) as it:
        await it.begin(ENDLESS_SQL)
        await it.shows("running", within=it.cache_map)
        await it.press("ctrl+c")
        await it.until(
            lambda: any(word in str(it.pane.border_subtitle) for word in ("cancelling", "stopped")), "the word for it"
        )
        await it.over()
        await it.shows("Stopped.", "stopped after", within=it.pane)
        assert it.pane.run_shown is not None
        assert it.pane.run_shown.state is RunState.CANCELLED
        await it.run("SELECT 'goes on'")
        await it.shows("goes on", within=it.pane)


async def test_escape_never_stops_a_query(folder: Path) -> None:
    async with program(A) as it:
        await it.begin(ENDLESS_SQL)
        await it.shows("running", within=it.cache_map)
        await it.press("escape", "escape")
        # Whatever Esc had done would be done by the time another key is.
        await it.press("ctrl+o")
        await it.modal("Open a database")
        await it.press("escape")
        await it.modal_gone()
        assert it.pane.run_shown is not None
        assert it.pane.run_shown.state is RunState.RUNNING
        await it.press("ctrl+c")
        await it.over()


async def test_a_stopped_query_says_how_many_rows_are_there(folder: Path) -> None:
    async with program(A) as it:
        await it.begin(ENDLESS_ROWS_SQL)
        await it.until(lambda: it.pane.shown_result is not None and it.pane.shown_result.row_count > 0, "rows")
        await it.press("ctrl+c")
        await it.over()
        assert it.pane.shown_result is not None
        await it.shows(f"{it.pane.shown_result.row_count:,} rows · stopped after", within=it.pane)


async def test_what_can_outlast_a_stop_is_said_in_full_in_the_pane(folder: Path) -> None:
    async with program(A, A) as it:
        await it.begin(LONG_STEP_SQL)
        await it.press("ctrl+c")
        await it.shows("Cancelling…", "SQLite looks whether to stop between the steps", within=it.pane.message)


async def test_a_stopped_write_that_rolled_its_transaction_back_is_said(folder: Path) -> None:
    async with program(A) as it:
        await it.run("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1)")
        await it.begin(f"INSERT INTO t {ENDLESS_ROWS_SQL}")
        await it.shows("running", within=it.cache_map)
        await it.press("ctrl+c")
        await it.over()
        await it.shows("rolled back the whole transaction of c1", within=it.pane)
        await it.shows("no open transaction", within=it.bar())


async def test_what_can_outlast_a_stop_is_said(folder: Path) -> None:
    async with program(A) as it:
        await it.begin(LONG_STEP_SQL)
        await it.shows("running", within=it.cache_map)
        await it.press("ctrl+c")
        await it.shows("one long function must end first", within=it.pane)
        assert it.pane.is_running


async def test_what_outlasts_a_stop_is_over_when_it_has_ended(folder: Path) -> None:
    async with program(A) as it:
        await it.begin("SELECT instr(printf('%.600000c', 'a'), printf('%.300000c', 'a') || 'b')")
        await it.press("ctrl+c")
        await it.over()
        assert it.pane.run_shown is not None
        assert it.pane.run_shown.state.is_over


async def test_a_running_pane_refuses_a_second_run_with_a_word(folder: Path) -> None:
    async with program(A) as it:
        await it.begin(ENDLESS_SQL)
        await it.press("ctrl+j")
        await it.says("A statement still runs here. ^C stops it.")
        await it.press("ctrl+c")
        await it.over()


async def test_another_pane_works_while_one_runs(folder: Path) -> None:
    async with program(A, RAW_SHARED.format("b")) as it:
        await it.begin(ENDLESS_SQL)
        await it.go(2)
        await it.run("SELECT 'meanwhile'")
        await it.shows("meanwhile", within=it.panes[1])
        assert it.panes[0].is_running
        await it.go(1)
        await it.press("ctrl+c")
        await it.over()


# Long results.


async def test_a_long_result_shows_its_first_rows_and_a_moving_count(folder: Path) -> None:
    async with program(A) as it:
        await it.begin(ENDLESS_ROWS_SQL)
        pane = it.pane
        await it.until(lambda: pane.shown_result is not None and pane.shown_result.row_count > 0)
        await it.shows("running", "reading: holds a read lock", within=pane)
        assert pane.shown_result is not None
        before = pane.shown_result.row_count
        await it.until(lambda: pane.shown_result is not None and pane.shown_result.row_count > before)
        assert pane.is_running
        assert it.connection.holds_cursor
        await it.jump(f"{pane.id} body")
        await it.press("end")
        await it.until(lambda: pane.grid.cursor.row >= before - 1, "the cursor in the last row there was")
        row = pane.grid.cursor.row
        await it.shows(f"{row + 1}", within=pane.grid)
        await it.press("ctrl+c")
        await it.over()
        await it.shows("no open transaction", within=it.bar())
        await it.until(lambda: not it.connection.holds_cursor)
        assert "read lock" not in it.pane_text()


async def test_end_and_page_down_show_rows_that_were_not_here_yet(folder: Path) -> None:
    async with program(A) as it:
        await it.run(f"SELECT 'row ' || i FROM ({ENDLESS_ROWS_SQL} LIMIT 30000)")
        await it.jump(f"{it.pane.id} body")
        await it.press("pagedown")
        await it.until(lambda: it.pane.grid.cursor.row > 1, "the cursor a page down")
        await it.shows(f"row {it.pane.grid.cursor.row + 1}", within=it.pane.grid)
        await it.press("end")
        await it.until(lambda: it.pane.grid.cursor.row == 29999, "the cursor at the end")
        await it.shows("row 30000", "30,000 rows", within=it.pane)
        await it.press("home")
        await it.shows("row 1", within=it.pane.grid)


async def test_a_result_that_was_stopped_says_what_it_is(folder: Path) -> None:
    async with program(A) as it:
        await it.begin(ENDLESS_ROWS_SQL)
        await it.until(lambda: it.pane.shown_result is not None)
        await it.press("ctrl+c")
        await it.over()
        assert it.pane.shown_result is not None
        rows = it.pane.shown_result.row_count
        assert rows > 0
        assert it.pane.shown_result.stopped_at == "cancelled"
        await it.shows("stopped after", within=it.pane)


# Whole cells and copies.


async def test_the_viewer_shows_a_whole_cell_and_leaves_by_escape(folder: Path) -> None:
    async with program(A) as it:
        await it.run("SELECT printf('%.5000c', 'x') || 'THE END' AS long_text")
        await it.jump(f"{it.pane.id} body")
        await it.press("enter")
        await it.shows("long_text, row 1", "5,007 characters", "Esc closes")
        await it.press("end")
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.workbench and it.pane.grid.has_focus, "the focus where it was")


async def test_a_double_click_opens_the_cell(folder: Path) -> None:
    async with program(A) as it:
        await it.run("SELECT 'double' AS word")
        await it.click_text("double", within=it.pane.grid, times=2)
        await it.shows("word, row 1", "6 characters")


@pytest.mark.parametrize(
    ("keys", "copied"),
    [(["y"], "it's\ta\nvalue"), (["Y"], "1\tit's\\ta\\nvalue\t\\N")],
)
async def test_a_cell_and_a_row_are_copied_whole(folder: Path, keys: list[str], copied: str) -> None:
    async with program(A) as it:
        await it.run("SELECT 1 AS n, 'it''s' || char(9) || 'a' || char(10) || 'value' AS t, NULL AS z")
        await it.jump(f"{it.pane.id} body")
        if keys == ["y"]:
            await it.press("right")
        await it.press(*keys)
        await it.says("If it does not arrive, the terminal refuses")
        await it.until(lambda: it.app.clipboard == copied, "copied")


async def test_the_whole_result_is_copied_with_its_header(folder: Path) -> None:
    async with program(A) as it:
        await it.run(f"SELECT i, printf('%.2000c', 'y') AS long FROM ({ENDLESS_ROWS_SQL} LIMIT 3)")
        await it.do("copy_result")
        await it.says("The result (3 rows)")
        assert it.app.clipboard == "i\tlong\n" + "".join(f"{i}\t{'y' * 2000}\n" for i in (1, 2, 3))


async def test_a_copy_too_large_for_a_terminal_says_how_much_it_is(folder: Path) -> None:
    async with program(A) as it:
        await it.run(f"SELECT printf('%.900c', 'y') AS long FROM ({ENDLESS_ROWS_SQL} LIMIT 3000)")
        await it.do("copy_result")
        await it.says("of 3,000")
        assert 1 << 20 <= len(it.app.clipboard) < 1 << 21


@pytest.mark.parametrize(
    ("value", "unit", "begins"),
    [("printf('%.3000000c', 'x')", "characters", "xxx"), ("zeroblob(3000000)", "bytes", "x'0")],
)
async def test_a_cell_too_large_for_a_terminal_is_not_said_to_be_copied_whole(
    folder: Path, value: str, unit: str, begins: str
) -> None:
    async with program(A) as it:
        await it.run(f"SELECT {value} AS v, 'short' AS s")
        await it.do("copy_cell")
        await it.says("Only the first ")
        assert f"of the cell's 3,000,000 {unit}" in it.said()
        assert it.app.clipboard.startswith(begins)
        await it.do("copy_row")
        await it.says("Row 1, 1 long value cut at 1 MiB,")
        await it.do("copy_result")
        await it.says("The result (1 row), 1 long value cut at 1 MiB,")


async def test_the_viewer_copies_the_whole_cell(folder: Path) -> None:
    async with program(A) as it:
        await it.run("SELECT printf('%.3000c', 'x') AS long_text")
        await it.jump(f"{it.pane.id} body")
        await it.press("enter")
        await it.shows("3,000 characters")
        await it.press("y")
        await it.until(lambda: it.app.clipboard == "x" * 3000, "copied")
        assert "the terminal refuses" in it.said()


async def test_a_selection_in_the_editor_is_copied_by_the_stop_key(folder: Path) -> None:
    async with program(A) as it:
        it.write("SELECT 'some of it'")
        it.pane.editor.move_cursor((0, 0))
        it.pane.editor.move_cursor((0, 6), select=True)
        await it.press("ctrl+c")
        await it.until(lambda: it.app.clipboard == "SELECT", "the selection copied")
        assert "asks to quit" not in it.said()


async def test_without_rows_there_is_nothing_to_copy_and_that_is_said(folder: Path) -> None:
    async with program(A) as it:
        await it.do("copy_cell")
        await it.says("There are no rows to copy here.")
        assert it.app.clipboard == ""
