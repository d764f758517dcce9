"""SQL on a connection: statements, errors with their place, results, cancelling."""

from __future__ import annotations

import threading
from importlib import resources

import pytest
from in_process import SHARED, URL, InProcess, only

from memdb_tui.errors import QueryError, UsageError
from memdb_tui.host.connection import HostConnection
from memdb_tui.host.interrupter import Interrupter
from memdb_tui.host.reading import PageReader
from memdb_tui.host.results import MAX_BYTES, MAX_ROWS
from memdb_tui.host.run_log import MAX_RESULTS
from memdb_tui.model import CellKind, ConnectionId, RunState, TransactionState
from memdb_tui.probe import copying
from memdb_tui.programs import live_session

LOOP = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT sum(x) FROM c"
COUNT = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<{}) SELECT x FROM c"


@pytest.fixture
def memory(host: InProcess) -> ConnectionId:
    return host.open(":memory:")


def test_each_statement_gives_its_own_result(host: InProcess, memory: ConnectionId) -> None:
    run = host.do(memory, "CREATE TABLE t(a, b); INSERT INTO t VALUES(1,2),(3,4);\nSELECT * FROM t; DELETE FROM t")
    assert [(r.index, r.line, r.columns, r.row_count, r.changed_rows) for r in run.results] == [
        (1, 1, (), 0, None),
        (2, 1, (), 0, 2),
        (3, 2, ("a", "b"), 2, None),
        (4, 2, (), 0, 2),
    ]
    assert host.texts(run, 3) == [("1", "2"), ("3", "4")]
    assert all(r.state is RunState.DONE for r in run.results)


def test_an_error_stops_the_run_and_keeps_the_earlier_results(host: InProcess, memory: ConnectionId) -> None:
    run = host.run(memory, "SELECT 1;\nSELECT 'é€😀', typo;\nSELECT 3", line=10, column=5)
    assert run.state is RunState.FAILED
    assert [r.index for r in run.results] == [1]
    assert run.failure is not None
    assert (run.failure.index, run.failure.line, run.failure.column) == (2, 11, 15)
    assert (run.failure.message, run.failure.code, run.failure.is_exact) == (
        "no such column: typo",
        "SQLITE_ERROR",
        True,
    )


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("SELECT 'é', nope", (1, 13)),
        ("SELECT 1;SELECT /*é\n*/ 1,\n  'é' FORM t", (3, 12)),
        ("-- é\n\n  SELEC 1", (3, 3)),
        ("SELECT 1 + ;", (1, 12)),
        ('SELECT "a""b" FROM (SELECT 1 AS c) WHERE [d e] = 1', (1, 42)),
    ],
)
def test_the_place_of_an_error_is_exact(
    host: InProcess, memory: ConnectionId, sql: str, place: tuple[int, int]
) -> None:
    failure = host.run(memory, sql).failure
    assert failure is not None
    assert failure.is_exact
    assert (failure.line, failure.column) == place


def test_the_first_line_is_moved_by_the_column_of_the_selection_the_others_are_not(
    host: InProcess, memory: ConnectionId
) -> None:
    first = host.run(memory, "SELEC 1", line=4, column=9).failure
    second = host.run(memory, "SELECT 1,\nFORM", line=4, column=9).failure
    assert first is not None
    assert second is not None
    assert (first.line, first.column) == (4, 9)
    assert second.line == 5


def test_an_error_without_a_place_of_its_own_stands_at_its_statement(host: InProcess, memory: ConnectionId) -> None:
    failure = host.run(memory, "SELECT 1;\n  DROP TABLE nope").failure
    assert failure is not None
    assert (failure.is_exact, failure.line, failure.column) == (False, 2, 3)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT 'a\0b'", "null character"),
        ("SELECT '\ud800'", "surrogates"),
        ("SELECT ?, :a", "binding"),
        ("SELECT " + "1+" * 2000 + "1", "too large"),
        ("BEGIN; BEGIN", "within a transaction"),
        ("COMMIT", "no transaction"),
    ],
)
def test_what_sqlite3_refuses_is_said_in_its_words(
    host: InProcess, memory: ConnectionId, sql: str, words: str
) -> None:
    failure = host.run(memory, sql).failure
    assert failure is not None
    assert words in failure.message.lower()
    host.run(memory, "ROLLBACK")
    assert host.do(memory, "SELECT 1").results[0].row_count == 1


