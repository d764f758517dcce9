"""Typed calls to a host process, and its events."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable

import pytest

from memdb_tui.client.launch import HostProcess
from memdb_tui.client.session import HostSession
from memdb_tui.errors import HostGoneError, MemdbError
from memdb_tui.model import ConnectionId, CreatedBy, Run, RunState, Snapshot, TransactionMode, TransactionState
from memdb_tui.protocol import messages

SECONDS = 30.0
LOOP = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT sum(x) FROM c"
COUNT = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<{}) SELECT x, x*2 FROM c"


class Live:
    """A session, and what it was told."""

    def __init__(self, process: HostProcess) -> None:
        self.process = process
        self.snapshots: list[Snapshot] = []
        self.runs: list[Run] = []
        self.gone = 0
        self.session = HostSession(
            process.sock, on_snapshot=self.snapshots.append, on_run=self.runs.append, on_gone=self.is_gone
        )

    def is_gone(self) -> None:
        self.gone += 1

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(SECONDS):
            while not condition():
                # Answers bring what waits with them.
                await self.session.classify("x")

    async def open(self, string: str) -> ConnectionId:
        connection = (await self.session.open(string)).connection
        assert connection is not None
        return connection

    async def over(self, run: int) -> Run:
        await self.until(lambda: any(r.id == run and r.state.is_over for r in self.runs))
        return next(r for r in self.runs if r.id == run and r.state.is_over)


@pytest.fixture
async def live(process: HostProcess) -> AsyncIterator[Live]:
    running = Live(process)
    await running.session.start()
    yield running
    await running.session.close()


async def test_the_host_says_who_it_is(process: HostProcess) -> None:
    live = Live(process)
    facts = await live.session.start()
    assert facts.pid == process.process.pid
    assert facts.native == ""
    await live.session.close()
    await live.session.close()


async def test_a_name_is_opened_and_the_picture_comes_with_the_answer(live: Live) -> None:
    given = await live.session.classify("db1")
    connection = await live.open(given.string)
    assert live.snapshots[-1].connection(connection) is not None
    cache = live.snapshots[-1].cache_of(connection)
    assert cache is not None
    assert (cache.name, cache.sqlite_count) == ("db1", 1)
    assert live.snapshots[-1].facts.sqlalchemy_version


async def test_the_picture_is_never_older_than_an_answer(live: Live) -> None:
    connection = await live.open(":memory:")
    for sql, state in (
        ("BEGIN", TransactionState.OPEN),
        ("CREATE TABLE t(x)", TransactionState.WRITE),
        ("COMMIT", TransactionState.NONE),
    ):
        await live.session.execute(live.session.new_run(), connection, sql)
        shown = live.snapshots[-1].connection(connection)
        assert shown is not None
        assert (shown.transaction, shown.running) == (state, "")
    assert [s.seq for s in live.snapshots] == sorted(s.seq for s in live.snapshots)


async def test_every_run_ends_in_an_event_that_says_so(live: Live) -> None:
    connection = await live.open(":memory:")
    for sql in ("SELECT 1", "SELECT 1; SELECT 2", "", "nonsense", "CREATE TABLE t(x)"):
        run = live.session.new_run()
        await live.session.execute(run, connection, sql)
        assert (await live.over(run)).state.is_over
        states = [r.state.is_over for r in live.runs if r.id == run]
        assert states == sorted(states)


async def test_rows_come_in_windows_while_more_arrive(live: Live) -> None:
    connection = await live.open(":memory:")
    run = live.session.new_run()
    answer = await live.session.execute(run, connection, COUNT.format(300_000))
    assert answer.window is not None
    assert answer.window.rows[0][1].text == "2"
    done = await live.over(run)
    assert done.results[0].row_count == 300_000
    window = await live.session.window(run, 1, first_row=299_990, row_count=60, first_column=1, column_count=1)
    assert [row[0].text for row in window.rows] == [str(2 * x) for x in range(299_991, 300_001)]
    part = await live.session.cell_part(run, 1, row=5, column=0, offset=0, size=10)
    assert part.text == "6"
    await live.session.release(run)
    with pytest.raises(MemdbError, match="no longer kept"):
        await live.session.window(run, 1, first_row=0, row_count=1, first_column=0, column_count=1)


async def test_a_wide_and_long_result_never_breaks_a_message(live: Live) -> None:
    connection = await live.open(":memory:")
    columns = ", ".join(f"hex(zeroblob(2000)) AS c{n}" for n in range(300))
    run = live.session.new_run()
    await live.session.execute(run, connection, f"SELECT {columns} FROM ({COUNT.format(50)})")
    rows = 0
    while rows < 50:
        window = await live.session.window(run, 1, first_row=rows, row_count=50, first_column=0, column_count=300)
        assert window.rows
        assert all(len(row) == 300 for row in window.rows)
        rows += len(window.rows)


async def test_a_run_is_cancelled_and_the_connection_goes_on(live: Live) -> None:
    connection = await live.open(":memory:")
    run = live.session.new_run()
    answer = asyncio.create_task(live.session.execute(run, connection, LOOP))
    await live.until(lambda: any(c.running for c in live.snapshots[-1].connections))
    await live.session.cancel(run)
    assert (await answer).run.state is RunState.CANCELLED
    assert (await live.session.execute(live.session.new_run(), connection, "SELECT 1")).run.state is RunState.DONE


async def test_calls_are_answered_while_a_statement_runs(live: Live) -> None:
    busy, idle = await live.open(":memory:"), await live.open(":memory:")
    run = live.session.new_run()
    task = asyncio.create_task(live.session.execute(run, busy, LOOP))
    answer = await live.session.execute(live.session.new_run(), idle, "SELECT 1")
    assert answer.run.state is RunState.DONE
    assert not task.done()
    await live.session.cancel(run)
    await task


async def test_what_the_host_refuses_is_raised_in_its_words(live: Live) -> None:
    with pytest.raises(MemdbError, match="There is no connection c9") as caught:
        await live.session.execute(live.session.new_run(), ConnectionId("c9"), "SELECT 1")
    assert caught.value.hint == "It was closed; choose another."
    with pytest.raises(MemdbError, match="no such access mode: Memory"):
        await live.session.open("file:x?mode=Memory")
    connection = await live.open(":memory:")
    await live.session.execute(live.session.new_run(), connection, "BEGIN")
    with pytest.raises(MemdbError, match="open transaction"):
        await live.session.set_mode(connection, TransactionMode.LEGACY)
    with pytest.raises(MemdbError, match="no engine"):
        await live.session.open_another(connection, CreatedBy.SAME_ENGINE_NEW_THREAD)


async def test_a_text_too_long_to_send_is_refused_before_it_is_sent(live: Live) -> None:
    connection = await live.open(":memory:")
    with pytest.raises(MemdbError, match="MiB of text"):
        await live.session.execute(live.session.new_run(), connection, "x" * (messages.MAX_MESSAGE_BYTES + 1))
    assert (await live.session.execute(live.session.new_run(), connection, "SELECT 1")).run.state is RunState.DONE


async def test_other_calls_reach_the_host(live: Live) -> None:
    connection = await live.open(":memory:")
    await live.session.set_lock_wait(connection, float("inf"))
    await live.session.execute(live.session.new_run(), connection, "CREATE TABLE t(a, b)")
    assert live.snapshots[-1].connections[0].lock_wait_seconds == 1e9
    schema = await live.session.schema(connection)
    assert [(t.name, [c.name for c in t.columns]) for t in schema.tables] == [("t", ["a", "b"])]
    assert (await live.session.transact(live.session.new_run(), connection, "COMMIT")).run.notes
    assert (await live.session.close_connection(connection)).closed
    assert live.snapshots[-1].connections == ()


async def test_a_host_that_is_killed_is_noticed_and_fails_what_waits(live: Live) -> None:
    connection = await live.open(":memory:")
    task = asyncio.create_task(live.session.execute(live.session.new_run(), connection, LOOP))
    await live.until(lambda: any(c.running for c in live.snapshots[-1].connections))
    os.kill(live.process.process.pid, signal.SIGKILL)
    with pytest.raises(HostGoneError, match="is gone"):
        await asyncio.wait_for(task, SECONDS)
    with pytest.raises(HostGoneError):
        await live.session.classify("x")
    assert live.gone == 1


async def test_closing_fails_what_waits_and_is_no_death(live: Live) -> None:
    connection = await live.open(":memory:")
    task = asyncio.create_task(live.session.execute(live.session.new_run(), connection, LOOP))
    await live.until(lambda: any(c.running for c in live.snapshots[-1].connections))
    await live.session.close()
    with pytest.raises(HostGoneError):
        await task
    assert live.gone == 0


async def test_closing_does_not_wait_for_a_host_that_takes_nothing(process: HostProcess) -> None:
    session = Live(process).session
    await session.start()
    process.process.send_signal(signal.SIGSTOP)
    waiting = asyncio.ensure_future(session.explain("x" * 3_000_000))
    await asyncio.sleep(0)

    async with asyncio.timeout(SECONDS):
        await session.close()

    with pytest.raises(HostGoneError):
        await waiting
    process.process.send_signal(signal.SIGCONT)


async def test_a_listener_that_fails_is_reported_and_the_reading_goes_on(process: HostProcess) -> None:
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context["exception"]))

    def fail(_: Snapshot) -> None:
        raise ValueError("a fault of the screen")

    session = HostSession(process.sock, on_snapshot=fail, on_run=lambda _: None, on_gone=lambda: None)
    await session.start()
    await session.open(":memory:")
    assert (await session.classify("db1")).label == "db1"
    assert str(failures[0]) == "a fault of the screen"
    await session.close()


@pytest.mark.parametrize("line", [b"nonsense\n", b'{"jsonrpc":"2.0","method":"snapshot","params":[1]}\n', b"\xff\n"])
async def test_a_host_that_talks_nonsense_counts_as_gone_and_is_hung_up_on(line: bytes) -> None:
    here, there = socket.socketpair()
    gone = asyncio.Event()
    session = HostSession(here, on_snapshot=lambda _: None, on_run=lambda _: None, on_gone=gone.set)
    there.sendall(line)
    with pytest.raises(HostGoneError):
        await session.start()
    await asyncio.wait_for(gone.wait(), SECONDS)
    there.setblocking(False)
    async with asyncio.timeout(SECONDS):
        # After what it was asked it sees that we have hung up.
        while await asyncio.get_running_loop().sock_recv(there, 1 << 16):
            pass
    await session.close()
    there.close()


async def test_a_cancelled_call_leaves_the_session_usable(live: Live) -> None:
    connection = await live.open(":memory:")
    run = live.session.new_run()
    task = asyncio.create_task(live.session.execute(run, connection, LOOP))
    await live.until(lambda: any(c.running for c in live.snapshots[-1].connections))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await live.session.cancel(run)
    assert (await live.over(run)).state is RunState.CANCELLED


async def test_what_raises_no_question_opens_in_one_call(live: Live) -> None:
    tried = await live.session.try_open("file:a?mode=memory&cache=shared")
    assert tried.opened is not None
    assert tried.opened.connection == "c1"
    assert tried.given.label == "a"


async def test_a_question_comes_before_anything_is_opened(live: Live) -> None:
    doubtful = await live.session.try_open("file:a?mode=memory")
    assert doubtful.opened is None
    assert "cut it at &" in doubtful.given.question
    straying = await live.session.try_open("sqlite:///file:db3?mode=memory&cache=shared")
    assert straying.opened is not None
    assert straying.opened.consent is not None
    assert straying.opened.connection is None


async def test_what_cannot_be_opened_still_says_what_it_was_taken_for(live: Live) -> None:
    tried = await live.session.try_open("file:a?mode=Memory&cache=shared")
    assert tried.opened is None
    assert "no such access mode: Memory" in tried.error
    assert tried.given.string == "file:a?mode=Memory&cache=shared"
    with pytest.raises(MemdbError):
        await live.session.try_open("a\0b")
