"""Live SQL as panes see it, on a real database: what a program's process would do, the probe's own code does here."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import pytest

from memdb_tui.errors import ProtocolError, UsageError
from memdb_tui.model import (
    CellKind,
    CodePlace,
    Connection,
    ConnectionId,
    CopyState,
    CreatedBy,
    FoundBy,
    Origin,
    Outcome,
    Run,
    RunId,
    RunState,
    TransactionMode,
    TransactionState,
)
from memdb_tui.probe.live import Live, schema
from memdb_tui.probe.visit import Target
from memdb_tui.programs.live_session import LiveSession
from memdb_tui.programs.told_live import LiveResult, LiveSchema, result_of, schema_of

URI = "file:lively?mode=memory&cache=shared"
HERE, OTHER = ConnectionId("p1.c1"), ConnectionId("p1.c2")
ORIGIN = Origin(
    process="p1",
    database=URI,
    keywords=(("uri", "True"),),
    found_by=FoundBy.WRAPPER,
    reading=CopyState.LIVE,
    url="",
    stack=(),
    opener=None,
    has_opener_returned=False,
    opened_at=1.0,
    closed_at=None,
    closer=None,
    is_closer_certain=False,
    is_checked_out=None,
    statement_count=None,
    last_statement="",
)
CONNECTION = Connection(
    id=HERE,
    string=URI,
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
    transaction=TransactionState.NONE,
    transaction_since=None,
    schemas=(),
    has_temp_tables=False,
    running="",
    running_since=None,
    holds_cursor=False,
    closed="",
    origin=ORIGIN,
)


class InProcess:
    """The reader of a process: this one."""

    def __init__(self) -> None:
        self.target = Target(URI, pager=None, is_store=False, has_known_members=lambda: True)

    async def live(
        self, connection: str, sql: str, *, write: bool, milliseconds: int, max_rows: int, max_bytes: int
    ) -> LiveResult:
        assert connection == "c1"
        assert milliseconds > 0
        live = Live(self.target, sql, write=write, max_rows=max_rows, max_bytes=max_bytes, connect=sqlite3.connect)
        return result_of(live.run())

    async def schema(self, connection: str) -> LiveSchema:
        assert connection == "c1"
        return schema_of(schema(self.target, sqlite3.connect))


class Broken(InProcess):
    """Answers the first statement, and no other."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = error
        self._answered = 0

    async def live(
        self, connection: str, sql: str, *, write: bool, milliseconds: int, max_rows: int, max_bytes: int
    ) -> LiveResult:
        self._answered += 1
        if self._answered > 1:
            raise self._error
        limits = {"milliseconds": milliseconds, "max_rows": max_rows, "max_bytes": max_bytes}
        return await super().live(connection, sql, write=write, **limits)


class Bench:
    """A live session, and what it told."""

    def __init__(self, connection: Connection = CONNECTION, reader: InProcess | None = None) -> None:
        self.connection: Connection | None = connection
        self.runs: list[Run] = []
        reader = reader or InProcess()
        self.holders: tuple[Connection, ...] = ()
        self.session = LiveSession(
            lambda _wanted: (reader, "c1"),
            lambda _wanted: self.connection,
            self.runs.append,
            in_transaction_on=lambda _wanted: self.holders,
        )

    async def run(self, sql: str, *, write: bool = False) -> Run:
        return (await self.session.execute(RunId(1), HERE, sql, write=write)).run


@pytest.fixture
def program() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(URI, uri=True)
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b)")
    connection.executemany("INSERT INTO t (b) VALUES (?)", [(None,), (1.5,), ("x",), (b"\x00\xff",)])
    connection.commit()
    yield connection
    connection.close()


async def test_rows_come_with_the_answer_and_in_windows(program: sqlite3.Connection) -> None:
    bench = Bench()
    answer = await bench.session.execute(RunId(1), HERE, "SELECT * FROM t ORDER BY a")
    assert answer.run.state is RunState.DONE
    assert answer.window is not None
    assert [[cell.kind for cell in row][1] for row in answer.window.rows] == [
        CellKind.NULL,
        CellKind.REAL,
        CellKind.TEXT,
        CellKind.BLOB,
    ]
    part = await bench.session.window(RunId(1), 1, first_row=2, row_count=1, first_column=1, column_count=1)
    assert [[cell.text for cell in row] for row in part.rows] == [["x"]]
    whole = await bench.session.cell_part(RunId(1), 1, row=3, column=1, offset=1, size=10)
    assert (whole.text, whole.length) == ("ff", 2)


