"""Statements on a program's database: what they answer, and that the program goes on."""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from probe_hub import Hub
from program import COUNT, ENDLESS, SECONDS, SHARED, connect, pager, target, thread

from memdb_tui.probe.live import Live, as_text, schema
from memdb_tui.probe.refusals import _tokens
from memdb_tui.probe.visit import Target, store_uri

OPERATIONS = 2000
NUMBERS = itertools.count()
Write = Callable[[str], Path]


@pytest.fixture
def program() -> Iterator[sqlite3.Connection]:
    """The program's own connection to the database `live`."""
    raw = connect("live")
    raw.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, x)")
    yield raw
    raw.close()


def live(
    where: Target, sql: str, *, write: bool = False, max_rows: int = 10_000, max_bytes: int = 4 << 20
) -> dict[str, Any]:
    return Live(where, sql, write=write, max_rows=max_rows, max_bytes=max_bytes, connect=sqlite3.connect).run()


def test_every_kind_of_value_comes_in_a_form_json_holds(program: sqlite3.Connection) -> None:
    sql = "SELECT NULL n, 9223372036854775807, 1.5, 9e999, -9e999, 'é', x'00ff', CAST(x'ff' AS TEXT), char(0)"
    found = live(target(program, "live"), sql)
    assert found["status"] == "done"
    assert found["columns"][0] == "n"
    values = [None, 2**63 - 1, 1.5, {"r": "1e999"}, {"r": "-1e999"}, "é", {"b": "00ff"}, {"t": "ff"}, "\0"]
    assert found["rows"] == [values]
    assert (found["truncated"], found["error"], found["changes"], found["sqlite_count"]) == (False, None, None, 1)


def test_nothing_is_written_unless_asked_for(program: sqlite3.Connection) -> None:
    where = target(program, "live")
    for sql in ("INSERT INTO t VALUES(1, 1)", "DROP TABLE t", "CREATE TEMP TABLE q(x)", "PRAGMA user_version=5"):
        error = live(where, sql)["error"]
        assert error["code"] == "SQLITE_READONLY", sql
    assert program.execute("SELECT count(*) FROM t").fetchone() == (0,)
    for sql, changes in (
        ("INSERT INTO t VALUES(1, 1), (2, 2)", 2),
        ("WITH c AS (SELECT 3) INSERT INTO t SELECT *, 0 FROM c", 1),
        ("UPDATE t SET x = 9 RETURNING id", 3),
        ("CREATE TABLE u(x)", None),
        ("DROP TABLE u", None),
    ):
        found = live(where, sql, write=True)
        assert (found["status"], found["changes"]) == ("done", changes), sql
    assert program.execute("SELECT id, x FROM t").fetchall() == [(1, 9), (2, 9), (3, 9)]


@pytest.mark.parametrize(
    "sql",
    [
        "PRAGMA journal_mode=OFF",
        "pragma main.max_page_count(1)",
        "-- a comment\nPRAGMA /* */ cache_size = 1",
        "EXPLAIN PRAGMA secure_delete=1",
        "EXPLAIN QUERY PLAN PRAGMA secure_delete=1",
        '\ufeff PRAGMA "journal_mode" = off',
    ],
)
def test_settings_that_the_program_shares_are_not_changed_unasked(program: sqlite3.Connection, sql: str) -> None:
    assert live(target(program, "live"), sql)["error"]["code"] == "SQLITE_READONLY"
    program.execute("BEGIN")
    program.execute("INSERT INTO t VALUES(1, 1)")
    program.execute("ROLLBACK")
    assert program.execute("SELECT count(*) FROM t").fetchone() == (0,)


@pytest.mark.parametrize("sql", ["PRAGMA table_info(t)", "PRAGMA main.index_list('t')", "PRAGMA user_version;"])
def test_pragmas_that_read_are_run(program: sqlite3.Connection, sql: str) -> None:
    assert live(target(program, "live"), sql)["status"] == "done"


@pytest.mark.parametrize(
    "sql", ["ATTACH 'stray.db' AS s", "VACUUM INTO 'stray.db'", "BEGIN", "/* */ COMMIT", "vacuum"]
)
def test_what_makes_no_sense_live_is_refused_in_words(program: sqlite3.Connection, sql: str) -> None:
    found = live(target(program, "live"), sql, write=True)
    assert found["status"] == "failed"
    assert found["error"]["message"].endswith(".")
    assert "Copy the database" in found["error"]["hint"]


def test_a_failure_has_sqlites_words_and_the_place(program: sqlite3.Connection) -> None:
    found = live(target(program, "live"), "SELECT 1, nope FROM t")
    assert found["status"] == "failed"
    assert found["error"]["message"] == "no such column: nope"
    assert found["error"]["code"] == "SQLITE_ERROR"
    assert found["error"]["offset"] == 10