@pytest.mark.parametrize("sql", ["", "  \n ", "-- only a comment", "/* open", ";;"])
def test_nothing_to_run_is_said(host: InProcess, memory: ConnectionId, sql: str) -> None:
    run = host.do(memory, sql)
    assert run.state is RunState.DONE
    assert run.notes == ("There is no statement to run: only blanks and comments.",)


def test_changed_rows_are_those_of_the_statement_itself(host: InProcess, memory: ConnectionId) -> None:
    host.do(
        memory,
        "CREATE TABLE t(x); CREATE TABLE log(x);"
        "CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO log VALUES(1),(2); END",
    )
    assert only(host.do(memory, "INSERT INTO t VALUES(1),(2),(3)").results).changed_rows == 3
    assert only(host.do(memory, "WITH c(x) AS (SELECT 4) INSERT INTO t SELECT x FROM c").results).changed_rows == 1
    assert (
        only(host.do(memory, "WITH c(x) AS (SELECT 4 LIMIT 0) INSERT INTO t SELECT x FROM c").results).changed_rows
        == 0
    )
    assert only(host.do(memory, "WITH c(x) AS (SELECT 4) SELECT x FROM c").results).changed_rows is None
    assert only(host.do(memory, "EXPLAIN INSERT INTO t VALUES(1)").results).changed_rows is None
    assert only(host.do(memory, "PRAGMA user_version").results).changed_rows is None


def test_returning_gives_rows_and_the_count(host: InProcess, memory: ConnectionId) -> None:
    run = host.do(memory, "CREATE TABLE t(x); INSERT INTO t VALUES(1),(2) RETURNING x, x*2 AS y")
    assert run.results[1].columns == ("x", "y")
    assert run.results[1].changed_rows == 2
    assert host.texts(run, 2) == [("1", "2"), ("2", "4")]


def test_a_trigger_is_one_statement(host: InProcess, memory: ConnectionId) -> None:
    run = host.do(
        memory, "CREATE TABLE t(x); CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; SELECT ';'; END; SELECT 2"
    )
    assert run.statement_count == 3


def test_an_empty_result_still_has_its_columns(host: InProcess, memory: ConnectionId) -> None:
    run = host.do(memory, "SELECT 1 AS one, 2 AS two WHERE 0")
    assert (only(run.results).columns, only(run.results).row_count) == (("one", "two"), 0)
    assert host.texts(run) == []


def test_text_that_is_not_utf8_loses_no_row(host: InProcess, memory: ConnectionId) -> None:
    host.do(
        memory, f"CREATE TABLE t AS {COUNT.format(200)}; UPDATE t SET x=CAST(x'ff41' AS TEXT) WHERE x IN (1,77,200)"
    )
    run = host.do(memory, "SELECT x, rowid FROM t")
    assert [row[1] for row in host.texts(run)] == [str(n) for n in range(1, 201)]
    window = host.session.window(run.id, 1, first_row=76, row_count=1, first_column=0, column_count=1)
    assert (window.rows[0][0].kind, window.rows[0][0].text, window.rows[0][0].length) == (
        CellKind.BAD_TEXT,
        "ff41",
        2,
    )


def test_every_kind_of_value_comes_back(host: InProcess, memory: ConnectionId) -> None:
    run = host.do(memory, "SELECT NULL, 1, -9223372036854775808, 1.5, 9e999, 'NULL', '', x'00ff', char(0), '\u202e'")
    window = host.session.window(run.id, 1, first_row=0, row_count=1, first_column=0, column_count=20)
    kinds = [cell.kind for cell in window.rows[0]]
    assert kinds == [
        CellKind.NULL, CellKind.INTEGER, CellKind.INTEGER, CellKind.REAL, CellKind.REAL,
        CellKind.TEXT, CellKind.TEXT, CellKind.BLOB, CellKind.TEXT, CellKind.TEXT,
    ]  # fmt: skip
    assert [cell.text for cell in window.rows[0]][1:9] == [
        "1", "-9223372036854775808", "1.5", "Inf", "NULL", "", "00ff", "\0",
    ]  # fmt: skip


