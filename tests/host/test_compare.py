"""In what two databases differ: the merge against a model, and comparisons of real databases."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_process import SECONDS, SHARED, InProcess

from memdb_tui.client.launch import spawn_host
from memdb_tui.client.session import HostSession
from memdb_tui.errors import MemdbError, QueryError, UsageError
from memdb_tui.host import table_compare
from memdb_tui.host.compare import compare_databases
from memdb_tui.host.row_merge import Keyed, Row, is_same, merged, order_of
from memdb_tui.model import Change, Comparison, ConnectionId, Snapshot, TableComparison

NUMBERS = itertools.count(1)
ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT sum(x) FROM c"
VALUES = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary()
)
SMALL = st.sampled_from([None, 0, 1, 1.0, 2, "", "a", "A", "é", b"", b"a", 2**62, float(2**62), float("inf")])


def keyed(rows: dict[Any, Any]) -> list[Keyed]:
    return sorted(((order_of((k,)), (k,), (v,)) for k, v in rows.items()), key=itemgetter(0))


@given(before=st.dictionaries(st.integers(0, 30), SMALL), after=st.dictionaries(st.integers(0, 30), SMALL))
def test_rows_with_keys_of_their_own_are_merged_as_dicts_would_be(
    before: dict[int, object], after: dict[int, object]
) -> None:
    found = {d.key[0]: d for d in merged(keyed(before), keyed(after))}
    for key in before.keys() | after.keys():
        if key not in before:
            assert (found[key].change, found[key].before, found[key].after) == (Change.ADDED, None, (after[key],))
        elif key not in after:
            assert (found[key].change, found[key].before, found[key].after) == (Change.REMOVED, (before[key],), None)
        elif type(before[key]) is type(after[key]) and before[key] == after[key]:
            assert key not in found
        else:
            difference = found[key]
            assert difference.change is Change.CHANGED
            assert (difference.before, difference.after) == ((before[key],), (after[key],))
    assert list(found) == sorted(found)


def exact(row: Row) -> tuple[object, ...]:
    return tuple((type(value), value) for value in row)


@given(before=st.lists(st.tuples(SMALL, SMALL), max_size=12), after=st.lists(st.tuples(SMALL, SMALL), max_size=12))
def test_differences_applied_to_one_side_give_the_other_even_where_keys_repeat(
    before: list[Row], after: list[Row]
) -> None:
    def side(rows: list[Row]) -> list[Keyed]:
        return sorted(((order_of(row[:1]), row[:1], row) for row in rows), key=itemgetter(0))

    left, counts = Counter(map(exact, before)), Counter[Change]()
    for difference in merged(side(before), side(after)):
        counts[difference.change] += 1
        if difference.before is not None:
            left[exact(difference.before)] -= 1
        if difference.after is not None:
            left[exact(difference.after)] += 1
    assert +left == Counter(map(exact, after))
    assert counts[Change.ADDED] - counts[Change.REMOVED] == len(after) - len(before)
    same = (Counter(map(exact, before)) & Counter(map(exact, after))).total()
    assert counts[Change.CHANGED] + counts[Change.REMOVED] == len(before) - same


@given(values=st.lists(VALUES, max_size=20))
def test_the_order_of_keys_is_sqlites(values: list[Any]) -> None:
    with closing(sqlite3.connect(":memory:")) as raw:
        raw.execute("CREATE TABLE t(x)")
        raw.executemany("INSERT INTO t VALUES(?)", [(value,) for value in values])
        read = [row[0] for row in raw.execute("SELECT x FROM t ORDER BY x COLLATE BINARY")]
    orders = [order_of((value,)) for value in read]
    assert orders == sorted(orders)


def test_equal_values_of_another_kind_are_not_the_same() -> None:
    assert is_same((1, "a", None, b""), (1, "a", None, b""))
    assert not is_same((1,), (1.0,))
    assert not is_same((None,), (0,))


@pytest.fixture
def sides() -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
    first, second = (sqlite3.connect(":memory:", isolation_level=None) for _ in range(2))
    yield first, second
    first.close()
    second.close()


def compared(before: sqlite3.Connection, after: sqlite3.Connection) -> Comparison:
    return compare_databases(before, after, (ConnectionId("c1"), ConnectionId("c2")), check=lambda: None)


def found_in(
    sides: tuple[sqlite3.Connection, sqlite3.Connection], both: str, before: str = "", after: str = ""
) -> Comparison:
    for raw, own in zip(sides, (before, after), strict=True):
        raw.executescript(both)
        raw.executescript(own)
    return compared(*sides)


def only(comparison: Comparison) -> TableComparison:
    (table,) = comparison.tables
    return table


def texts(table: TableComparison) -> list[tuple[str, str, str, str]]:
    """Each difference as words: what, key, before, after."""
    return [
        (d.change.value, *(" ".join(cell.text or "NULL" for cell in cells) for cells in (d.key, d.before, d.after)))
        for d in table.differences
    ]


def counts(table: TableComparison) -> tuple[int, int, int]:
    return table.rows_added, table.rows_removed, table.rows_changed


def test_rows_are_matched_by_the_primary_key(sides: tuple[sqlite3.Connection, sqlite3.Connection]) -> None:
    table = only(
        found_in(
            sides,
            "CREATE TABLE t(id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES(1, 'a'), (2, 'b'), (3, 'c')",
            "INSERT INTO t VALUES(9, 'gone')",
            "DELETE FROM t WHERE id = 1; UPDATE t SET x = 'B' WHERE id = 2; INSERT INTO t VALUES(4, 'd')",
        )
    )
    assert (table.key_columns, table.columns) == (("id",), ("id", "x"))
    assert counts(table) == (1, 2, 1)
    assert texts(table) == [
        ("removed", "1", "1 a", ""),
        ("changed", "2", "2 b", "2 B"),
        ("added", "4", "", "4 d"),
        ("removed", "9", "9 gone", ""),
    ]


def test_rows_without_a_primary_key_are_matched_by_rowid(
    sides: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    table = only(
        found_in(
            sides,
            "CREATE TABLE t(rowid TEXT, x); INSERT INTO t VALUES('r', 1), ('r', 2)",
            after="UPDATE t SET x = 2.0 WHERE x = 2",
        )
    )
    assert table.key_columns == ("rowid",)
    assert texts(table) == [("changed", "2", "r 2", "r 2.0")]


def test_a_table_without_rowid_and_a_key_of_two_columns(
    sides: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    table = only(
        found_in(
            sides,
            "CREATE TABLE t(x, b TEXT COLLATE NOCASE, a, PRIMARY KEY(a, b)) WITHOUT ROWID;"
            "INSERT INTO t VALUES(1, 'k', 1), (2, 'K', 2), (3, 'l', 2)",
            after="UPDATE t SET x = 9 WHERE b = 'l'; DELETE FROM t WHERE a = 1",
        )
    )
    assert table.key_columns == ("a", "b")
    assert texts(table) == [("removed", "1 k", "1 k 1", ""), ("changed", "2 l", "3 l 2", "9 l 2")]


def test_null_in_a_key_tells_no_rows_apart(sides: tuple[sqlite3.Connection, sqlite3.Connection]) -> None:
    table = only(
        found_in(
            sides,
            "CREATE TABLE t(k TEXT PRIMARY KEY, x); INSERT INTO t VALUES(NULL, 1), (NULL, 2), ('k', 3)",
            after="UPDATE t SET x = 5 WHERE x = 1; INSERT INTO t VALUES(NULL, 6)",
        )
    )
    assert counts(table) == (1, 0, 1)
    assert texts(table) == [("changed", "NULL", "NULL 1", "NULL 5"), ("added", "NULL", "", "NULL 6")]


def test_generated_columns_follow_from_the_others(sides: tuple[sqlite3.Connection, sqlite3.Connection]) -> None:
    table = only(
        found_in(
            sides,
            "CREATE TABLE t(id INTEGER PRIMARY KEY, x, v AS (x + 1), s AS (x + 2) STORED);INSERT INTO t(x) VALUES(1)",
            after="UPDATE t SET x = 2",
        )
    )
    assert table.columns == ("id", "x")
    assert texts(table) == [("changed", "1", "1 1", "1 2")]


def test_columns_of_one_side_alone_are_named_and_the_others_compared(
    sides: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    comparison = found_in(
        sides,
        "",
        "CREATE TABLE T(id INTEGER PRIMARY KEY, a, Old); INSERT INTO T VALUES(1, 'x', 0), (2, 'y', 0)",
        "CREATE TABLE t(new, A, ID INTEGER PRIMARY KEY); INSERT INTO t VALUES(0, 'x', 1), (0, 'z', 2)",
    )
    table = only(comparison)
    assert table.change is Change.CHANGED
    assert (table.columns, table.only_before, table.only_after) == (("id", "a"), ("Old",), ("new",))
    assert texts(table) == [("changed", "2", "2 y", "2 z")]
    (difference,) = comparison.schema
    assert (difference.kind, difference.change) == ("table", Change.CHANGED)
    assert difference.before.startswith("CREATE TABLE T(")
    assert difference.after.startswith("CREATE TABLE t(")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("CREATE TABLE t(a PRIMARY KEY, b) WITHOUT ROWID", "CREATE TABLE t(a, b PRIMARY KEY)", "another key"),
        ("CREATE TABLE t(rowid, _rowid_, oid)", "CREATE TABLE t(rowid, _rowid_, oid)", "cannot be told apart"),
        ("CREATE TABLE t(rowid, _rowid_, oid)", "", "cannot be told apart"),
    ],
)
def test_rows_that_cannot_be_matched_are_not_compared(
    sides: tuple[sqlite3.Connection, sqlite3.Connection], before: str, after: str, words: str
) -> None:
    table = only(found_in(sides, "", before, after))
    assert words in table.not_compared
    assert not table.is_same


def test_tables_of_one_side_come_with_their_rows(sides: tuple[sqlite3.Connection, sqlite3.Connection]) -> None:
    comparison = found_in(
        sides,
        "",
        "CREATE TABLE gone(x); INSERT INTO gone VALUES(1)",
        "CREATE TABLE came(x PRIMARY KEY) WITHOUT ROWID; INSERT INTO came VALUES(2), (3)",
    )
    came, gone = comparison.tables
    assert (came.name, came.change, counts(came)) == ("came", Change.ADDED, (2, 0, 0))
    assert (gone.name, gone.change, counts(gone)) == ("gone", Change.REMOVED, (0, 1, 0))
    assert texts(gone) == [("removed", "1", "1", "")]


def test_indexes_triggers_and_views_are_compared_by_their_sql(
    sides: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    comparison = found_in(
        sides,
        "CREATE TABLE t(x UNIQUE, y); CREATE VIEW same AS SELECT 1",
        "CREATE INDEX i ON t(y); CREATE VIEW v AS SELECT 1",
        "CREATE INDEX i ON t(y, x); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
    )
    assert [(d.kind, d.name, d.change.value) for d in comparison.schema] == [
        ("trigger", "g", "added"),
        ("index", "i", "changed"),
        ("view", "v", "removed"),
    ]
    assert only(comparison).is_same
    assert not comparison.is_same


def test_virtual_tables_and_what_they_keep_are_said_not_to_be_compared(
    sides: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    comparison = found_in(
        sides,
        "CREATE VIRTUAL TABLE docs USING fts5(body); CREATE TABLE docs_of_mine(x)",
        after="INSERT INTO docs VALUES('x')",
    )
    tables = {table.name: table for table in comparison.tables}
    assert "module" in tables["docs"].not_compared
    assert "keeps its own data" in tables["docs_content"].not_compared
    assert tables["docs_of_mine"].is_same
    assert not comparison.is_same


def test_what_sqlite_counts_itself_is_compared_too(sides: tuple[sqlite3.Connection, sqlite3.Connection]) -> None:
    comparison = found_in(
        sides,
        "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO t VALUES(1)",
        after="INSERT INTO t VALUES(2); DELETE FROM t WHERE id = 2",
    )
    sequence, table = comparison.tables
    assert sequence.name == "sqlite_sequence"
    assert counts(sequence) == (0, 0, 1)
    assert table.is_same


@pytest.mark.parametrize("rowid", ["", "WITHOUT ROWID"])
def test_tables_in_an_order_that_only_the_program_knows_are_compared(
    sides: tuple[sqlite3.Connection, sqlite3.Connection], rowid: str
) -> None:
    for raw in sides:
        raw.create_collation("theirs", lambda a, b: (a < b) - (a > b))
        raw.executescript(f"CREATE TABLE t(k TEXT COLLATE theirs PRIMARY KEY, x) {rowid}")
        raw.executemany("INSERT INTO t VALUES(?, 0)", [(chr(97 + n),) for n in range(9)])
    sides[1].execute("UPDATE t SET x = 1 WHERE k = 'e'")
    for raw in sides:
        raw.create_collation("theirs", None)
    assert texts(only(compared(*sides))) == [("changed", "e", "e 0", "e 1")]


def test_a_view_or_trigger_of_what_is_missing_is_no_obstacle(
    sides: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    comparison = found_in(
        sides,
        "CREATE TABLE t(x CHECK (x <> ''), y DEFAULT (abs(1))); CREATE INDEX i ON t(abs(x));"
        "CREATE VIEW v AS SELECT theirs(x) FROM nowhere; INSERT INTO t(x) VALUES(1)",
    )
    assert comparison.is_same


@pytest.mark.parametrize("encodings", [("UTF-16le", "UTF-8"), ("UTF-16be", "UTF-16le"), ("UTF-8", "UTF-16be")])
def test_databases_of_different_encodings_are_compared_by_their_text(
    sides: tuple[sqlite3.Connection, sqlite3.Connection], encodings: tuple[str, str]
) -> None:
    names = ["é", "z", "\U0001f600", "\uffee", "", "a\0b", "\u0100", "\u00ff"]
    for raw, encoding in zip(sides, encodings, strict=True):
        raw.execute(f"PRAGMA encoding='{encoding}'")
        raw.execute("CREATE TABLE t(k TEXT PRIMARY KEY, x)")
        raw.executemany("INSERT INTO t VALUES(?, 1)", [(name,) for name in names])
    assert only(compared(*sides)).is_same
    sides[1].execute("UPDATE t SET x = 2 WHERE k = 'é'")
    assert counts(only(compared(*sides))) == (0, 0, 1)


def test_a_hundred_differences_are_kept_and_all_are_counted(
    sides: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    numbers = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x < 250)"
    table = only(
        found_in(sides, "CREATE TABLE t(x, y)", after=f"INSERT INTO t {numbers} SELECT x, CAST(x'ff' AS TEXT) FROM c")
    )
    assert counts(table) == (250, 0, 0)
    assert len(table.differences) == table_compare.MAX_DIFFERENCES
    assert texts(table)[0] == ("added", "1", "", "1 ff")


def test_reading_stops_at_a_cap_and_says_so(
    sides: tuple[sqlite3.Connection, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_compare, "MAX_ROWS", 10)
    for raw in sides:
        raw.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)")
        raw.executemany("INSERT INTO t VALUES(?)", [(n,) for n in range(20)])
    sides[1].execute("DELETE FROM t WHERE id = 3")
    table = only(compared(*sides))
    assert (counts(table), table.stopped_at) == ((0, 1, 0), "10 rows")
    assert not table.is_same


def compare(host: InProcess, before: ConnectionId, after: ConnectionId) -> Comparison:
    return host.session.compare(next(NUMBERS), before, after).result(SECONDS)


def test_two_databases_of_a_host_are_compared_while_both_stay_as_they_are(host: InProcess) -> None:
    before, after = host.open(":memory:"), host.open(SHARED.format("compared"))
    for connection in (before, after):
        host.do(connection, "CREATE TABLE t(id INTEGER PRIMARY KEY, x); INSERT INTO t VALUES(1, 'a')")
    assert compare(host, before, after).is_same
    # What a private connection has not committed is seen by it, so it is compared.
    host.do(before, "BEGIN; INSERT INTO t VALUES(2, 'b')")
    comparison = compare(host, before, after)
    assert (comparison.before, comparison.after) == (before, after)
    assert counts(only(comparison)) == (0, 1, 0)
    host.do(before, "ROLLBACK")
    assert len(host.picture().connections) == 2
    assert compare(host, before, after).is_same


def test_what_cannot_be_compared_is_refused_in_words(host: InProcess) -> None:
    one, other = host.open(SHARED.format("refused")), host.open(":memory:")
    with pytest.raises(UsageError, match="with itself"):
        compare(host, one, one)
    with pytest.raises(UsageError, match="There is no connection c9"):
        compare(host, one, ConnectionId("c9"))
    host.do(one, "CREATE TABLE t(x); BEGIN; INSERT INTO t VALUES(1)")
    with pytest.raises(QueryError, match="c1 cannot be copied") as caught:
        compare(host, other, one)
    assert "Commit" in caught.value.hint


def test_a_comparison_waits_for_a_busy_connection_and_can_be_stopped(host: InProcess) -> None:
    busy, idle = host.open(":memory:"), host.open(":memory:")
    run = host.start(busy, ENDLESS)
    number = next(NUMBERS)
    answer = host.session.compare(number, busy, idle)
    assert host.texts(host.do(idle, "SELECT 1")) == [("1",)]
    assert not answer.done()
    host.session.stop_comparing(number)
    with pytest.raises(QueryError, match="was stopped"):
        answer.result(SECONDS)
    host.session.stop_comparing(number)
    host.session.cancel(run)
    host.finished(run)


def test_closing_the_session_stops_a_comparison(host: InProcess) -> None:
    busy, idle = host.open(":memory:"), host.open(":memory:")
    run = host.start(busy, ENDLESS)
    answer = host.session.compare(next(NUMBERS), busy, idle)
    host.session.close()
    # The endless statement is stopped as well: should the comparison get its turn by that, it ends by itself.
    error = answer.exception(SECONDS)
    assert error is None or "was stopped" in str(error)
    assert host.finished(run).state.is_over


@pytest.fixture
async def client() -> AsyncIterator[tuple[HostSession, list[Snapshot]]]:
    process = spawn_host(preload=False)
    snapshots: list[Snapshot] = []
    session = HostSession(process.sock, on_snapshot=snapshots.append, on_run=lambda _: None, on_gone=lambda: None)
    await session.start()
    try:
        yield session, snapshots
    finally:
        await session.close()
        process.close()


async def opened(session: HostSession) -> ConnectionId:
    connection = (await session.open(":memory:")).connection
    assert connection is not None
    return connection


async def test_a_comparison_crosses_the_wire_however_large_its_rows(
    client: tuple[HostSession, list[Snapshot]],
) -> None:
    session, _ = client
    before, after = await opened(session), await opened(session)
    columns = ", ".join(f"c{n} DEFAULT (hex(zeroblob(1000)))" for n in range(200))
    tables = "; ".join(f"CREATE TABLE t{n}(id INTEGER PRIMARY KEY, {columns})" for n in range(3))
    numbers = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x < 150) SELECT x FROM c"
    fill = "; ".join(f"INSERT INTO t{n}(id) {numbers}" for n in range(3))
    await session.execute(session.new_run(), before, tables)
    run = session.new_run()
    await session.execute(run, after, f"{tables}; {fill}")
    comparison = await session.compare(before, after)
    assert [table.rows_added for table in comparison.tables] == [150] * 3
    kept = [len(table.differences) for table in comparison.tables]
    assert 0 < sum(kept) < 300
    await session.release(run)


async def test_a_comparison_nobody_waits_for_is_stopped(client: tuple[HostSession, list[Snapshot]]) -> None:
    session, snapshots = client
    busy, idle = await opened(session), await opened(session)
    run = session.new_run()
    running = asyncio.create_task(session.execute(run, busy, ENDLESS))
    comparing = asyncio.create_task(session.compare(busy, idle))
    await session.classify("x")
    comparing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await comparing
    await session.cancel(run)
    assert (await running).run.state.is_over
    with pytest.raises(MemdbError, match="with itself"):
        await session.compare(idle, idle)
    assert len(snapshots[-1].connections) == 2