@pytest.mark.parametrize(
    "sql", ["SELECT ?", "SELECT 1; SELECT 2", "SELECT '\ud800'", "SELECT hex(zeroblob(90000000))"]
)
def test_a_failure_of_any_kind_is_an_answer(program: sqlite3.Connection, sql: str) -> None:
    found = live(target(program, "live"), sql)
    assert found["status"] == "failed"
    assert found["error"]["message"]


def test_rows_are_read_up_to_a_number_and_a_size(program: sqlite3.Connection) -> None:
    where = target(program, "live")
    three = COUNT.format(" WHERE x < 3")
    for limit, is_cut in ((2, True), (3, False), (4, False)):
        found = live(where, three + "SELECT x FROM c", max_rows=limit)
        assert (len(found["rows"]), found["truncated"]) == (min(limit, 3), is_cut)
    found = live(where, three + "SELECT zeroblob(400) FROM c", max_bytes=1600)
    assert (len(found["rows"]), found["truncated"]) == (2, True)
    found = live(where, "SELECT zeroblob(900)", max_bytes=1000)
    assert found["status"] == "failed"
    assert "the first row alone" in found["error"]["message"]


def test_rows_that_the_program_has_not_committed_are_seen(program: sqlite3.Connection) -> None:
    program.execute("BEGIN")
    program.executemany("INSERT INTO t VALUES(?, 'x')", [(n,) for n in range(500)])
    assert live(target(program, "live"), "SELECT count(*) FROM t")["rows"] == [[500]]


def test_the_programs_insert_passes_while_a_live_read_is_under_way(program: sqlite3.Connection) -> None:
    program.executemany("INSERT INTO t VALUES(?, 0)", [(n,) for n in range(1000)])
    where = target(program, "live")
    # A thousand million rows, each of a short step: a long one would hold the program up.
    sql = "SELECT 1 FROM t, t, t"
    begun: list[Live] = []
    found: list[dict[str, Any]] = []

    def read() -> None:
        begun.append(Live(where, sql, write=False, max_rows=1 << 40, max_bytes=1 << 40, connect=sqlite3.connect))
        found.append(begun[-1].run())

    reading = threading.Thread(target=read)
    reading.start()
    try:
        # From its first row on it is under way. What it is known to be in the way of tells that it still is.
        while not (begun and begun[-1]._result["rows"]):
            assert reading.is_alive()
        assert is_in_the_way(program)
        program.execute("INSERT INTO t VALUES(1000, 0)")
        program.execute("UPDATE t SET x = 3")
        assert is_in_the_way(program)
        program.execute("DELETE FROM t WHERE id < 1000")
    finally:
        begun[-1].interrupt()
        reading.join(SECONDS)
    # It sees what is not committed: where nearly all is deleted it may come to its end before it is stopped.
    assert found[-1]["status"] in {"interrupted", "done"}
    assert len(found[-1]["rows"]) > 0
    assert program.execute("SELECT * FROM t").fetchall() == [(1000, 3)]


def is_in_the_way(program: sqlite3.Connection) -> bool:
    """A live read holds the schema at this moment."""
    try:
        program.execute(f"CREATE TABLE tried_{next(NUMBERS)}(x)")
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    return False


def test_a_change_of_tables_that_is_not_committed_is_a_clear_failure(program: sqlite3.Connection) -> None:
    where = target(program, "live")
    program.execute("BEGIN")
    program.execute("CREATE TABLE u(x)")
    for found in (live(where, "SELECT 1"), schema(where, sqlite3.connect)):
        assert found["status"] == "failed"
        assert "the program has changed tables, or begun an EXCLUSIVE transaction" in found["error"]["message"]
        assert found["error"]["code"].startswith("SQLITE_LOCKED")
    program.execute("COMMIT")
    assert live(where, "SELECT 1")["status"] == "done"


def test_a_database_is_gone_with_its_last_connection_and_the_name_stays_dead() -> None:
    first, second = connect("dying"), connect("dying")
    first.execute("CREATE TABLE t(x)")
    where = target(first, "dying")
    first.close()
    assert live(where, "SELECT count(*) FROM t")["rows"] == [[0]]
    second.close()
    for found in (live(where, "SELECT 1"), live(where, "CREATE TABLE t(x)", write=True)):
        assert (found["status"], found["rows"]) == ("gone", [])
    assert schema(where, sqlite3.connect)["status"] == "gone"
    again = connect("dying")
    assert again.execute("SELECT * FROM sqlite_schema").fetchall() == []
    again.close()