async def test_values_that_json_cannot_hold_arrive_as_they_are(program: sqlite3.Connection) -> None:
    bench = Bench()
    answer = await bench.session.execute(RunId(1), HERE, "SELECT 1e999, -1e999, CAST(x'ff41' AS TEXT), x''")
    assert answer.window is not None
    kinds = [(cell.kind, cell.text) for cell in answer.window.rows[0]]
    assert kinds == [
        (CellKind.REAL, "Inf"),
        (CellKind.REAL, "-Inf"),
        (CellKind.BAD_TEXT, "ff41"),
        (CellKind.BLOB, ""),
    ]


async def test_each_statement_has_its_result_and_an_error_keeps_the_earlier_ones(program: sqlite3.Connection) -> None:
    bench = Bench()
    answer = await bench.session.execute(
        RunId(1), HERE, "SELECT 1;\n  SELECT b FROM nowhere;\nSELECT 3", line=10, column=5
    )
    run = answer.run
    assert run.state is RunState.FAILED
    assert [result.index for result in run.results] == [1]
    assert run.failure is not None
    assert (run.failure.index, run.failure.line) == (2, 11)
    assert "no such table: nowhere" in run.failure.message


async def test_the_place_of_an_error_counts_characters_on_the_first_line_too(program: sqlite3.Connection) -> None:
    run = (await Bench().session.execute(RunId(1), HERE, "SELECT 'é', nope FROM t", line=3, column=7)).run
    assert run.failure is not None
    if run.failure.is_exact:
        assert (run.failure.line, run.failure.column) == (3, 7 + len("SELECT 'é', "))


async def test_writing_is_refused_until_it_was_allowed(program: sqlite3.Connection) -> None:
    bench = Bench()
    refused = await bench.run("DELETE FROM t")
    assert refused.state is RunState.FAILED
    assert bench.session.may_write(refused)
    assert program.execute("SELECT count(*) FROM t").fetchone() == (4,)
    done = await bench.run("DELETE FROM t", write=True)
    assert (done.state, done.results[0].changed_rows) == (RunState.DONE, 4)
    assert program.execute("SELECT count(*) FROM t").fetchone() == (0,)


async def test_an_error_is_no_reason_to_ask_for_writing(program: sqlite3.Connection) -> None:
    bench = Bench()
    assert not bench.session.may_write(await bench.run("SELECT nonsense FROM t"))


async def test_who_is_in_a_transaction_is_named_where_a_lock_is_met(program: sqlite3.Connection) -> None:
    opener = CodePlace("/proj/lock.py", 2, "<module>")
    bench = Bench()
    bench.holders = (replace(CONNECTION, origin=replace(ORIGIN, opener=opener)), replace(CONNECTION, id=OTHER))
    program.execute("BEGIN IMMEDIATE")
    program.execute("INSERT INTO t (b) VALUES (1)")
    hints = []
    for known in (2, 1, 0):
        bench.holders = bench.holders[:known]
        run = await bench.run("INSERT INTO t (b) VALUES (2)", write=True)
        assert run.failure is not None
        hints.append(run.failure.hint)
    program.rollback()
    after = "Try again after its end; a copy waits for that too."
    assert hints == [
        f"p1.c1 (lock.py:2), p1.c2 are in a transaction. {after}",
        f"p1.c1 (lock.py:2) is in a transaction. {after}",
        "The program has it locked at this moment. Try again.",
    ]


async def test_a_statement_that_the_program_keeps_waiting_is_told_of_as_time_goes_by(
    program: sqlite3.Connection,
) -> None:
    class Busy(InProcess):
        async def live(
            self, connection: str, sql: str, *, write: bool, milliseconds: int, max_rows: int, max_bytes: int
        ) -> LiveResult:
            await let_in.wait()
            return await super().live(
                connection, sql, write=write, milliseconds=milliseconds, max_rows=max_rows, max_bytes=max_bytes
            )

    def take(run: Run) -> None:
        if run.elapsed_seconds > 0 and run.state is RunState.RUNNING:
            let_in.set()

    let_in, reader = asyncio.Event(), Busy()
    session = LiveSession(lambda _wanted: (reader, "c1"), lambda _wanted: CONNECTION, take)
    assert (await asyncio.wait_for(session.execute(RunId(1), HERE, "SELECT 1"), 20)).run.state is RunState.DONE


