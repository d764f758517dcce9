"""Whatever is done, the picture is what SQLite itself says."""

from __future__ import annotations

import os
import random
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from in_process import SECONDS, SHARED, URL, InProcess
from oracle import Truth, cache_bytes, has_temp, truth

from memdb_tui.errors import OpenError
from memdb_tui.model import Cache, CacheKind, ConnectionId, CreatedBy, Snapshot, TransactionMode, TransactionState

OPERATIONS = 500
SEEDS = range(40 if os.environ.get("MEMDB_TUI_HEAVY") else 2)
NAMES = [f"rnd{n}" for n in range(4)]
MOST_CONNECTIONS = 9
STATES = (TransactionState.NONE, TransactionState.READ, TransactionState.WRITE)
SQL = (
    "BEGIN",
    "BEGIN IMMEDIATE",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT s",
    "SELECT 1",
    "SELECT * FROM t",
    "CREATE TABLE IF NOT EXISTS t(x)",
    "INSERT INTO t VALUES(1)",
    "INSERT INTO t SELECT 1 UNION ALL SELECT 2",
    "DELETE FROM t",
    "DROP TABLE t",
    "CREATE TEMP TABLE IF NOT EXISTS tt(x)",
    "INSERT INTO tt VALUES(1)",
    "CREATE TABLE IF NOT EXISTS a1.t(x)",
    "INSERT INTO a1.t VALUES(1)",
    "SELECT * FROM a2.t",
    "syntax error",
)


WAYS = [way for way in CreatedBy if way not in {CreatedBy.COPY, CreatedBy.PROGRAM}]


@dataclass
class Known:
    """What was done to a connection, and what must be shown of it."""

    string: str
    way: CreatedBy
    mode: TransactionMode = TransactionMode.AUTOCOMMIT
    checkouts: int = 1


