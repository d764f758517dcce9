"""What an owner sees of its connection, and when it need not look again."""

from __future__ import annotations

import contextlib
import sqlite3

from hypothesis import example, given, settings
from hypothesis import strategies as st
from in_process import SHARED, InProcess

from memdb_tui.host.observation import is_as_seen, observe
from memdb_tui.model import TransactionState

LOOP = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT sum(x) FROM c"
STATEMENTS = (
    "SELECT count(*) FROM sqlite_schema",
    "CREATE TABLE IF NOT EXISTS t(x)",
    "INSERT INTO t VALUES(1)",
    "BEGIN",
    "BEGIN IMMEDIATE",
    "COMMIT",
    "ROLLBACK",
    "ATTACH ':memory:' AS a",
    "ATTACH ':memory:' AS b",
    "DETACH a",
    "DETACH b",
    "CREATE TABLE a.u(x)",
    "INSERT INTO a.u VALUES(1)",
    "CREATE TEMP TABLE v(x)",
    "DROP TABLE temp.v",
    "PRAGMA user_version = 2",
    "VACUUM",
)


@given(sql=st.lists(st.sampled_from(STATEMENTS), max_size=8))
@settings(max_examples=300, deadline=None)
@example(sql=["ATTACH ':memory:' AS a", "BEGIN", "CREATE TABLE a.u(x)", "CREATE TABLE t(x)"])
@example(sql=["BEGIN", "SELECT count(*) FROM sqlite_schema", "CREATE TABLE t(x)"])
@example(sql=["CREATE TEMP TABLE v(x)", "DROP TABLE temp.v"])
def test_what_is_as_seen_is_seen_the_same_when_it_is_looked_at_whole(sql: list[str]) -> None:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as raw:
        seen = observe(raw)
        for statement in sql:
            with contextlib.suppress(sqlite3.Error):
                raw.execute(statement).fetchall()
            as_before = is_as_seen(raw, seen)
            now = observe(raw)
            if as_before:
                assert (now.schemas, now.has_temp, now.transaction) == (seen.schemas, seen.has_temp, seen.transaction)
            elif len(seen.schemas) == len(now.schemas) == 1 and not seen.has_temp and not now.has_temp:
                assert now.transaction is not seen.transaction
            seen = now


def test_within_a_script_the_picture_follows_each_statement(host: InProcess) -> None:
    connection = host.open(SHARED.format("obs1"))
    run = host.start(
        connection, f"CREATE TABLE t(x); BEGIN; INSERT INTO t VALUES(1); ATTACH ':memory:' AS two; {LOOP}; SELECT 1"
    )

    def shown() -> tuple[TransactionState, list[str], bool]:
        found = host.session.registry.snapshot().connection(connection)
        assert found is not None
        return found.transaction, [schema.name for schema in found.schemas], found.running.startswith("WITH")

    host.wait_until(lambda: shown() == (TransactionState.WRITE, ["main", "two"], True), "the picture during the loop")
    host.session.cancel(run)
    host.finished(run)


def test_a_long_script_ends_with_its_size_and_the_count_of_sqlite_taken_anew(host: InProcess) -> None:
    connection = host.open(SHARED.format("obs2"))
    before = host.cache_of(connection)
    host.do(connection, "CREATE TABLE t(x);" + "INSERT INTO t VALUES(zeroblob(100000));" * 50)
    after = host.cache_of(connection)
    assert before.size_bytes is not None
    assert after.size_bytes is not None
    assert after.size_bytes > before.size_bytes + 50 * 100_000
    assert after.sqlite_count == 1


def test_a_script_that_stops_half_way_is_looked_at_whole_as_well(host: InProcess) -> None:
    connection = host.open(SHARED.format("obs3"))
    host.run(connection, "CREATE TABLE t(x);" + "INSERT INTO t VALUES(zeroblob(100000));" * 50 + "no sql; SELECT 1")
    size = host.cache_of(connection).size_bytes
    assert size is not None
    assert size > 50 * 100_000