async def test_a_database_that_died_is_gone_never_empty() -> None:
    bench = Bench()
    run = await bench.run("SELECT 1")
    assert run.state is RunState.FAILED
    assert run.failure is not None
    assert "is gone" in run.failure.message


async def test_the_tables_are_those_of_the_program(program: sqlite3.Connection) -> None:
    program.execute("CREATE VIEW v AS SELECT b FROM t")
    found = await Bench().session.schema(HERE)
    assert {(table.name, table.kind) for table in found.tables} == {("t", "table"), ("v", "view")}
    table = next(table for table in found.tables if table.name == "t")
    assert [(column.name, column.is_primary_key) for column in table.columns] == [("a", True), ("b", False)]


@pytest.mark.parametrize(
    ("reading", "words"), [(CopyState.PRIVATE, "private"), (CopyState.FILE, "is a file")], ids=str
)
async def test_what_has_no_name_is_refused_with_the_way_there_is(reading: CopyState, words: str) -> None:
    bench = Bench(replace(CONNECTION, origin=replace(ORIGIN, reading=reading)))
    with pytest.raises(UsageError, match=words) as caught:
        await bench.run("SELECT 1")
    assert caught.value.hint
    with pytest.raises(UsageError, match=words):
        await bench.session.schema(HERE)


async def test_a_connection_that_is_closed_meanwhile_is_gone() -> None:
    bench = Bench()
    bench.connection = None
    with pytest.raises(UsageError, match="is gone"):
        await bench.run("SELECT 1")


async def test_transactions_of_the_program_are_not_ended_here() -> None:
    with pytest.raises(UsageError, match="program's own"):
        await Bench().session.transact(RunId(1), HERE, "COMMIT")


async def test_released_rows_are_no_longer_kept(program: sqlite3.Connection) -> None:
    bench = Bench()
    await bench.run("SELECT 1")
    assert bench.session.owns(RunId(1))
    await bench.session.release(RunId(1))
    assert not bench.session.owns(RunId(1))
    with pytest.raises(UsageError, match="no longer kept"):
        await bench.session.window(RunId(1), 1, first_row=0, row_count=1, first_column=0, column_count=1)


async def test_a_cancelled_run_begins_no_further_statement(program: sqlite3.Connection) -> None:
    bench = Bench()

    def cancel(run: Run) -> None:
        if not run.state.is_over:
            cancelling.append(asyncio.ensure_future(bench.session.cancel(run.id)))

    reader, cancelling = InProcess(), list[asyncio.Future[None]]()
    bench.session = LiveSession(lambda _wanted: (reader, "c1"), lambda _wanted: CONNECTION, cancel)
    run = await bench.run("SELECT 1; SELECT 2; SELECT 3")
    assert run.state is RunState.CANCELLED
    assert len(run.results) == 1


async def test_a_statement_that_could_not_be_read_fails_and_keeps_the_earlier_ones(
    program: sqlite3.Connection,
) -> None:
    bench = Bench(reader=Broken(ProtocolError("It sent no row.", hint="Try again.")))

    run = await bench.run("SELECT 1; SELECT 2; SELECT 3")

    assert run.state is RunState.FAILED
    assert [result.index for result in run.results] == [1]
    assert run.failure is not None
    assert (run.failure.index, run.failure.message, run.failure.hint) == (2, "It sent no row.", "Try again.")
    assert bench.runs[-1] == run


async def test_no_run_is_left_running_whatever_is_raised(program: sqlite3.Connection) -> None:
    bench = Bench(reader=Broken(ZeroDivisionError()))

    with pytest.raises(ZeroDivisionError):
        await bench.run("SELECT 1; SELECT 2")

    assert bench.runs[-1].state is RunState.CANCELLED


async def test_what_was_cut_says_so(program: sqlite3.Connection) -> None:
    sql = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 20000) SELECT i FROM n"
    run = await Bench().run(sql)
    assert run.results[0].row_count == 10_000
    assert run.results[0].stopped_at == "10,000 rows"