@pytest.mark.parametrize("is_pager_known", [True, False])
def test_another_database_that_has_the_name_by_now_is_not_taken_for_it(*, is_pager_known: bool) -> None:
    other, reborn = connect("other"), connect("reborn")
    # An address is used again as soon as it is free; that of an open database is another for certain.
    where = Target(
        SHARED.format("reborn"),
        pager=pager(other) if is_pager_known else None,
        is_store=False,
        has_known_members=lambda: False,
    )
    assert live(where, "SELECT 1")["status"] == "gone"
    other.close()
    reborn.close()


@pytest.mark.parametrize(("name", "uri"), [("/m", "file:/m?vfs=memdb"), ("/m#1%?", "file:/m%231%25%3f?vfs=memdb")])
def test_a_store_is_reached_by_the_name_sqlite_shows(name: str, uri: str) -> None:
    assert store_uri(name) == uri


@pytest.mark.parametrize("uri", ["file:/m?vfs=memdb", "file:/m%201?vfs=memdb", "file:///m?vfs=memdb"])
def test_a_store_is_read_whether_or_not_sqlite_shows_its_name(hub: Hub, written: Write, uri: str) -> None:
    """From SQLite 3.53 on it shows none."""
    running = hub.run(
        written(f"""
            import sqlite3
            kept = sqlite3.connect({uri!r}, uri=True)
            kept.execute("CREATE TABLE t(x)")
            kept.execute("INSERT INTO t VALUES(7)")
            kept.commit()
            print("ready", flush=True)
            input()
            kept.close()
            sqlite3.connect("file:/n?vfs=memdb", uri=True)
            print("closed", flush=True)
            input()
        """)
    )
    assert running.line() == "ready"
    client = hub.met()

    found = client.ask("live", connection="c1", sql="SELECT x FROM t", milliseconds=10_000)
    (main,) = client.state()["connections"][0]["schemas"]

    assert (found["status"], found["rows"]) == ("done", [[7]])
    assert main["memdb"] is not None
    running.say()
    assert running.line() == "closed"
    assert client.ask("live", connection="c1", sql="SELECT x FROM t", milliseconds=10_000)["status"] == "gone"
    running.say()
    assert running.end()[0] == 0


def test_an_empty_store_that_nobody_has_is_gone() -> None:
    raw = sqlite3.connect("file:/live%3f store?vfs=memdb", uri=True, isolation_level=None)
    uri = store_uri("/live? store")
    is_open = True
    where = Target(uri, pager=None, is_store=True, has_known_members=lambda: is_open)
    assert live(where, "SELECT count(*) FROM sqlite_schema")["rows"] == [[0]]
    raw.execute("CREATE TABLE t(x)")
    is_open = False
    # Somebody has it whom the probe does not know.
    assert live(where, "SELECT name FROM sqlite_schema")["rows"] == [["t"]]
    raw.close()
    assert live(where, "SELECT 1")["status"] == "gone"


def interrupted(where: Target, sql: str) -> dict[str, Any]:
    """What comes of a statement that is interrupted 0.1 s after its first call of `begun()`, which gives 0."""
    timers: list[threading.Timer] = []

    def begun() -> int:
        if not timers:
            timers.append(threading.Timer(0.1, statement.interrupt))
            timers[0].start()
        return 0

    def connecting(*args: Any, **keywords: Any) -> sqlite3.Connection:
        raw: sqlite3.Connection = sqlite3.connect(*args, **keywords)
        raw.create_function("begun", 0, begun)
        return raw

    statement = Live(where, sql, write=False, max_rows=10, max_bytes=1 << 20, connect=connecting)
    found = statement.run()
    timers[0].join()
    return found


def test_an_endless_statement_is_interrupted(program: sqlite3.Connection) -> None:
    found = interrupted(target(program, "live"), COUNT.format("") + "SELECT sum(x + begun()) FROM c")
    assert found["status"] == "interrupted"
    assert 0.09 < found["block_seconds"] <= found["elapsed_seconds"] < SECONDS
    program.execute("CREATE TABLE u(x)")


def test_an_interrupt_at_any_moment_is_never_lost(program: sqlite3.Connection) -> None:
    where = target(program, "live")
    for number in range(300):
        statement = Live(where, ENDLESS, write=False, max_rows=1, max_bytes=1 << 20, connect=sqlite3.connect)
        if number == 0:
            statement.interrupt()
            assert statement.run()["status"] == "interrupted"
            continue
        timer = threading.Timer(number * 2e-6, statement.interrupt)
        timer.start()
        assert statement.run()["status"] == "interrupted"
        timer.join()
        statement.interrupt()