def test_a_whole_value_comes_in_pieces(host: InProcess, memory: ConnectionId) -> None:
    run = host.do(memory, "SELECT printf('%.*c', 5000, 'é'), zeroblob(3000)")
    text = host.session.cell_part(run.id, 1, row=0, column=0, offset=4990, size=1 << 40)
    assert (text.text, text.length) == ("é" * 10, 5000)
    blob = host.session.cell_part(run.id, 1, row=0, column=1, offset=2999, size=10)
    assert (blob.kind, blob.text, blob.length) == (CellKind.BLOB, "00", 3000)
    for row, column in ((1, 0), (0, 2), (-1, 0), (0, -1)):
        with pytest.raises(QueryError, match="no cell"):
            host.session.cell_part(run.id, 1, row=row, column=column, offset=0, size=1)


def test_a_window_before_the_first_cell_is_refused(host: InProcess, memory: ConnectionId) -> None:
    run = host.do(memory, "SELECT 1")
    with pytest.raises(QueryError, match="counted from 0"):
        host.session.window(run.id, 1, first_row=-1, row_count=1, first_column=0, column_count=1)


def test_a_released_run_is_forgotten(host: InProcess, memory: ConnectionId) -> None:
    run = host.do(memory, "SELECT 1")
    host.session.release(run.id)
    with pytest.raises(QueryError, match="no longer kept"):
        host.texts(run)


def test_the_first_rows_are_answered_before_the_next_statement_ends(host: InProcess, memory: ConnectionId) -> None:
    number = host.start(memory, f"SELECT 42; {LOOP}")
    run = host.answer(number)
    assert not run.state.is_over
    assert host.texts(run) == [("42",)]
    host.session.cancel(number)
    assert host.finished(number).state is RunState.CANCELLED


def test_rows_that_arrive_can_be_seen_and_stay_after_a_cancel(host: InProcess, memory: ConnectionId) -> None:
    number = host.start(memory, COUNT.format(2_000_000_000))
    run = host.answer(number)
    assert only(run.results).row_count > 0
    host.wait_until(lambda: host.seen[-1].results[0].row_count > 5000, "five thousand rows")
    connection = host.session.registry.snapshot().connection(memory)
    assert connection is not None
    assert connection.holds_cursor
    host.session.cancel(number)
    run = host.finished(number)
    assert run.state is RunState.CANCELLED
    result = only(run.results)
    assert (result.columns, result.state, result.stopped_at) == (("x",), RunState.CANCELLED, "cancelled")
    last = host.session.window(
        number, 1, first_row=result.row_count - 1, row_count=5, first_column=0, column_count=1
    ).rows
    assert [row[0].text for row in last] == [str(result.row_count)]
    assert not host.connection(memory).holds_cursor


def test_an_error_after_some_rows_keeps_them(host: InProcess, memory: ConnectionId) -> None:
    run = host.run(
        memory,
        "SELECT CASE WHEN x < 8 THEN x ELSE abs(-9223372036854775807 - 1) END AS v FROM (" + COUNT.format(10) + ")",
    )
    assert run.failure is not None
    assert run.failure.message == "integer overflow"
    result = only(run.results)
    assert (result.columns, result.stopped_at) == (("v",), "the error")
    # sqlite3 itself drops the row before the one that fails.
    assert host.texts(run) == [(str(n),) for n in range(1, 7)]


@pytest.mark.parametrize(
    "sql",
    [LOOP, f"CREATE TABLE big AS {COUNT.format(2_000_000_000)}", f"{COUNT.format(2_000_000_000)} ORDER BY x DESC"],
)
def test_a_running_statement_can_be_cancelled(host: InProcess, memory: ConnectionId, sql: str) -> None:
    number = host.start(memory, sql)
    host.wait_until(lambda: bool(host.session.registry.snapshot().connection(memory).running), "the start")  # type: ignore[union-attr]  # it is there
    host.session.cancel(number)
    assert host.finished(number).state is RunState.CANCELLED
    assert host.do(memory, "SELECT 1").results[0].row_count == 1


