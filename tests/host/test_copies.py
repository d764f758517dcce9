"""Copies of databases in a host: opened, explained, replaced, refused."""

from __future__ import annotations

import asyncio
import base64
import itertools
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
from in_process import SECONDS, SHARED, InProcess

from memdb_tui.client.launch import spawn_host
from memdb_tui.client.session import HostSession
from memdb_tui.errors import HostGoneError, MemdbError, OpenError, QueryError, UsageError
from memdb_tui.host.copies import Images, image_of
from memdb_tui.model import CacheKind, Connection, ConnectionId, CreatedBy, Outcome, Snapshot, TransactionMode
from memdb_tui.protocol import messages

TAKEN_AT = 1_700_000_000.0
LABEL = "copy of p1.A taken 12:00:01"
NUMBERS = itertools.count(1)


def image(*statements: str) -> bytes:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as raw:
        for sql in statements:
            raw.execute(sql)
        return raw.serialize()


def opened(host: InProcess, data: bytes, *, label: str = LABEL, replaces: ConnectionId | None = None) -> ConnectionId:
    number = next(NUMBERS)
    host.session.images.begin(number, len(data))
    for offset in range(0, len(data), 3000):
        host.session.images.add(number, base64_of(data[offset : offset + 3000]))
    answer = host.session.open_copy(number, label, taken_at=TAKEN_AT, replaces=replaces).result(SECONDS)
    assert answer.consent is None
    assert answer.connection is not None
    return answer.connection


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def shown(host: InProcess, connection: ConnectionId) -> Connection:
    return host.connection(connection)


def test_a_copy_is_a_private_database_in_memory_with_its_label_for_a_string(host: InProcess) -> None:
    copy = opened(host, image("CREATE TABLE t(x)", "INSERT INTO t VALUES(1), (2)"))
    connection = shown(host, copy)
    assert connection.string == LABEL
    assert connection.created_by is CreatedBy.COPY
    assert connection.outcome is Outcome.MEMORY_PRIVATE
    assert connection.mode is TransactionMode.AUTOCOMMIT
    assert not connection.is_stray
    assert not connection.is_mispredicted
    assert (connection.engine, connection.pool, connection.lock_wait_seconds) == ("", "", 0.0)
    assert "never reaches the program" in connection.reason
    cache = host.cache_of(copy)
    assert (cache.kind, cache.name) == (CacheKind.PRIVATE, LABEL)
    assert host.picture().touches == ()
    assert host.texts(host.do(copy, "SELECT x FROM t")) == [("1",), ("2",)]
    host.do(copy, "INSERT INTO t VALUES(3); ATTACH 'file:beside?mode=memory&cache=shared' AS b; CREATE TABLE b.u(x)")
    assert host.cache_of(copy, "b").name == "beside"


def test_two_copies_share_nothing(host: InProcess) -> None:
    data = image("CREATE TABLE t(x)")
    first, second = opened(host, data), opened(host, data)
    host.do(first, "INSERT INTO t VALUES(1)")
    assert host.texts(host.do(second, "SELECT count(*) FROM t")) == [("0",)]


def test_an_empty_image_is_an_empty_database(host: InProcess) -> None:
    copy = opened(host, b"")
    assert host.texts(host.do(copy, "SELECT count(*) FROM sqlite_schema")) == [("0",)]


def test_a_copy_is_explained_as_what_it_is(host: InProcess) -> None:
    copy = opened(host, image("CREATE TABLE t(x)"))
    explained = host.session.explained(LABEL)
    assert explained.string == LABEL
    assert explained.outcome == "memory-private"
    assert explained.error == ""
    assert not explained.is_stray
    assert time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(TAKEN_AT)) in explained.reason
    assert host.session.explained("db1").outcome == "memory-shared"
    host.close_connection(copy)


def test_no_second_connection_leads_to_a_copy(host: InProcess) -> None:
    copy = opened(host, image("CREATE TABLE t(x)"))
    with pytest.raises(UsageError, match="cannot be opened to") as caught:
        host.session.registry.open_another(copy, CreatedBy.RAW)
    assert caught.value.hint == "Take another copy."


def test_a_newer_copy_replaces_an_older_one_when_it_is_open(host: InProcess) -> None:
    first = opened(host, image("CREATE TABLE t(x)"))
    second = opened(host, image("CREATE TABLE u(x)"), replaces=first)
    host.wait_until(lambda: host.session.registry.snapshot().connection(first) is None, "the end of the old copy")
    assert [c.id for c in host.picture().connections] == [second]
    third = opened(host, image("CREATE TABLE t(x)"), replaces=first)
    assert {c.id for c in host.picture().connections} == {second, third}


def test_the_older_copy_stays_where_the_newer_one_cannot_be_opened(host: InProcess) -> None:
    first = opened(host, image("CREATE TABLE t(x)"))
    with pytest.raises(OpenError):
        opened(host, b"x" * 4096, replaces=first)
    assert [c.id for c in host.picture().connections] == [first]