def test_rows_read_before_an_interrupt_are_kept(program: sqlite3.Connection) -> None:
    found = interrupted(target(program, "live"), COUNT.format("") + "SELECT x FROM c WHERE x <= 3 OR begun()")
    assert found["status"] == "interrupted"
    # sqlite3 itself drops the row before the step that fails.
    assert found["rows"] == [[1], [2]]
    assert found["truncated"]


def test_the_schema_comes_with_columns_kinds_and_problems(program: sqlite3.Connection) -> None:
    program.execute('CREATE TABLE "a ""b"(k TEXT, n INT NOT NULL, g AS (n+1), PRIMARY KEY(k)) WITHOUT ROWID')
    program.execute("CREATE VIEW v AS SELECT x FROM gone")
    program.execute("CREATE VIRTUAL TABLE f USING fts5(body)")
    found = schema(target(program, "live"), sqlite3.connect)
    tables = {table["name"]: table for table in found["tables"]}
    assert found["status"] == "done"
    assert tables['a "b']["columns"] == [
        {"name": "k", "type": "TEXT", "pk": 1, "notnull": 1, "generated": 0},
        {"name": "n", "type": "INT", "pk": 0, "notnull": 1, "generated": 0},
        {"name": "g", "type": "", "pk": 0, "notnull": 0, "generated": 1},
    ]
    assert tables["t"]["kind"] == "table"
    assert tables["f"]["kind"] == "virtual"
    assert [column["name"] for column in tables["f"]["columns"]] == ["body"]
    assert tables["v"]["kind"] == "view"
    assert "gone" in tables["v"]["problem"]


def test_a_program_that_writes_with_a_python_function_is_never_stuck_while_it_is_read() -> None:
    keeper = connect("busy")
    keeper.execute("CREATE TABLE t(x)")
    where = target(keeper, "busy")
    rounds = 0

    def write(stop: threading.Event) -> None:
        nonlocal rounds
        raw = connect("busy")
        raw.create_function("double", 1, lambda x: 2 * x)
        while not stop.is_set():
            raw.execute("BEGIN IMMEDIATE")
            raw.executemany("INSERT INTO t VALUES(double(?))", [(n,) for n in range(20)])
            raw.execute("SELECT max(double(x)) FROM t").fetchone()
            raw.execute("COMMIT")
            raw.execute("DELETE FROM t WHERE double(x) < 1000")
            rounds += 1
        raw.close()

    seen: dict[str, int] = {}
    with thread(write):
        for number in range(OPERATIONS):
            found = live(where, "SELECT x FROM t" if number % 2 else "SELECT count(*), sum(x) FROM t")
            seen[found["status"]] = seen.get(found["status"], 0) + 1
            assert found["error"] is None, found["error"]
    assert seen == {"done": OPERATIONS}
    assert rounds > 0
    assert keeper.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    keeper.close()


def test_an_answer_is_made_row_by_row_and_each_is_told_as_a_block(program: sqlite3.Connection) -> None:
    held: list[float] = []
    found = live(target(program, "live"), COUNT.format(" WHERE x < 30") + "SELECT x, 'é', x'00' FROM c")

    text = as_text(found, held.append)

    assert json.loads(text) == found
    assert len(held) == len(found["rows"]) + 1


def test_what_is_asked_imports_nothing_that_the_program_may_have_a_file_of_its_own_for(
    hub: Hub, written: Write
) -> None:
    for name in ("typing", "re", "enum"):
        (hub.folder / f"{name}.py").write_text("print('of the program')\n")
    program = written("""
        import sqlite3, sys
        kept = sqlite3.connect("file:m?mode=memory&cache=shared", uri=True)
        print("ready", flush=True)
        sys.stdin.readline()
    """)
    running = hub.run(program)
    client = hub.met()
    assert running.line() == "ready"
    assert client.ask("schema", connection="c1")
    assert client.ask("copy", connection="c1")
    running.say()
    client.read_to_end()
    assert running.end() == (0, "", "")


@given(
    st.lists(st.sampled_from(["--", "/*", "*/", "/", "*", "-", "\n", " ", ";", "\ufeff", "EXPLAIN", "é_1", "(", "'"]))
)
def test_the_words_of_a_statement_are_those_that_a_regular_expression_finds(parts: list[str]) -> None:
    sql = "".join(parts)
    tokens = re.findall(r"--[^\n]*|/\*.*?(?:\*/|\Z)|\w+|[^\s\w]", sql, re.DOTALL)
    assert list(_tokens(sql)) == [token for token in tokens if not token.startswith(("--", "/*"))]