def test_the_building_of_an_index_can_be_cancelled(host: InProcess, memory: ConnectionId) -> None:
    host.do(memory, f"CREATE TABLE t AS {COUNT.format(100_000)}")
    number = host.start(memory, "CREATE INDEX slow ON t(length(replace(hex(zeroblob(20000)), '00', x)))")
    host.wait_until(lambda: bool(host.session.registry.snapshot().connection(memory).running), "the start")  # type: ignore[union-attr]  # it is there
    host.session.cancel(number)
    assert host.finished(number).state is RunState.CANCELLED
    assert host.texts(host.do(memory, "SELECT count(*) FROM sqlite_schema")) == [("1",)]


class Deaf:
    """A run that hears an interrupt only the fifth time."""

    def __init__(self) -> None:
        self.interrupts = 0

    @property
    def is_over(self) -> bool:
        return self.interrupts >= 5

    def cancel(self) -> None:
        self.interrupts += 1


def test_interrupts_are_repeated_until_they_are_heard() -> None:
    interrupter, deaf = Interrupter(), Deaf()
    heard = threading.Event()
    interrupter.cancel(deaf)
    for _ in range(3000):
        if deaf.is_over or heard.wait(0.01):
            break
    interrupter.close()
    assert deaf.interrupts == 5


def test_what_is_kept_of_a_result_is_documented() -> None:
    words = resources.files("memdb_tui.docs").joinpath("words.md").read_text("utf-8")
    assert f"{MAX_ROWS:,} rows, or when all results of its run take {MAX_BYTES >> 20} MiB" in words
    assert f"the results of the first {MAX_RESULTS - 1} and of the\nlast are kept" in words
    assert f"ends at {live_session.MAX_ROWS:,} rows or {live_session.MAX_BYTES >> 20} MiB" in words
    assert f"takes at most {copying.MAX_BYTES >> 20} MiB" in words


@pytest.mark.parametrize("string", [":memory:", SHARED.format("patient"), URL.format("patient")])
def test_sqlite_itself_never_waits_for_a_lock(host: InProcess, string: str) -> None:
    connection = host.open(string)
    assert host.texts(host.do(connection, "PRAGMA busy_timeout")) == [("0",)]


def test_cancelling_a_run_that_waits_leaves_the_one_before_it_alone(host: InProcess, memory: ConnectionId) -> None:
    first = host.start(memory, f"SELECT 1; {LOOP}")
    host.answer(first)
    second = host.start(memory, "SELECT 2")
    host.session.cancel(second)
    third = host.start(memory, "SELECT 3")
    host.session.cancel(first)
    assert host.finished(first).state is RunState.CANCELLED
    assert host.finished(second).state is RunState.CANCELLED
    assert host.finished(second).results == ()
    assert host.finished(third).state is RunState.DONE


def test_an_interrupted_write_says_that_it_rolled_back_its_transaction(host: InProcess, memory: ConnectionId) -> None:
    host.do(memory, "CREATE TABLE t(x); BEGIN; INSERT INTO t VALUES(1)")
    number = host.start(memory, f"INSERT INTO t {COUNT.format(2_000_000_000)}")
    host.wait_until(lambda: bool(host.session.registry.snapshot().connection(memory).running), "the start")  # type: ignore[union-attr]  # it is there
    host.session.cancel(number)
    run = host.finished(number)
    assert run.state is RunState.CANCELLED
    assert run.notes == (
        f"The interrupted statement rolled back the whole transaction of {memory}: SQLite does that.",
    )
    assert host.connection(memory).transaction_since is None


def test_of_results_past_the_thousandth_the_last_is_kept_and_the_others_are_counted(
    host: InProcess, memory: ConnectionId
) -> None:
    run = host.do(memory, "SELECT 1;" * (MAX_RESULTS + 4) + "SELECT 'the last'")
    assert (len(run.results), run.dropped_results) == (MAX_RESULTS, 5)
    assert [result.index for result in run.results] == [*range(1, MAX_RESULTS), MAX_RESULTS + 5]
    last = run.results[-1].index
    window = host.session.window(run.id, last, first_row=0, row_count=1, first_column=0, column_count=1)
    assert [[cell.text for cell in row] for row in window.rows] == [["the last"]]
    assert run.notes == ("Rows of the first 999 statements and of the last are kept; the others ran all the same.",)


