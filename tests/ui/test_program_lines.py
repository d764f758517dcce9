"""What is said of a program and of its connections: pure, from values."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from memdb_tui.model import (
    AttachedSchema,
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
    WaitingCopy,
)
from memdb_tui.model.picture import ENDED_WITH_PROCESS
from memdb_tui.ui.cache_lines import (
    cache_lines,
    cache_mark,
    cache_style,
    caches_state,
)
from memdb_tui.ui.connection_lines import CacheListing, connection_of, is_waiting_copy
from memdb_tui.ui.copy_words import copying_words, question_words
from memdb_tui.ui.flows.closing import open_work, own_databases
from memdb_tui.ui.folding import fold_of
from memdb_tui.ui.pane_lines import badge, connection_row, empty_rows
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
    waiting_copies=(WaitingCopy(ConnectionId("p1.c2"), "worker", is_traced=False),),
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
        next(i for i, line in enumerate(lines) if text in line) for text in ("◆A db1", "└!p1.c1", "this session")
    ]
    assert begins == sorted(begins)
    assert lines[-1].lstrip().startswith("└ c1")


def test_leaks_come_first_and_everything_else_that_must_be_said_after_them() -> None:
    texts = [text for text, _ in program_remarks(PROGRAM)]
    assert texts == [
        "! p1.c1 is still open: main() at app.py:12 has returned.",
        "A copy of p1.c2 waits until thread worker next opens a connection.",
        "not followed: ls -l (not Python)",
        "2 objects are frozen (gc.freeze).",
    ]


def test_a_leak_in_a_loop_is_one_line_and_its_connections_are_marked() -> None:
    def leak(number: int, several: str = "connections still open, though main has returned: app.py:12") -> Leak:
        return Leak(
            LeakKind.STILL_OPEN, ConnectionId(f"p1.c{number}"), f"p1.c{number} is still open.", several=several
        )

    others = (leak(7, ""), Leak(LeakKind.DIED, ConnectionId("p1.c8"), "db2 died.", several="times db2 died"))
    program = replace(PROGRAM, leaks=(*(leak(n) for n in range(1, 4)), *others, leak(9)))
    texts = [text for text, _ in program_remarks(program)]
    assert texts[:3] == [
        "! 4 connections still open, though main has returned: app.py:12 (p1.c1 … p1.c9).",
        "! p1.c7 is still open.",
        "! db2 died.",
    ]
    (two, *_) = [text for text, _ in program_remarks(replace(program, leaks=(leak(1), leak(2))))]
    assert two.endswith("(p1.c1, p1.c2).")
    marked = next(line for line in listed(replace(SNAPSHOT, programs=(program,))) if "p1.c1 ●" in line)
    assert marked.startswith("  └!p1.c1")
    calm = next(
        line for line in listed(replace(SNAPSHOT, programs=(replace(program, leaks=()),))) if "p1.c1 ●" in line
    )
    assert calm.startswith("  └ p1.c1")


@pytest.mark.parametrize(
    ("thread", "is_traced", "is_for_all", "waits"),
    [
        ("worker", False, False, "until thread worker next opens a connection."),
        ("worker", False, True, "until thread worker next opens a connection."),
        ("thread 1234", True, False, "until thread 1234 next opens a connection or runs a statement."),
        ("worker", True, True, "until thread worker next opens a connection, or any thread runs a statement on it."),
        ("", False, False, "until the thread that opened it next opens a connection."),
    ],
)
def test_a_copy_that_waits_says_for_whom_and_what_that_thread_must_do(
    thread: str, *, is_traced: bool, is_for_all: bool, waits: str
) -> None:
    copy = WaitingCopy(C1.id, thread, is_traced=is_traced, is_for_all_threads=is_for_all)
    texts = [text for text, _ in program_remarks(replace(PROGRAM, waiting_copies=(copy,)))]
    assert f"A copy of p1.c1 waits {waits}" in texts
    private = replace(
        ORIGIN,
        reading=CopyState.PRIVATE,
        statement_count=3 if is_traced else None,
        is_for_all_threads=is_for_all,
    )
    connection = replace(C1, thread=thread, origin=private)
    snapshot = replace(SNAPSHOT, connections=(connection,))
    assert copying_words(C1.id, snapshot) == f"A copy of p1.c1 waits {waits}"
    assert question_words(connection, snapshot).endswith(f"this waits {waits}")
    assert "thread thread" not in "".join(origin_lines(connection, private))


def test_a_copy_that_is_waited_for_in_the_background_has_a_line_of_its_own_alone() -> None:
    waiting = replace(PROGRAM, waiting_copies=(WaitingCopy(C1.id, "worker", is_traced=False),))
    writes = replace(C1, schemas=(AttachedSchema("main", CACHE.id, "", TransactionState.OPEN),))
    snapshot = replace(SNAPSHOT, connections=(writes, COPY), programs=(waiting,))
    listing = CacheListing(now=1_000_010.0, panes={}, width=100, copying={C1.id: copying_words(C1.id, snapshot)})
    found = [(line, words(line.build(), 100)) for line in cache_lines(snapshot, listing)]
    (line, text) = next((line, text) for line, text in found if "A copy of p1" in text)
    assert text.strip() == "A copy of p1.c1 waits until p1.c1 ends its transaction. Enter here stops that."
    assert line.is_selectable
    assert is_waiting_copy(line.key)
    assert connection_of(line.key) == C1.id
    assert sum("A copy of p1" in text for _, text in found) == 1


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
    ended = replace(C1, closed=ENDED_WITH_PROCESS)
    over = replace(PROGRAM, state=ProgramState.ENDED, exit_status=0)
    counted = replace(CACHE, sqlite_count=1)
    lines = listed(replace(SNAPSHOT, connections=(ended, COPY), caches=(counted, OWN), programs=(over,)))
    assert "connection" not in lines[0]
    assert any("└!p1.c1 × ended" in line for line in lines)
    assert not any("SQLite counts" in line or "live reads" in line for line in lines)
    assert caches_state(replace(SNAPSHOT, connections=(ended, COPY))).startswith("1 in 1 cache")
    assert caches_state(replace(SNAPSHOT, connections=(ended,))) == "none open"
    assert "ended with its process" in words(connection_row(ended, None, 0.0))
    assert "live" not in words(connection_row(ended, None, 0.0))


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
        (ProgramState.STOPPED, None, "stopped"),
        (ProgramState.ENDED, 0, "exit status 0"),
        (ProgramState.ENDED, 3, "exit status 3"),
        (ProgramState.ENDED, -9, "killed by SIGKILL"),
        (ProgramState.ENDED, -(signal.SIGRTMIN + 9), f"killed by signal {signal.SIGRTMIN + 9}"),
        (ProgramState.ENDED, None, "ended"),
        (ProgramState.DETACHED, None, "detached"),
    ],
)
def test_how_a_process_stands_is_said_in_words(state: ProgramState, status: int | None, expected: str) -> None:
    program = replace(PROGRAM, state=state, exit_status=status)
    assert how_it_ended(program) == expected
    assert expected in words(program_heading(program, SNAPSHOT))


def test_a_process_that_waits_says_where_and_that_it_does_before_where() -> None:
    place = CodePlace("/proj/shop/app.py", 12, "settle")
    waits = replace(PROGRAM, state=ProgramState.WAITING, waiting_place=place)
    assert "waiting in inspect() at app.py:12" in words(program_heading(waits, SNAPSHOT), 80)
    assert words(program_heading(waits, SNAPSHOT), 34).endswith("waiting in inspect()")
    assert "app.py:12" not in words(program_heading(replace(waits, state=ProgramState.RUNNING), SNAPSHOT))


def test_processes_that_have_ended_stand_below_those_that_can_be_looked_into() -> None:
    ended = replace(PROGRAM, state=ProgramState.ENDED, exit_status=0)
    again = replace(PROGRAM, id="p2", pid=4712)
    headings = [
        line for line in listed(replace(SNAPSHOT, programs=(ended, again))) if "app.py" in line and "pid" in line
    ]
    assert [line.split()[0] for line in headings] == ["►", "■"]


@pytest.mark.parametrize(
    ("state", "notes", "is_said"),
    [
        (ProgramState.RUNNING, (), True),
        (ProgramState.WAITING, (), True),
        (ProgramState.RUNNING, ("Nobody stands in it.",), False),
        (ProgramState.ENDED, (), False),
    ],
)
def test_of_a_live_process_without_connections_it_is_said_that_it_has_none(
    state: ProgramState, notes: tuple[str, ...], *, is_said: bool
) -> None:
    program = replace(PROGRAM, state=state, notes=notes, leaks=(), waiting_copies=())
    lines = listed(replace(SNAPSHOT, connections=(), caches=(), programs=(program,)))
    assert any("No sqlite3 connection is open" in line for line in lines) == is_said


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


def test_a_database_whose_string_nobody_saw_is_called_so() -> None:
    lines = listed(replace(SNAPSHOT, caches=(replace(CACHE, name=""), OWN)))
    assert any(line.startswith("◆A (string not known)  shared cache") for line in lines)


def test_older_connections_whose_database_is_not_known_are_never_counted_as_so_many_databases() -> None:
    names = [ConnectionId(f"p1.c{number}") for number in range(1, 5)]
    fresh = replace(CACHE, id="p1.D", members=(Member(names[3], "main"),), sqlite_count=4)
    apart = [
        replace(CACHE, id=f"p1.{letter}", members=(Member(name, "main"),), evidence=Evidence.UNKNOWN)
        for letter, name in zip("ABC", names, strict=False)
    ]
    snapshot = replace(SNAPSHOT, connections=tuple(replace(C1, id=n) for n in names), caches=(*apart, fresh))
    assert caches_state(snapshot) == "4 in at most 4 caches · 3 not known"
    assert any("(SQLite counts 4: 3 more, perhaps p1.c1 … p1.c3)" in line for line in listed(snapshot))
    assert not any("not opened here" in line for line in listed(snapshot))
    alone = replace(snapshot, connections=(replace(C1, id=names[3]),), caches=(fresh,))
    assert any("(SQLite counts 4: 3 were opened unseen)" in line for line in listed(alone))
    header = header_row(FACTS, databases=4, connections=4, is_live=True, are_databases_known=False)
    assert "≤4 db · 4 conn" in words(header, 160)


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


def test_a_connection_out_of_its_pool_is_never_called_idle() -> None:
    def said(*, is_out: bool | None) -> str:
        calm = replace(C1, transaction=TransactionState.NONE, origin=replace(ORIGIN, is_checked_out=is_out))
        return next(line for line in listed(replace(SNAPSHOT, connections=(calm, COPY))) if "└!p1.c1" in line)

    assert "p1.c1   checked out" in said(is_out=True)
    assert "p1.c1   idle" in said(is_out=False)
    assert "p1.c1   idle" in said(is_out=None)


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


def test_an_empty_pane_of_a_program_that_is_over_does_not_say_that_its_database_lives() -> None:
    over = replace(C1, closed=ENDED_WITH_PROCESS)
    text = "\n".join(words(row, 200) for row in empty_rows("db1", over, has_tables=None, run=None, program=PROGRAM))
    assert "It lived in app.py (pid 4711), and died with it." in text


def test_an_empty_pane_of_a_copy_says_that_it_is_one() -> None:
    text = "\n".join(words(row, 200) for row in empty_rows("copy", COPY, has_tables=None, run=None))
    assert "It is a copy" in text


def test_the_header_names_the_program_in_place_of_this_process() -> None:
    row = words(header_row(FACTS, databases=1, connections=1, is_live=True, programs=(PROGRAM, PROGRAM)), 160)
    assert "in app.py  pid 4711 · running · 2 processes · SQLite 3.40.1" in row
    assert "in this process" not in row


def test_a_copy_has_a_sign_of_its_own_and_its_name_is_read_from_the_left() -> None:
    long = replace(OWN, name="copy of a_shop_with_a_long_name 12:00:00")
    lines = listed(replace(SNAPSHOT, caches=(CACHE, long)), 48)
    assert any(line.startswith("⧉A copy of a_shop") for line in lines)
    assert any(line.startswith("◆A db1") for line in lines)
    assert badge(COPY, OWN)[0].startswith("⧉A")


def test_the_header_tells_of_the_program_that_was_started_again() -> None:
    over = replace(PROGRAM, state=ProgramState.ENDED, exit_status=1)
    again = replace(PROGRAM, id="p2", pid=4712)

    def said(*programs: Program) -> str:
        return words(header_row(FACTS, databases=1, connections=1, is_live=True, programs=programs), 160)

    assert "pid 4712 · running" in said(over, again)
    assert "pid 4712 · exit status 0" in said(over, replace(again, state=ProgramState.ENDED, exit_status=0))
    assert "pid 4711 · exit status 1" in said(over, replace(again, argv=("other.py",)))


def test_the_name_of_a_program_is_whole_before_the_versions_are_said() -> None:
    program = replace(PROGRAM, argv=("weblisten.py",), cwd="/home/somebody/projects/shop", sqlalchemy_version="2.1.9")
    for width in (70, 90, 110):
        row = words(header_row(FACTS, databases=2, connections=7, is_live=True, programs=(program,)), width)
        assert "in weblisten.py" in row
    helper = replace(PROGRAM, argv=("-c", "from multiprocessing.resource_tracker import main;main(5)"))
    assert "resource tracker" in words(program_heading(helper, SNAPSHOT), 56)


def test_places_are_short_in_lists() -> None:
    assert place_words(OPENER) == "app.py:12"
    assert not place_words(None)


@pytest.mark.parametrize("width", [57, 100])
def test_a_long_place_is_cut_at_its_beginning_and_takes_no_place_from_others(width: int) -> None:
    opener = CodePlace("<generated wrapper of orm.session.SessionTransaction._connection_for_bind>", 2, "wrapper")
    long = replace(C1, id=ConnectionId("p1.c2"), origin=replace(ORIGIN, opener=opener))
    member = replace(CACHE.members[0], connection=long.id)
    cache = replace(CACHE, members=(*CACHE.members, member))
    lines = listed(replace(SNAPSHOT, connections=(C1, long, COPY), caches=(cache, *SNAPSHOT.caches[1:])), width=width)
    short_line, long_line = (next(line for line in lines if f"{name} ●" in line) for name in ("p1.c1", "p1.c2"))
    assert "app.py:12" in short_line
    assert long_line.endswith("_for_bind>:2")
    assert short_line.index("app.py:12") == long_line.index("…")
    assert len(long_line) - long_line.index("…") <= 24


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
        (("-c", "from multiprocessing.spawn import spawn_main; spawn_main(1)"), "spawned child"),
        (("-c", "from multiprocessing.resource_tracker import main;main(5)"), "resource tracker"),
        (("-c", "import app"), "-c"),
    ],
)
def test_a_program_is_named_by_its_script_or_module(argv: tuple[str, ...], name: str) -> None:
    assert replace(PROGRAM, argv=argv).name == name


CALM = replace(C1, transaction=TransactionState.NONE)


def numbered(number: int, like: Connection = CALM) -> Connection:
    return replace(like, id=ConnectionId(f"p1.c{number}"))


def on_one_cache(*connections: Connection) -> Snapshot:
    cache = replace(CACHE, members=tuple(Member(each.id, "main") for each in connections))
    return replace(SNAPSHOT, connections=connections, caches=(cache,), programs=(replace(PROGRAM, leaks=()),))


def each_on_its_own(*connections: Connection) -> Snapshot:
    caches = tuple(
        Cache(
            f"{each.id}X", CacheKind.PRIVATE, ":memory:", (Member(each.id, "main"),), None, 0, Evidence.OBSERVED, "p1"
        )
        for each in connections
    )
    return replace(SNAPSHOT, connections=connections, caches=caches, programs=(replace(PROGRAM, leaks=()),))


def keys(snapshot: Snapshot, **settings: object) -> list[str]:
    """The keys of the lines the cursor can be on."""
    listing = replace(CacheListing(now=1_000_010.0, panes={}, width=100), **settings)  # type: ignore[arg-type]
    return [line.key for line in cache_lines(snapshot, listing) if line.is_selectable]


def only(key: str) -> frozenset[str]:
    """The fold of this line as the only one that is open."""
    fold = fold_of(key)
    assert fold is not None
    return frozenset({fold})


def test_connections_that_are_alike_are_one_line_which_says_how_many() -> None:
    snapshot = on_one_cache(*map(numbered, range(1, 201)))
    lines = listed(snapshot)
    assert sum("p1.c" in line and "app.py:12" in line for line in lines) == 1
    assert any("200 connections" in line for line in lines)
    (fold,) = [line for line in lines if "more like" in line]
    assert fold.split() == ["└▸199", "more", "like", "p1.c1", "p1.c2", "…", "p1.c200"]
    few = on_one_cache(*map(numbered, range(1, 5)))
    assert keys(few) == ["p1.c1", "p1.c2", "p1.c3", "p1.c4"]


def test_what_differs_has_a_line_of_its_own() -> None:
    assert CALM.origin is not None
    elsewhere = replace(CALM, origin=replace(CALM.origin, opener=CodePlace("/proj/app.py", 13, "main")))
    out = replace(CALM, origin=replace(CALM.origin, is_checked_out=True))
    different = {
        30: elsewhere,
        40: out,
        50: replace(CALM, transaction=TransactionState.OPEN),
        60: replace(CALM, running="SELECT 1"),
        70: replace(CALM, origin=replace(CALM.origin, opener=None)),
    }
    snapshot = on_one_cache(*(numbered(number, different.get(number, CALM)) for number in range(1, 101)))
    ids = [key for key in keys(snapshot) if fold_of(key) is None]
    assert ids == ["p1.c1", "p1.c30", "p1.c40", "p1.c50", "p1.c60", "p1.c70"]

    in_a_pane = keys(snapshot, panes={ConnectionId("p1.c20"): "pane 1"})
    waiting = keys(snapshot, copying={ConnectionId("p1.c21"): "A copy waits."})
    leaking = Leak(LeakKind.STILL_OPEN, ConnectionId("p1.c22"), "It is still open.")
    told = keys(replace(snapshot, programs=(replace(PROGRAM, leaks=(leaking,)),)))
    assert ("p1.c20" in in_a_pane, "p1.c21" in waiting, "p1.c22" in told) == (True, True, True)
    assert "p1.c33" in keys(snapshot, kept=ConnectionId("p1.c33"))


def test_databases_of_their_own_that_are_alike_are_one_and_together_when_unfolded() -> None:
    other = replace(CALM, id=ConnectionId("p1.c0"), string="other")
    private = each_on_its_own(*map(numbered, range(1, 31)))
    shared = replace(CACHE, id="p1.Z", members=(Member(other.id, "main"),))
    snapshot = replace(
        private,
        connections=(*private.connections[:10], other, *private.connections[10:]),
        caches=(*private.caches[:10], shared, *private.caches[10:]),
    )
    first, fold, last = keys(snapshot)
    assert (first, fold_of(fold) is not None, last) == ("p1.c1", True, "p1.c0")
    unfolded = keys(snapshot, unfolded=only(fold))
    assert unfolded == ["p1.c1", fold, *(f"p1.c{number}" for number in range(2, 31)), "p1.c0"]
    assert keys(snapshot, unfolded=only(fold), kept=ConnectionId("p1.c9")) == unfolded
    assert sum("private" in line for line in listed(snapshot)) == 1


@pytest.mark.parametrize(
    ("gather", "alike"),
    [(on_one_cache, "in the same state"), (each_on_its_own, "each with a database of its own")],
)
def test_the_line_for_many_says_under_the_cursor_what_enter_does(gather: Callable[..., Snapshot], alike: str) -> None:
    snapshot = gather(*map(numbered, range(1, 9)))
    fold = keys(snapshot)[1]
    folded = CacheListing(now=0.0, panes={}, width=100, detailed=fold)
    for listing, enter in (
        (folded, "Enter lists them."),
        (replace(folded, unfolded=only(fold)), "Enter folds them."),
    ):
        (told,) = [words(line.build()) for line in cache_lines(snapshot, listing) if line.owner == fold]
        assert alike in told
        assert told.endswith(enter)


def test_a_fold_stays_open_when_the_first_of_it_is_closed() -> None:
    connections = tuple(map(numbered, range(1, 31)))
    fold = fold_of(keys(on_one_cache(*connections))[1])
    assert fold == fold_of(keys(on_one_cache(*connections[1:]))[1])
