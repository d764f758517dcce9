"""What a pane says of itself, as lines: pure, from values."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from memdb_tui.model import (
    Cache,
    CacheKind,
    Connection,
    ConnectionId,
    CreatedBy,
    Evidence,
    LockHolder,
    LockReport,
    Member,
    Outcome,
    Result,
    Run,
    RunId,
    RunState,
    StatementFailure,
    TransactionMode,
    TransactionState,
)
from memdb_tui.ui.pane_lines import (
    badge,
    cancelling_words,
    connection_row,
    empty_rows,
    failure_rows,
    lock_rows,
    short_badge,
    tab_words,
    transaction_elsewhere,
)
from memdb_tui.ui.rows import Row, lay_out
from memdb_tui.ui.status_lines import result_words, status

NOW = time.mktime((2026, 1, 5, 12, 1, 7, 0, 0, -1))
C1 = ConnectionId("c1")
CONNECTION = Connection(
    id=C1,
    string="file:a?mode=memory&cache=shared",
    created_by=CreatedBy.RAW,
    engine="",
    pool="",
    checkouts=1,
    thread="t",
    outcome=Outcome.MEMORY_SHARED,
    meant_as_memory=True,
    reason="",
    suggestion="",
    mode=TransactionMode.AUTOCOMMIT,
    lock_wait_seconds=0.0,
    transaction=TransactionState.NONE,
    transaction_since=None,
    schemas=(),
    has_temp_tables=False,
    running="",
    running_since=None,
    holds_cursor=False,
    closed="",
)
CACHE = Cache("A", CacheKind.SHARED_CACHE, "a", (Member(C1, "main"),), 1, 4096, Evidence.OBSERVED)
RESULT = Result(1, "SELECT 1", 1, 1, ("a",), 3, None, 10, RunState.DONE, 0.0003, "")
RUN = Run(RunId(1), C1, RunState.DONE, 1, (RESULT,), 0, None, (), NOW - 5, 0.0003)
HOLDER = LockHolder(C1, "write transaction", NOW - 12, Evidence.INFERRED)
FAILURE = StatementFailure(
    2, 3, 5, is_exact=True, message="no such table: t", code="SQLITE_ERROR", hint="", lock=None
)


def words(row: Row, width: int = 120) -> str:
    return "".join(span.text for span in lay_out(row, width))


def lines(rows: list[Row], width: int = 120) -> str:
    return "\n".join(words(row, width).rstrip() for row in rows)


@pytest.mark.parametrize(
    ("connection", "said", "is_stray"),
    [
        (None, "not open", False),
        (CONNECTION, "◆A in memory, shared", False),
        (replace(CONNECTION, closed="by its pool"), "closed", False),
        (replace(CONNECTION, outcome=Outcome.FILE), "▲A on disk, meant as memory", True),
        (replace(CONNECTION, outcome=Outcome.FILE, meant_as_memory=False), "▲A on disk", False),
        (replace(CONNECTION, outcome=Outcome.TEMPORARY), "◆A temporary", False),
    ],
)
def test_the_badge_says_where_the_database_lives(connection: Connection | None, said: str, *, is_stray: bool) -> None:
    assert badge(connection, CACHE) == (said, is_stray)


@pytest.mark.parametrize(
    ("state", "said", "shorter"),
    [
        (TransactionState.OPEN, "● transaction open, nothing locked 12 s", "● open 12 s"),
        (TransactionState.READ, "● read transaction 12 s", "● reading 12 s"),
        (TransactionState.WRITE, "● write transaction 12 s", "● writing 12 s"),
    ],
)
@pytest.mark.parametrize("width", [38, 58, 118])
def test_an_open_transaction_and_its_age_show_at_every_width(
    state: TransactionState, said: str, shorter: str, width: int
) -> None:
    row = connection_row(replace(CONNECTION, transaction=state, transaction_since=NOW - 12), None, NOW)
    shown = words(row, width)
    assert len(shown) == width
    assert said in shown or shorter in shown
    if width > 100:
        assert said in shown
    if width > 50:
        assert "commit roll back" in shown


def test_of_transactions_out_of_view_the_oldest_is_told() -> None:
    def in_transaction(name: str, seconds: int) -> Connection:
        return replace(
            CONNECTION,
            id=ConnectionId(name),
            transaction=TransactionState.WRITE,
            transaction_since=NOW - seconds,
        )

    two = (in_transaction("c1", 9), in_transaction("c2", 12))
    assert transaction_elsewhere(two, {C1}, NOW) == "● c2 writing 12 s"
    assert transaction_elsewhere(two, (), NOW) == "● c2 writing 12 s +1"
    assert transaction_elsewhere(two, {C1, ConnectionId("c2")}, NOW) == ""
    assert transaction_elsewhere((CONNECTION, replace(two[0], closed="by its pool")), (), NOW) == ""


def test_the_connection_line_says_what_else_there_is_to_know() -> None:
    assert "reading: holds a read lock" in words(connection_row(replace(CONNECTION, holds_cursor=True), None, NOW))
    two = replace(CONNECTION, pool="SingletonThreadPool", checkouts=2)
    assert "SingletonThreadPool · 2 checkouts" in words(connection_row(two, None, NOW))
    assert "closed: by its pool" in words(connection_row(replace(CONNECTION, closed="by its pool"), None, NOW))
    assert "no connection" in words(connection_row(None, None, NOW))


def failed(lock: LockReport | None) -> Run:
    failure = replace(FAILURE, message="database table is locked: t", lock=lock)
    return replace(RUN, state=RunState.FAILED, statement_count=2, failure=failure)


def test_the_connection_line_points_to_a_holder() -> None:
    line = words(connection_row(CONNECTION, failed(LockReport("t", (HOLDER,))), NOW))
    assert "! c1 holds write lock 12 s [Go to]" in line
    foreign = LockHolder(None, "a connection not opened here", None, Evidence.OBSERVED)
    line = words(connection_row(CONNECTION, failed(LockReport("t", (foreign, HOLDER))), NOW))
    assert "! somebody may hold the lock (+1)" in line
    assert "[Go to]" not in line


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (None, "nothing run yet"),
        (RUN, "3 rows · 0.3 ms · c1"),
        (replace(RUN, state=RunState.RUNNING), "3 rows · running 5.0 s · c1"),
        (replace(RUN, state=RunState.WAITING, results=()), "waiting for a lock 5.0 s · c1"),
        (replace(RUN, state=RunState.CANCELLED), "stopped after 0.3 ms · c1"),
        (
            replace(RUN, state=RunState.CANCELLED, results=(replace(RESULT, state=RunState.CANCELLED),)),
            "3 rows · stopped after 0.3 ms · c1",
        ),
        (replace(RUN, state=RunState.CANCELLED, statement_count=2), "stmt 2 of 2 · stopped after 0.3 ms · c1"),
        (replace(RUN, statement_count=5000, dropped_results=4999), "stmt 5,000 of 5,000 · 3 rows · 0.3 ms · c1"),
        (
            replace(RUN, state=RunState.FAILED, statement_count=4, failure=FAILURE),
            "stmt 2 of 4 · failed after 0.3 ms · c1",
        ),
        (replace(RUN, statement_count=1000), "stmt 1 of 1,000 · 3 rows · 0.3 ms · c1"),
    ],
)
def test_the_status_line(run: Run | None, said: str) -> None:
    assert status(run, now=NOW) == said


CHANGED = replace(RESULT, index=2, columns=(), row_count=0, changed_rows=1)


@pytest.mark.parametrize(
    ("run", "width", "said"),
    [
        (replace(RUN, statement_count=3, results=(CHANGED,)), 50, "stmt 2 of 3 · 1 row changed · 0.3 ms · c1"),
        (replace(RUN, statement_count=3, results=(CHANGED,)), 32, "1 row changed · 0.3 ms · c1"),
        (replace(RUN, statement_count=3, results=(CHANGED,)), 20, "1 row changed · c1"),
        (replace(RUN, statement_count=3, results=(CHANGED,)), 10, "c1"),
        (replace(RUN, state=RunState.WAITING, results=()), 32, "waiting for a lock 5.0 s · c1"),
        (replace(RUN, state=RunState.WAITING, results=()), 26, "waiting for a lock · c1"),
        (
            replace(RUN, state=RunState.FAILED, statement_count=4, failure=FAILURE),
            34,
            "failed after 0.3 ms · c1",
        ),
    ],
)
def test_in_little_room_the_status_leaves_out_whole_parts_and_never_the_connection(
    run: Run, width: int, said: str
) -> None:
    assert status(run, now=NOW, width=width) == said


@pytest.mark.parametrize(
    ("words", "said", "is_stray"),
    [
        ("◆A in memory, private", "◆A private", False),
        ("◆A in memory, shared", "◆A shared", False),
        ("▲A on disk", "▲A on disk", False),
        ("▲A on disk, meant as memory", "▲A STRAY", True),
        ("closed", "closed", False),
    ],
)
def test_a_badge_in_little_room_is_told_from_every_other(words: str, said: str, *, is_stray: bool) -> None:
    assert short_badge(words, is_stray=is_stray) == said


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (RESULT, "3 rows"),
        (replace(RESULT, row_count=0), "0 rows"),
        (replace(RESULT, row_count=5_000_000, stopped_at="5,000,000 rows"), "stopped at 5,000,000 rows"),
        (replace(RESULT, row_count=70_000, stopped_at="512 MiB"), "70,000 rows, stopped at 512 MiB"),
        (replace(RESULT, columns=(), row_count=0, changed_rows=1), "1 row changed"),
        (replace(RESULT, columns=(), row_count=0), "done"),
        (replace(RESULT, columns=(), row_count=0, state=RunState.RUNNING), ""),
    ],
)
def test_what_a_result_amounts_to(result: Result, said: str) -> None:
    assert result_words(result) == said


@pytest.mark.parametrize(
    ("statement", "columns", "changed", "said"),
    [
        ("SELECT 1", ("a",), None, "Result 1"),
        ("insert into t values (1)", (), 1, "1 INSERT · 1 row"),
        ("COMMIT;", (), None, "1 COMMIT"),
        ("", (), None, "1 ?"),
        ("\x1b[31m", (), None, "1 ␛[31M"),
    ],
)
def test_a_tab_says_which_statement_it_is(
    statement: str, columns: tuple[str, ...], changed: int | None, said: str
) -> None:
    assert tab_words(replace(RESULT, statement=statement, columns=columns, changed_rows=changed)) == said


def test_a_failure_says_statement_line_column_words_and_what_is_kept() -> None:
    text = lines(failure_rows(FAILURE, replace(RUN, failure=FAILURE)))
    assert "statement 2, line 3, column 5: no such table: t" in text
    assert "SQLITE_ERROR" in text
    assert "Result 1 is kept: 3 rows" in text


INSERTED = replace(RESULT, index=2, statement="INSERT INTO t VALUES (1)", columns=(), row_count=0, changed_rows=1)
BEGUN = replace(RESULT, statement="BEGIN", columns=(), row_count=0)


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ((RESULT,), "Result 1 is kept: 3 rows"),
        ((RESULT, INSERTED), "Result 1 is kept: 3 rows"),
        ((RESULT, INSERTED, replace(RESULT, index=3)), "The 2 results before it are kept."),
        ((BEGUN, INSERTED), "Statement 2 was run: 1 row changed"),
        ((INSERTED, INSERTED), "The 2 statements before it that change rows were run."),
    ],
)
def test_a_failure_says_what_the_statements_before_it_gave(results: tuple[Result, ...], said: str) -> None:
    assert lines(failure_rows(FAILURE, replace(RUN, failure=FAILURE, results=results))).endswith(said)


def test_a_failure_says_nothing_of_statements_that_gave_nothing() -> None:
    text = lines(failure_rows(FAILURE, replace(RUN, failure=FAILURE, results=(BEGUN,))))
    assert "kept" not in text
    assert "was run" not in text


def test_a_failure_without_an_exact_place_names_no_column() -> None:
    text = lines(failure_rows(replace(FAILURE, is_exact=False), RUN))
    assert "statement 2, line 3:" in text
    assert "column" not in text


def test_a_failure_tells_its_hint_and_the_notes() -> None:
    run = replace(RUN, notes=("This error rolled back the whole transaction of c1: SQLite does that.",))
    text = lines(failure_rows(replace(FAILURE, hint="Wait for it."), run))
    assert "Wait for it." in text
    assert "rolled back the whole transaction" in text


def test_holders_are_named_with_since_when_and_how_that_is_known() -> None:
    assert "held by c1: write transaction since 12:00:55, inferred" in lines(lock_rows(LockReport("t", (HOLDER,))))
    other = LockHolder(ConnectionId("c2"), "an open cursor", None, Evidence.OBSERVED)
    foreign = LockHolder(None, "a connection not opened here", None, Evidence.OBSERVED)
    text = lines(lock_rows(LockReport("t", (HOLDER, other, foreign))))
    assert "can be held by c1: write transaction" in text
    assert "c2: an open cursor" in text
    assert "a connection not opened here" in text


def test_a_foreign_holder_is_told_in_a_sentence_with_both_commas() -> None:
    other = LockHolder(None, "process 861, which has a lock on the file", None, Evidence.OBSERVED)
    assert "process 861, which has a lock on the file, observed" in lines(lock_rows(LockReport("", (other,))))


def test_a_lock_that_nobody_known_holds_is_said_as_that() -> None:
    assert "Nobody known here holds it now" in lines(lock_rows(LockReport("", ())))


def test_the_keys_out_of_a_lock_are_shown_where_they_lead_somewhere() -> None:
    run = failed(LockReport("t", (HOLDER,)))
    assert run.failure is not None
    assert "go to c1" in lines(failure_rows(run.failure, run))
    run = failed(LockReport("t", ()))
    assert run.failure is not None
    text = lines(failure_rows(run.failure, run))
    assert "go to" not in text
    assert "try again" in text


def test_the_keys_out_of_a_lock_come_directly_under_who_holds_it() -> None:
    run = failed(LockReport("t", (HOLDER,)))
    assert run.failure is not None
    failure = replace(run.failure, hint="In a shared cache SQLite gives up at once; no busy timeout applies.")
    said = lines(failure_rows(failure, run)).splitlines()
    holder = next(number for number, line in enumerate(said) if "held by" in line)
    assert " ".join(said[holder + 1].split()) == "^L then g go to c1 c commit c1 r try again"
    assert "gives up at once" in said[holder + 2]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (58, "autocommit  ! c1 holds write lock 12 s [Go to]  ≡"),
        (36, "! c1 has the lock [Go to]  ≡"),
        (44, "! c1 holds write lock 12 s [Go to]  ≡"),
    ],
)
def test_in_a_narrow_pane_the_mode_gives_way_and_the_holder_is_said_whole(width: int, expected: str) -> None:
    line = words(connection_row(CONNECTION, failed(LockReport("t", (HOLDER,))), NOW), width)
    assert " ".join(line.split()).endswith(" ".join(expected.split()))
    assert "…" not in line


@pytest.mark.parametrize(("table", "said"), [("t", "table t"), ("", "SQLite names no table")])
def test_a_lock_says_which_table_or_that_sqlite_names_none(table: str, said: str) -> None:
    run = failed(LockReport(table, (HOLDER,)))
    assert run.failure is not None
    assert f"· {said}" in lines(failure_rows(run.failure, run))


def test_a_holder_that_has_let_go_is_no_longer_in_the_way() -> None:
    run = failed(LockReport("t", (HOLDER,)))
    assert run.failure is not None
    assert "! c1 holds write lock" in words(connection_row(CONNECTION, run, NOW, holding={C1}))
    line = words(connection_row(CONNECTION, run, NOW, holding=()))
    assert "holds write lock" not in line
    assert "the lock was let go [Try again]" in line
    text = lines(failure_rows(run.failure, run, holding=()))
    assert "It was let go since then: try again." in text
    assert "commit c1" not in text
    assert "r try again" in text


def test_a_holder_that_was_not_opened_here_is_never_said_to_have_let_go() -> None:
    foreign = LockHolder(None, "a connection not opened here", None, Evidence.OBSERVED)
    run = failed(LockReport("t", (foreign,)))
    assert "! somebody may hold the lock" in words(connection_row(CONNECTION, run, NOW, holding=()))


def test_a_short_pane_says_whose_its_database_is_too() -> None:
    text = lines(empty_rows("db1", CONNECTION, has_tables=False, run=None, is_short=True), 200)
    assert "\n\n" not in text
    assert "this session's own process" in text


def test_each_result_without_rows_says_what_it_did() -> None:
    run = replace(RUN, results=(BEGUN, INSERTED), statement_count=2)
    assert lines(empty_rows("db1", CONNECTION, has_tables=None, run=run, shown=BEGUN)) == "   Done."
    assert lines(empty_rows("db1", CONNECTION, has_tables=None, run=run, shown=INSERTED)) == "   1 row changed."


def test_a_run_that_was_stopped_says_at_which_statement() -> None:
    run = replace(RUN, state=RunState.CANCELLED, results=(BEGUN, INSERTED), statement_count=4)
    assert "Statement 3 was stopped." in lines(
        empty_rows("db1", CONNECTION, has_tables=None, run=run, shown=INSERTED)
    )
    assert "stopped" not in lines(empty_rows("db1", CONNECTION, has_tables=None, run=run, shown=BEGUN))


def test_an_empty_pane_says_what_is_empty_why_and_the_next_key() -> None:
    text = lines(empty_rows("db1", CONNECTION, has_tables=False, run=None), 200)
    assert "db1 is empty: no tables yet." in text
    assert "^J runs the statement" in text
    assert "this session's own process" in text
    on_disk = replace(CONNECTION, outcome=Outcome.FILE)
    assert "It is a file" in lines(empty_rows("db1", on_disk, has_tables=None, run=None), 200)
    assert "is empty" not in lines(empty_rows("db1", CONNECTION, has_tables=True, run=None), 200)


def test_a_stopped_run_without_rows_says_so_with_its_notes() -> None:
    run = replace(RUN, state=RunState.CANCELLED, results=(), notes=("It rolled back.",))
    assert lines(empty_rows("db1", CONNECTION, has_tables=None, run=run)).split() == [
        "Stopped.",
        "It",
        "rolled",
        "back.",
    ]


@pytest.mark.parametrize(
    ("sharers", "seconds", "said"),
    [
        ((), 0.1, "cancelling…"),
        ((), 1.5, "one long function must end first"),
        (("c2",), 1.5, "a step of c2 on the same cache must end"),
        (("c2", "c3", "c4"), 9.0, "steps of c2 and c3 on the same cache must end"),
    ],
)
def test_what_can_outlast_a_stop_is_said_after_a_second(sharers: tuple[str, ...], seconds: float, said: str) -> None:
    assert said in cancelling_words(sharers=sharers, seconds=seconds)


def test_users_text_is_never_a_control_character() -> None:
    failure = replace(FAILURE, message='near "\x1b[31m"')
    assert "\x1b" not in lines(failure_rows(failure, RUN))
    assert "\x1b" not in lines(empty_rows("db\x1b1", CONNECTION, has_tables=False, run=None))


def test_a_live_statement_that_is_not_let_in_says_for_whom_it_waits() -> None:
    run = replace(RUN, connection=ConnectionId("p1.c1"), state=RunState.RUNNING, results=(), elapsed_seconds=3.5)
    assert "waits for the program" in lines(empty_rows("db1", CONNECTION, has_tables=None, run=run), 100)
    soon = replace(run, elapsed_seconds=0.5)
    assert "waits for the program" not in lines(empty_rows("db1", CONNECTION, has_tables=None, run=soon), 100)
    own = replace(run, connection=C1)
    assert "waits for the program" not in lines(empty_rows("db1", CONNECTION, has_tables=None, run=own), 100)