def test_only_a_copy_is_replaced_by_a_copy(host: InProcess) -> None:
    other = host.open(":memory:")
    with pytest.raises(UsageError, match="is no copy"):
        opened(host, image("CREATE TABLE t(x)"), replaces=other)
    assert [c.id for c in host.picture().connections] == [other]


WHOLE = image("CREATE TABLE t(x)", "INSERT INTO t VALUES(zeroblob(9000))")


@pytest.mark.parametrize(
    ("damaged", "words"),
    [
        (b"x" * 10, "file is not a database"),
        (b"x" * 8192, "file is not a database"),
        (WHOLE[:4096], "malformed"),
        (WHOLE[:-100], "its last page is not whole"),
        (WHOLE[:100] + bytes(len(WHOLE) - 100), "malformed"),
    ],
)
def test_a_damaged_image_is_refused_in_words(host: InProcess, damaged: bytes, words: str) -> None:
    with pytest.raises(OpenError, match=words) as caught:
        opened(host, damaged)
    assert caught.value.hint == "Take the copy again; this one is of no use."
    assert host.picture().connections == ()
    assert host.session.registry._directory.owners() == []


def test_parts_that_do_not_fit_are_refused() -> None:
    images = Images()
    with pytest.raises(OpenError, match="at most 256 MiB"):
        images.begin(1, messages.MAX_COPY_BYTES + 1)
    images.begin(1, 4)
    with pytest.raises(UsageError, match="expected already"):
        images.begin(1, 4)
    for data, words in (("!", "base64"), (base64_of(b"12345"), "longer than was said")):
        with pytest.raises(UsageError, match=words):
            images.add(1, data)
    images.add(1, base64_of(b"12"))
    with pytest.raises(UsageError, match="Of the copy's 4 bytes 2 came"):
        images.take(1)
    for call in (lambda: images.take(1), lambda: images.add(99, "")):
        with pytest.raises(UsageError, match="No such copy"):
            call()
    images.begin(2, 0)
    images.drop(2)
    images.drop(2)
    with pytest.raises(UsageError):
        images.take(2)


@pytest.mark.parametrize("string", [":memory:", SHARED.format("imaged"), "file:/imaged?vfs=memdb"])
def test_a_database_of_the_host_itself_is_copied_too(host: InProcess, string: str) -> None:
    connection = host.open(string)
    host.do(connection, "CREATE TABLE t(x); INSERT INTO t VALUES(7)")
    known = host.session.registry.connection(connection)
    taken = known.owner.submit(lambda: image_of(known)).result(SECONDS)
    assert host.texts(host.do(opened(host, taken), "SELECT x FROM t")) == [("7",)]


def test_a_shared_database_that_is_being_written_is_not_copied(host: InProcess) -> None:
    connection = host.open(SHARED.format("held"))
    host.do(connection, "CREATE TABLE t(x); BEGIN; INSERT INTO t VALUES(1)")
    known = host.session.registry.connection(connection)
    with pytest.raises(QueryError, match="c1 cannot be copied") as caught:
        known.owner.submit(lambda: image_of(known)).result(SECONDS)
    assert caught.value.hint.startswith("Commit")


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


async def test_an_image_larger_than_a_message_crosses_in_parts(
    client: tuple[HostSession, list[Snapshot]],
) -> None:
    session, snapshots = client
    data = image("CREATE TABLE t(x)", "INSERT INTO t VALUES(zeroblob(70000000))")
    assert len(data) > messages.MAX_MESSAGE_BYTES
    connection = (await session.open_copy(data, label=LABEL, taken_at=TAKEN_AT)).connection
    assert connection is not None
    assert snapshots[-1].connections[0].string == LABEL
    answer = await session.execute(session.new_run(), connection, "SELECT length(x) FROM t")
    assert answer.window is not None
    assert answer.window.rows[0][0].text == "70000000"
    assert (await session.explain(LABEL)).reason.startswith("It is a copy")


async def test_a_copy_that_is_no_longer_wanted_is_forgotten_on_the_way(
    client: tuple[HostSession, list[Snapshot]],
) -> None:
    session, snapshots = client
    data = image("CREATE TABLE t(x)", "INSERT INTO t VALUES(zeroblob(30000000))")
    task = asyncio.create_task(session.open_copy(data, label=LABEL, taken_at=TAKEN_AT))
    await session.classify("x")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(MemdbError, match="No such copy"):
        await session._call(messages.COPY_PART, messages.CopyPart(1, ""))
    assert all(snapshot.connections == () for snapshot in snapshots)


async def test_a_damaged_image_is_refused_across_the_wire(
    client: tuple[HostSession, list[Snapshot]],
) -> None:
    session, _ = client
    with pytest.raises(MemdbError, match="file is not a database"):
        await session.open_copy(b"x" * 5000, label=LABEL, taken_at=TAKEN_AT)
    await session.close()
    with pytest.raises(HostGoneError):
        await session.open_copy(b"", label=LABEL, taken_at=TAKEN_AT)