def test_a_stop_that_sqlite_does_not_hear_ends_a_result_past_the_thousandth(
    host: InProcess, memory: ConnectionId, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn, is_started = PageReader.learn, threading.Event()

    def stopped_just_now(reader: PageReader, size_bytes: int) -> None:
        if not size_bytes:
            assert is_started.wait(30)
            host.session.cancel(number)
        learn(reader, size_bytes)

    monkeypatch.setattr(PageReader, "learn", stopped_just_now)
    monkeypatch.setattr(HostConnection, "interrupt", lambda _connection, _runner: None)
    number = host.start(memory, "SELECT 1;" * MAX_RESULTS + COUNT.format(1000) + ";SELECT 1")
    is_started.set()
    assert host.finished(number).state is RunState.CANCELLED


def test_a_very_long_column_name_is_shortened(host: InProcess, memory: ConnectionId) -> None:
    run = host.do(memory, f"SELECT '{'x' * 5000}'")
    assert len(only(run.results).columns[0]) == 201


def test_a_run_number_is_used_once(host: InProcess, memory: ConnectionId) -> None:
    run = host.do(memory, "SELECT 1")
    with pytest.raises(QueryError, match="known already"):
        host.session.transact(run.id, memory, "COMMIT", on_answer=lambda _: None)
    with pytest.raises(UsageError, match="neither COMMIT nor ROLLBACK"):
        host.session.transact(run.id, memory, "DROP", on_answer=lambda _: None)


def test_closing_a_connection_stops_what_runs_on_it(host: InProcess, memory: ConnectionId) -> None:
    number = host.start(memory, f"SELECT 1; {LOOP}")
    host.answer(number)
    assert host.close_connection(memory).closed
    assert host.finished(number).state is RunState.CANCELLED


def test_a_stop_of_what_is_closed_already_is_no_error(host: InProcess, memory: ConnectionId) -> None:
    connection, runner = host.session.registry.connection(memory), object()
    connection.begin_statement("SELECT 1", runner)
    connection.owner.submit(connection.raw.close).result()
    connection.interrupt(runner)
    connection.end_statement()


def test_a_statement_on_a_connection_closed_behind_our_back_fails_and_shows_it_closed(host: InProcess) -> None:
    shared = host.open(SHARED.format("run1"))
    connection = host.session.registry.connection(shared)
    connection.owner.submit(connection.raw.close).result()
    run = host.run(shared, "SELECT 1")
    assert run.failure is not None
    assert run.failure.message == "Cannot operate on a closed database."
    assert host.connection(shared).closed
    assert host.picture().caches == ()
    assert host.close_connection(shared).closed


def test_two_scripts_are_run_one_after_the_other(host: InProcess, memory: ConnectionId) -> None:
    numbers = [host.start(memory, f"SELECT {n}") for n in range(20)]
    assert [host.texts(host.finished(n))[0][0] for n in numbers] == [str(n) for n in range(20)]


def test_an_endless_result_is_stopped_at_its_cap_of_rows(
    host: InProcess, memory: ConnectionId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memdb_tui.host.runs.MAX_ROWS", 1000)
    endless = only(host.do(memory, COUNT.format(2_000_000_000)).results)
    assert (endless.row_count, endless.stopped_at, endless.state) == (1000, "1,000 rows", RunState.DONE)
    exact = only(host.do(memory, COUNT.format(1000)).results)
    assert (exact.row_count, exact.stopped_at) == (1000, "")
    assert host.connection(memory).transaction is TransactionState.NONE


def test_all_results_of_a_run_share_a_cap_of_bytes(
    host: InProcess, memory: ConnectionId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memdb_tui.host.runs.MAX_BYTES", 4 << 20)
    run = host.do(memory, "SELECT zeroblob(3000000); SELECT zeroblob(500000) FROM (" + COUNT.format(100) + ")")
    assert [r.stopped_at for r in run.results] == ["", "4 MiB"]
    # Alone the second could have nine rows.
    assert [r.row_count for r in run.results] == [1, 3]


def test_a_capped_write_is_done_all_the_same(
    host: InProcess, memory: ConnectionId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memdb_tui.host.runs.MAX_ROWS", 10)
    host.do(memory, f"CREATE TABLE t(x); INSERT INTO t {COUNT.format(100)} RETURNING x")
    assert host.texts(host.do(memory, "SELECT count(*) FROM t")) == [("100",)]