class Machine:
    """Random operations on a host, and the truth they leave behind."""

    def __init__(self, host: InProcess, seed: int) -> None:
        self.host = host
        self.random = random.Random(seed)
        self.schemas: dict[ConnectionId, set[str]] = {}
        self.known: dict[ConnectionId, Known] = {}
        self.foreign: list[sqlite3.Connection] = []
        self.letters: dict[tuple[str, str, int], str] = {}

    def step(self) -> str:
        operations: list[Callable[[], str]] = [self.sql] * 10 + [self.attach] * 3 + [self.detach] * 2
        operations += [self.close, self.mode, self.foreign_opens, self.foreign_closes]
        if len(self.schemas) < MOST_CONNECTIONS:
            operations += [self.open] * 3 + [self.another] * 3
        return self.random.choice(operations)() if self.schemas else self.open()

    def one(self) -> ConnectionId:
        return self.random.choice(sorted(self.schemas))

    def open(self) -> str:
        name = self.random.choice(NAMES)
        string = self.random.choice([SHARED.format(name), URL.format(name), ":memory:", f"file:/{name}?vfs=memdb"])
        way = CreatedBy.NEW_ENGINE if string.startswith("sqlite:") else CreatedBy.RAW
        self.opened(lambda: self.host.open(string), string, way)
        return f"open {string}"

    def opened(self, opening: Callable[[], ConnectionId], string: str, way: CreatedBy) -> None:
        """SQLAlchemy cannot connect while another connection's change of the schema is not committed."""
        try:
            connection = opening()
        except OpenError as error:
            if "database schema is locked" not in str(error):
                raise
            return
        if connection in self.schemas:
            self.known[connection].checkouts += 1
        else:
            self.schemas[connection] = {"main"}
            self.known[connection] = Known(string, way)

    def another(self) -> str:
        like, way = self.one(), self.random.choice(WAYS)
        connection = self.host.connection(like)
        if not connection.engine and way in {CreatedBy.SAME_ENGINE_NEW_THREAD, CreatedBy.SAME_ENGINE_SAME_THREAD}:
            way = CreatedBy.RAW
        string = self.known[like].string
        if way is CreatedBy.NEW_ENGINE and not string.startswith("sqlite:"):
            uri = f"{'&' if '?' in string else '?'}uri=true" if string.startswith("file:") else ""
            string = f"sqlite:///{string}{uri}"
        self.opened(lambda: self.host.another(like, way), string, way)
        return f"another like {like}, {way}"

    def close(self) -> str:
        connection = self.one()
        if self.host.close_connection(connection).closed:
            del self.schemas[connection], self.known[connection]
        else:
            self.known[connection].checkouts -= 1
        return f"close {connection}"

    def mode(self) -> str:
        connection = self.one()
        mode = self.random.choice([TransactionMode.AUTOCOMMIT, TransactionMode.LEGACY])
        if self.host.connection(connection).transaction is TransactionState.NONE:
            self.host.session.registry.set_mode(connection, mode).result(SECONDS)
            self.known[connection].mode = mode
        return f"{connection} {mode}"

    def attach(self) -> str:
        connection, alias = self.one(), self.random.choice(["a1", "a2"])
        name = self.random.choice(NAMES)
        string = self.random.choice([SHARED.format(name), SHARED.format(name), ":memory:", f"file:/{name}?vfs=memdb"])
        run = self.host.run(connection, f"ATTACH '{string}' AS {alias}")
        if run.failure is None:
            self.schemas[connection].add(alias)
        return f"{connection}: ATTACH {string} AS {alias}"

    def detach(self) -> str:
        connection, alias = self.one(), self.random.choice(["a1", "a2"])
        if self.host.run(connection, f"DETACH {alias}").failure is None:
            self.schemas[connection].discard(alias)
        return f"{connection}: DETACH {alias}"

    def sql(self) -> str:
        connection = self.one()
        sql = ";".join(self.random.choices(SQL, k=self.random.choice([1, 1, 1, 2, 3])))
        self.host.run(connection, sql)
        return f"{connection}: {sql}"

    def foreign_opens(self) -> str:
        name = self.random.choice(NAMES)
        if len(self.foreign) < 3:
            self.foreign.append(sqlite3.connect(SHARED.format(name), uri=True, isolation_level=None, timeout=0))
        return self.noticed(f"foreign {name}")

    def foreign_closes(self) -> str:
        if self.foreign:
            self.foreign.pop(self.random.randrange(len(self.foreign))).close()
        return self.noticed("foreign close")

    def noticed(self, what: str) -> str:
        """What others do behind the host's back it sees with the next statement of each connection."""
        for connection in self.schemas:
            self.host.run(connection, "SELECT 1")
        return what

    def check(self, after: str) -> None:
        picture = self.host.picture()
        assert [c.id for c in picture.connections] == list(self.schemas), after
        found: dict[tuple[str, str], Truth] = {}
        for connection in self.schemas:
            held = self.host.session.registry.connection(connection)
            names = sorted(self.schemas[connection])
            for schema, seen in held.owner.submit(lambda h=held, n=names: truth(h.raw, n)).result(SECONDS).items():  # type: ignore[misc]  # lambda defaults
                found[connection, schema] = seen
            self.check_connection(
                picture, connection, {s: t for (c, s), t in found.items() if c == connection}, after
            )
            temp = held.owner.submit(lambda h=held: has_temp(h.raw)).result(SECONDS)  # type: ignore[misc]  # lambda defaults
            assert picture.connection(connection).has_temp_tables == temp, after  # type: ignore[union-attr]  # it is there
        self.check_caches(picture, found, after)
        self.check_letters(picture, found, after)

    def check_connection(
        self, picture: Snapshot, connection: ConnectionId, seen: dict[str, Truth], after: str
    ) -> None:
        shown = picture.connection(connection)
        assert shown is not None
        assert {s.name: s.transaction for s in shown.schemas} == {
            name: STATES[each.transaction] for name, each in seen.items()
        }, after
        held = self.host.session.registry.connection(connection)
        is_open = held.owner.submit(lambda: held.raw.in_transaction).result(SECONDS)
        assert (shown.transaction is not TransactionState.NONE) == is_open, after
        assert (shown.transaction_since is not None) == is_open, after
        known = self.known[connection]
        assert (shown.string, shown.created_by) == (known.string, known.way), after
        assert (shown.mode, shown.checkouts) == (known.mode, known.checkouts), after
        assert (shown.running, shown.holds_cursor, shown.closed) == ("", False, ""), after
        pool = "" if held.engine is None else type(held.engine.engine.pool).__name__
        assert (bool(shown.engine), shown.pool) == (known.way is not CreatedBy.RAW, pool), after

    def check_caches(self, picture: Snapshot, found: dict[tuple[str, str], Truth], after: str) -> None:
        groups: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for member, seen in found.items():
            groups[seen.file or str(seen.pager)].add(member)
        shown = {c.id: {(m.connection, m.schema) for m in c.members} for c in picture.caches}
        assert sorted(map(sorted, groups.values())) == sorted(map(sorted, shown.values())), after
        foreign: dict[int, int] = defaultdict(int)
        for raw in self.foreign:
            foreign[truth(raw, ["main"])["main"].pager] += 1
        for cache in picture.caches:
            first = found[cache.members[0].connection, cache.members[0].schema]
            if cache.kind is CacheKind.SHARED_CACHE:
                ours = len({m.connection for m in cache.members})
                assert cache.sqlite_count == ours + foreign[first.pager], f"{after}: {cache}"
                assert cache.name in NAMES, after
            else:
                assert cache.kind is (CacheKind.MEMDB_STORE if first.file else CacheKind.PRIVATE), after
            if first.file:
                assert cache.size_bytes is not None, after
                assert cache.size_bytes >= 0, after
            else:
                self.check_size(cache, after)

    def check_size(self, cache: Cache, after: str) -> None:
        """Memory is what SQLite says, wherever a connection has this cache alone to speak of."""
        for member in cache.members:
            held = self.host.session.registry.connection(member.connection)
            alone = self.schemas[member.connection] == {"main"}
            if alone and not held.owner.submit(lambda h=held: has_temp(h.raw)).result(SECONDS):  # type: ignore[misc]  # lambda defaults
                seen = held.owner.submit(lambda h=held: cache_bytes(h.raw)).result(SECONDS)  # type: ignore[misc]  # lambda defaults
                assert cache.size_bytes == seen, after
                return

    def check_letters(self, picture: Snapshot, found: dict[tuple[str, str], Truth], after: str) -> None:
        """Who stays where he was keeps the letter."""
        now = {
            (connection, schema, found[connection, schema].pager): s.cache
            for connection, schema in found
            for s in picture.connection(connection).schemas  # type: ignore[union-attr]  # it is there
            if s.name == schema
        }
        for member, letter in now.items():
            assert self.letters.get(member, letter) == letter, after
        self.letters = now


@pytest.mark.skipif(
    sqlite3.sqlite_version_info >= (3, 53),
    reason="this SQLite no longer tells which memdb a connection is on, so there is nothing to compare with",
)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_picture_is_right_after_each_of_many_random_operations(host: InProcess, seed: int) -> None:
    machine = Machine(host, seed)
    try:
        for number in range(OPERATIONS):
            after = f"operation {number}: {machine.step()}"
            machine.check(after)
    finally:
        for raw in machine.foreign:
            raw.close()
