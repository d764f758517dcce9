"""What is said of a program and of its connections: pure, from values."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from memdb_tui.model import (
    Cache,
    CacheKind,
    CodePlace,
    Connection,
    ConnectionId,
    CopyState,
    CreatedBy,
    Evidence,
    FoundBy,
    HostFacts,
    Leak,
    LeakKind,
    Member,
    Origin,
    Outcome,
    Program,
    ProgramState,
    Snapshot,
    TransactionMode,
    TransactionState,
    Unfollowed,
)
from memdb_tui.ui.cache_lines import CacheListing, cache_lines, cache_mark, cache_style, caches_state
from memdb_tui.ui.flows.closing import open_work, own_databases
from memdb_tui.ui.pane_lines import connection_row, empty_rows
from memdb_tui.ui.program_lines import how_it_ended, origin_lines, place_words, program_heading, program_remarks
from memdb_tui.ui.rows import Row, lay_out
from memdb_tui.ui.screens.source import source_rows
from memdb_tui.ui.widgets.header_bar import header_row
from memdb_tui.ui.wording import clock_time

OPENER = CodePlace("/proj/app.py", 12, "main")
ORIGIN = Origin(
    process="p1",
    database="file:db1?mode=memory&cache=shared",
    keywords=(("uri", "True"), ("timeout", "5.0")),
    found_by=FoundBy.WRAPPER,
    reading=CopyState.LIVE,
    url="",
    stack=(CodePlace("/lib/pool.py", 3, "connect"), OPENER),
    opener=OPENER,
    has_opener_returned=True,
    opened_at=1_000_000.0,
    closed_at=None,
    closer=None,
    is_closer_certain=False,
    is_checked_out=None,
    statement_count=None,
    last_statement="",
)
C1 = Connection(
    id=ConnectionId("p1.c1"),
    string="file:db1?mode=memory&cache=shared",
    created_by=CreatedBy.PROGRAM,
    engine="",
    pool="",
    checkouts=1,
    thread="MainThread",
    outcome=Outcome.MEMORY_SHARED,
    meant_as_memory=True,
    reason="",
    suggestion="",
    mode=TransactionMode.LEGACY,
    lock_wait_seconds=5.0,
    transaction=TransactionState.OPEN,
    transaction_since=None,
    schemas=(),
    has_temp_tables=False,
    running="",
    running_since=None,
    holds_cursor=False,
    closed="",
    origin=ORIGIN,
)
COPY = replace(C1, id=ConnectionId("c1"), string="copy of db1", created_by=CreatedBy.COPY, origin=None)
CACHE = Cache("p1.A", CacheKind.SHARED_CACHE, "db1", (Member(C1.id, "main"),), None, 8192, Evidence.OBSERVED, "p1")
OWN = Cache("A", CacheKind.PRIVATE, "copy of db1", (Member(COPY.id, "main"),), None, 8192, Evidence.OBSERVED)
PROGRAM = Program(
    id="p1",
    pid=4711,
    parent_pid=1,
    argv=("/proj/app.py", "--port", "80"),
    cwd="/proj",
    executable="/usr/bin/python3",
    python_version="3.11.7",
    sqlite_version="3.40.1",
    sqlalchemy_version="",
    state=ProgramState.RUNNING,
    exit_status=None,
    started_at=1.0,
    ended_at=None,
    notes=("2 objects are frozen (gc.freeze).",),
    leaks=(Leak(LeakKind.STILL_OPEN, C1.id, "p1.c1 is still open: main() at app.py:12 has returned."),),
    dropped_connections=0,
    longest_block_seconds=0.0021,
    waiting_copies=("A copy of c2 waits for thread worker.",),
    unfollowed=(Unfollowed("p1", "ls -l", "not Python", 2.0),),
)
FACTS = HostFacts(1, "/", "3.11", "3.40.1", "", (), has_manual_mode=False, native="", started_at=0.0)
SNAPSHOT = Snapshot(1, FACTS, (C1, COPY), (CACHE, OWN), (), (PROGRAM,))


def words(row: Row, width: int = 120) -> str:
    return "".join(span.text for span in lay_out(row, width)).rstrip()


def listed(snapshot: Snapshot, width: int = 100) -> list[str]:
    listing = CacheListing(now=1_000_010.0, panes={}, width=width, detailed="p1.c1")
    return [words(line.build(), width) for line in cache_lines(snapshot, listing)]


def test_a_program_stands_above_its_caches_and_this_session_below() -> None:
    lines = listed(SNAPSHOT)
    assert lines[0].startswith("► app.py p1  pid 4711  running  1 connection")
    begins = [
        next(i for i, line in enumerate(lines) if text in line) for text in ("◆A db1", "└ p1.c1", "this session")
    ]
    assert begins == sorted(begins)
    assert lines[-1].lstrip().startswith("└ c1")


def test_leaks_come_first_and_everything_else_that_must_be_said_after_them() -> None:
    texts = [text for text, _ in program_remarks(PROGRAM)]
    assert texts == [
        "! p1.c1 is still open: main() at app.py:12 has returned.",
        "A copy of c2 waits for thread worker.",
        "not followed: ls -l (not Python)",
        "2 objects are frozen (gc.freeze).",
    ]


def test_what_was_not_followed_is_said_once_for_each_command_and_never_floods_the_pane() -> None:
    commands = [*["git status"] * 7, *[f"tool {number}" for number in range(9)]]
    program = replace(
        PROGRAM,
        leaks=(),
        waiting_copies=(),
        notes=(),
        unfollowed=tuple(Unfollowed("p1", c, "no", 1.0) for c in commands),
    )
    texts = [text for text, _ in program_remarks(program)]
    assert texts == [
        *[f"not followed: tool {number} (no)" for number in range(4, 9)],
        "not followed: 11 before these",
    ]
    (again,) = [text for text, _ in program_remarks(replace(program, unfollowed=program.unfollowed[:7]))]
    assert again == "not followed: git status (×7) (no)"


def test_connections_of_a_process_that_has_ended_are_not_counted_as_open() -> None:
    ended = replace(C1, closed="closed by the end of its process")
    lines = listed(replace(SNAPSHOT, connections=(ended, COPY)))
    assert "0 connections" in lines[0]
    assert any("└ p1.c1 × closed by the end of its process" in line for line in lines)
    assert caches_state(replace(SNAPSHOT, connections=(ended, COPY))).startswith("1 in 1 cache")
    assert caches_state(replace(SNAPSHOT, connections=(ended,))) == "none"


def test_quitting_ends_nothing_of_a_program() -> None:
    writing = replace(C1, transaction=TransactionState.OPEN)
    own = replace(COPY, transaction=TransactionState.WRITE)
    assert open_work(replace(SNAPSHOT, connections=(writing,))) == ()
    assert open_work(replace(SNAPSHOT, connections=(writing, own))) == (
        "c1 has an open transaction: it will be rolled back.",
    )
    assert own_databases(SNAPSHOT) == 1


def test_without_tracing_a_connection_says_that_what_it_attaches_is_not_known() -> None:
    assert C1.origin is not None
    traced = replace(C1.origin, statement_count=3)
    assert any("what it attaches is not known" in line for line in origin_lines(C1, C1.origin))
    assert not any("attaches" in line for line in origin_lines(C1, traced))


@pytest.mark.parametrize(
    ("state", "status", "expected"),
    [
        (ProgramState.RUNNING, None, "running"),
        (ProgramState.WAITING, None, "waiting in inspect()"),
        (ProgramState.ENDED, 0, "exit status 0"),
        (ProgramState.ENDED, 3, "exit status 3"),
        (ProgramState.ENDED, -9, "killed by signal 9"),
        (ProgramState.ENDED, None, "ended"),
        (ProgramState.DETACHED, None, "detached"),
    ],
)
def test_how_a_process_stands_is_said_in_words(state: ProgramState, status: int | None, expected: str) -> None:
    program = replace(PROGRAM, state=state, exit_status=status)
    assert how_it_ended(program) == expected
    assert expected in words(program_heading(program, SNAPSHOT))


def test_the_longest_block_of_ours_is_shown() -> None:
    assert "longest block 2.1 ms" in words(program_heading(PROGRAM, SNAPSHOT))
    unblocked = replace(PROGRAM, longest_block_seconds=0.0)
    assert "block" not in words(program_heading(unblocked, SNAPSHOT))


def test_a_connection_says_where_it_was_opened_and_with_what() -> None:
    lines = list(origin_lines(C1, ORIGIN))
    assert lines[0] == C1.string
    assert lines[1] == "uri=True, timeout=5.0"
    assert lines[2].startswith("opened in main at /proj/app.py:12")
    assert "its opener has returned" in lines[2]
    assert lines[3] == "live reads · what it attaches is not known"


def test_what_is_not_known_is_said_never_guessed() -> None:
    heap = replace(ORIGIN, found_by=FoundBy.HEAP, keywords=None, stack=(), opener=None, opened_at=None)
    lines = list(origin_lines(C1, heap))
    assert lines[1] == "keywords not known"
    assert "opened before anybody looked" in lines[2]


def test_an_engine_and_its_pool_are_named() -> None:
    url = "sqlite:///file:db1?mode=memory&cache=shared&uri=true"
    engine = replace(ORIGIN, url=url, is_checked_out=True, statement_count=1200, last_statement="SELECT 1")
    lines = list(origin_lines(replace(C1, engine="p1.e1", pool="QueuePool", string=url), engine))
    assert lines[1].startswith("sqlite3.connect('file:db1?mode=memory&cache=shared')")
    assert lines[3] == "live reads · engine p1.e1 · QueuePool · checked out · 1,200 statements"
    assert lines[4] == "SELECT 1"


def test_of_a_transaction_only_that_it_is_open_is_known() -> None:
    assert any("p1.c1 ● in a transaction" in line for line in listed(SNAPSHOT))
    row = words(connection_row(C1, None, 0.0))
    assert "the program is in a transaction" in row
    assert "commit" not in row


def test_a_transaction_that_cannot_be_asked_for_is_said_to_be_unknown() -> None:
    unknown = replace(C1, transaction=TransactionState.UNKNOWN)
    lines = listed(replace(SNAPSHOT, connections=(unknown, COPY)))
    assert any("p1.c1 ? transaction not known" in line for line in lines)
    assert "in a transaction" not in words(connection_row(unknown, None, 0.0))


def test_letters_keep_their_colour_and_lose_their_process_under_its_heading() -> None:
    assert cache_mark(CACHE) == "◆A"
    assert cache_style("p1.A") == cache_style("A")


@pytest.mark.parametrize(
    ("reading", "expected"),
    [(CopyState.LIVE, "reads only"), (CopyState.PRIVATE, "copy it"), (CopyState.FILE, "is a file")],
)
def test_an_empty_pane_says_whose_the_database_is_and_how_sql_gets_at_it(reading: CopyState, expected: str) -> None:
    connection = replace(C1, origin=replace(ORIGIN, reading=reading))
    rows = empty_rows("db1", connection, has_tables=None, run=None, program=PROGRAM)
    text = "\n".join(words(row, 200) for row in rows)
    assert "app.py (pid 4711)" in text
    assert expected in text


def test_an_empty_pane_of_a_copy_says_that_it_is_one() -> None:
    text = "\n".join(words(row, 200) for row in empty_rows("copy", COPY, has_tables=None, run=None))
    assert "It is a copy" in text


def test_the_header_names_the_program_in_place_of_this_process() -> None:
    row = words(header_row(FACTS, databases=1, connections=1, is_live=True, programs=(PROGRAM, PROGRAM)), 160)
    assert "in app.py  pid 4711 · running · 2 processes · SQLite 3.40.1" in row
    assert "in this process" not in row


def test_places_are_short_in_lists() -> None:
    assert place_words(OPENER) == "app.py:12"
    assert not place_words(None)


def test_the_source_around_a_line_is_shown_with_that_line_marked(tmp_path: Path) -> None:
    source = tmp_path / "app.py"
    source.write_text("".join(f"line_{n} = {n}\n" for n in range(1, 41)), "utf-8")
    rows = [words(row) for row in source_rows(CodePlace(str(source), 20, "main"))]
    assert rows[0].split() == ["14", "line_14", "=", "14"]
    assert rows[-1].split() == ["26", "line_26", "=", "26"]
    assert [row for row in rows if row.startswith("▸")] == ["▸    20 line_20 = 20"]


def test_source_that_is_not_there_is_said_to_be_so() -> None:
    (row,) = source_rows(CodePlace("/nowhere/app.py", 20, "main"))
    assert "cannot be read" in words(row)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "copy of {}"), (119, "copy of {}"), (180, "copy of {}, 3 min old"), (7200, ", 2 h old")]
)
def test_a_copy_shows_when_it_was_taken_and_how_old_it_is(seconds: float, said: str) -> None:
    own = replace(C1, origin=None)
    line = words(connection_row(own, None, 1000.0 + seconds, copied_at=1000.0))
    assert said.format(clock_time(1000.0)) in line
    assert ("old" in line) == (seconds >= 120)
    assert "copy" not in words(connection_row(own, None, 1000.0))


@pytest.mark.parametrize(("seconds", "is_shown"), [(0.002, False), (0.104, True)])
def test_a_long_block_is_shown_where_the_pane_is_as_wide_as_at_120_columns(seconds: float, *, is_shown: bool) -> None:
    program = replace(PROGRAM, longest_block_seconds=seconds)
    line = words(program_heading(program, SNAPSHOT), 56)
    assert "app.py" in line
    assert "pid 4711  running" in line
    assert ("longest block 104 ms" in line) == is_shown


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (("/proj/app.py", "-m", "x"), "app.py"),
        (("-m", "pytest", "tests/test_a.py"), "pytest"),
        (("-m", "package.tool"), "package.tool"),
        (("-m",), "-m"),
        (("-c",), "-c"),
    ],
)
def test_a_program_is_named_by_its_script_or_module(argv: tuple[str, ...], name: str) -> None:
    assert replace(PROGRAM, argv=argv).name == name
