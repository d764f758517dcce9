"""Who shares a cache with whom, as the host tells it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from in_process import SHARED, URL, InProcess

from memdb_tui.errors import OpenError, UsageError
from memdb_tui.host.observation import Observation, observe
from memdb_tui.model import CacheKind, ConnectionId, CreatedBy, Evidence, FileReason, Outcome, TransactionState

ENDLESS_ROWS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x FROM c"
LOOP = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT sum(x) FROM c"


def members(host: InProcess, connection: str, schema: str = "main") -> list[str]:
    return [m.connection for m in host.cache_of(connection, schema).members]  # type: ignore[arg-type]  # ids are text


def test_connections_to_one_name_share_a_cache_and_sqlite_counts_them(host: InProcess) -> None:
    first, second = host.open(URL.format("pic1")), host.open(SHARED.format("pic1"))
    other = host.open(SHARED.format("pic2"))
    cache = host.cache_of(first)
    assert cache.kind is CacheKind.SHARED_CACHE
    assert cache.name == "pic1"
    assert [m.connection for m in cache.members] == [first, second]
    assert (cache.sqlite_count, cache.foreign_count, cache.evidence) == (2, 0, Evidence.OBSERVED)
    assert host.cache_of(other).id != cache.id
    assert host.connection(first).outcome is Outcome.MEMORY_SHARED


def test_private_databases_have_a_cache_each(host: InProcess) -> None:
    first, second = host.open(":memory:"), host.open(":memory:")
    assert members(host, first) == [first]
    assert members(host, second) == [second]
    assert host.cache_of(first).kind is CacheKind.PRIVATE
    assert host.cache_of(first).sqlite_count is None


def test_a_memdb_is_known_by_its_store(host: InProcess) -> None:
    first, second = host.open("file:/pic3?vfs=memdb"), host.open("file:/pic3?vfs=memdb")
    private = host.open("file:pic3?vfs=memdb")
    cache = host.cache_of(first)
    is_told = sqlite3.sqlite_version_info < (3, 53)
    evidence = Evidence.OBSERVED if is_told else Evidence.DECLARED
    assert (cache.kind, cache.name, cache.evidence) == (CacheKind.MEMDB_STORE, "/pic3", evidence)
    assert members(host, first) == [first, second]
    assert members(host, private) == [private]
    assert host.connection(private).outcome is Outcome.MEMORY_PRIVATE


def test_an_attached_database_shows_the_connection_on_both_caches_until_it_is_detached(host: InProcess) -> None:
    first, second = host.open(SHARED.format("pic4")), host.open(SHARED.format("pic5"))
    host.do(first, f"ATTACH '{SHARED.format('pic5')}' AS two")
    cache = host.cache_of(second)
    assert [(m.connection, m.schema) for m in cache.members] == [(second, "main"), (first, "two")]
    assert cache.sqlite_count == 2
    assert host.cache_of(first).sqlite_count == 1
    host.do(first, "DETACH two")
    assert members(host, second) == [second]
    assert host.cache_of(second).sqlite_count == 1


def test_a_fresh_connection_counts_where_no_member_can_and_leaves_no_trace(host: InProcess) -> None:
    only = host.open(SHARED.format("pic6"))
    host.do(only, f"ATTACH '{SHARED.format('pic7')}' AS two; CREATE TEMP TABLE t(x); CREATE TABLE two.kept(x)")
    assert host.cache_of(only).sqlite_count == 1
    assert host.cache_of(only, "two").sqlite_count == 1
    host.do(only, "DETACH two")
    with closing(sqlite3.connect(SHARED.format("pic7"), uri=True)) as again:
        assert again.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)


def test_a_connection_opened_behind_our_back_is_counted_as_foreign(host: InProcess) -> None:
    ours = host.open(SHARED.format("pic8"))
    with closing(sqlite3.connect(SHARED.format("pic8"), uri=True)):
        host.do(ours, "SELECT 1")
        cache = host.cache_of(ours)
        assert (cache.sqlite_count, cache.foreign_count) == (2, 1)
        host.do(ours, f"ATTACH '{SHARED.format('pic9')}' AS two")
        assert host.cache_of(ours).foreign_count == 1
    host.do(ours, "DETACH two")
    assert host.cache_of(ours).foreign_count == 0


def test_anothers_uncommitted_ddl_hides_nobody(host: InProcess) -> None:
    first, second = host.open(SHARED.format("pic10")), host.open(SHARED.format("pic10"))
    host.do(first, "BEGIN; CREATE TABLE t(x)")
    run = host.run(second, "SELECT 1")
    assert run.failure is not None
    assert run.failure.code == "SQLITE_LOCKED_SHAREDCACHE"
    assert members(host, second) == [first, second]
    assert host.cache_of(second).sqlite_count == 2


def test_closing_one_leaves_the_others_with_a_right_count(host: InProcess) -> None:
    first, second, third = (host.open(SHARED.format("pic11")) for _ in range(3))
    assert host.close_connection(second).closed
    assert members(host, first) == [first, third]
    assert host.cache_of(first).sqlite_count == 2
    with pytest.raises(UsageError, match=f"There is no connection {second}"):
        host.run(second, "SELECT 1")


def test_a_busy_member_makes_the_count_unknown_until_it_is_idle(host: InProcess) -> None:
    busy, leaving = host.open(":memory:"), host.open(SHARED.format("pic12"))
    host.do(busy, f"ATTACH '{SHARED.format('pic12')}' AS two")
    run = host.start(busy, LOOP)
    host.wait_until(lambda: bool(host.session.registry.snapshot().connection(busy).running), "the loop")  # type: ignore[union-attr]  # it is there
    host.close_connection(leaving)
    caches = [c for c in host.session.registry.snapshot().caches if c.name == "pic12"]
    assert [(c.sqlite_count, len(c.members)) for c in caches] == [(None, 1)]
    host.session.cancel(run)
    host.finished(run)
    assert host.cache_of(busy, "two").sqlite_count == 1


def test_members_that_count_at_the_same_time_do_not_count_each_others_counters(host: InProcess) -> None:
    connections = [host.open(":memory:") for _ in range(4)] + [host.open(SHARED.format("pic23")) for _ in range(2)]
    for connection in connections[:4]:
        host.do(connection, f"ATTACH '{SHARED.format('pic23')}' AS two")
    for _ in range(15):
        for run in [host.start(connection, "SELECT 1") for connection in connections]:
            host.finished(run)
        assert host.cache_of(connections[-1]).sqlite_count == 6


def test_a_count_that_others_came_into_is_taken_again(host: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    first = host.open(SHARED.format("pic26"))
    owner = host.session.registry.connection(first).raw
    came: list[ConnectionId] = []

    def with_another_meanwhile(raw: sqlite3.Connection) -> Observation:
        observation = observe(raw)
        if raw is owner and not came:
            came.append(host.open(SHARED.format("pic27")))
        return observation

    monkeypatch.setattr("memdb_tui.host.lookout.observe", with_another_meanwhile)
    host.do(first, f"ATTACH '{SHARED.format('pic28')}' AS two")
    assert len(came) == 1
    assert host.cache_of(first, "two").sqlite_count == 1


def test_of_those_that_stay_one_that_can_count_by_itself_is_asked(host: InProcess) -> None:
    elsewhere = SHARED.format("pic29") + "&vfs=unix-dotfile"
    # A fresh connection would find another cache by this name, so one that has attached it cannot count.
    cannot = host.open(":memory:")
    host.do(cannot, f"ATTACH '{elsewhere}' AS two")
    can, leaving = host.open(elsewhere), host.open(elsewhere)
    assert members(host, can) == [cannot, can, leaving]
    host.close_connection(leaving)
    assert host.cache_of(can).sqlite_count == 2


def test_a_letter_is_never_given_twice(host: InProcess) -> None:
    seen = set()
    for number in range(30):
        connection = host.open(SHARED.format(f"pic13_{number}"))
        seen.add(host.cache_of(connection).id)
        host.close_connection(connection)
    assert len(seen) == 30


def test_a_database_attached_by_an_expression_takes_its_name_from_who_knows_it(host: InProcess) -> None:
    first, second = host.open(SHARED.format("pic14")), host.open(SHARED.format("pic15"))
    host.do(first, f"ATTACH '' || '{SHARED.format('pic15')}' AS two")
    assert host.cache_of(first, "two").name == "pic15"
    host.close_connection(second)
    assert host.cache_of(first, "two").name == "attached by an expression"


def test_what_an_attach_declared_ends_with_its_detach(host: InProcess) -> None:
    first = host.open(SHARED.format("pic16"))
    host.do(first, f"ATTACH '{SHARED.format('pic17')}' AS two; DETACH two; ATTACH ':mem' || 'ory:' AS two")
    cache = host.cache_of(first, "two")
    assert (cache.kind, cache.name) == (CacheKind.PRIVATE, "attached by an expression")


def test_a_schema_whose_name_is_not_utf8_is_shown(host: InProcess) -> None:
    first = host.open(":memory:")
    host.do(first, "ATTACH ':memory:' AS CAST(x'ff41' AS TEXT)")
    assert [s.name for s in host.connection(first).schemas] == ["main", "\udcffA"]


def test_a_temporary_database_has_no_file(host: InProcess) -> None:
    first = host.open("file:?cache=private", allow_file=True)
    assert host.connection(first).outcome is Outcome.TEMPORARY
    assert host.cache_of(first).kind is CacheKind.TEMPORARY


def test_four_ways_to_one_more_connection(host: InProcess) -> None:
    first = host.open(URL.format("pic18"))
    assert host.another(first, CreatedBy.SAME_ENGINE_SAME_THREAD) == first
    assert host.connection(first).checkouts == 2
    threaded = host.another(first, CreatedBy.SAME_ENGINE_NEW_THREAD)
    raw = host.another(first, CreatedBy.RAW)
    fresh = host.another(first, CreatedBy.NEW_ENGINE)
    engines = {c.id: (c.engine, c.pool, c.created_by) for c in host.picture().connections}
    assert engines[threaded] == (engines[first][0], "SingletonThreadPool", CreatedBy.SAME_ENGINE_NEW_THREAD)
    assert engines[raw][:2] == ("", "")
    assert engines[fresh][0] != engines[first][0]
    assert host.cache_of(first).sqlite_count == 4
    with pytest.raises(UsageError, match="no engine"):
        host.another(raw, CreatedBy.SAME_ENGINE_NEW_THREAD)


def test_a_checkout_goes_back_before_the_connection_is_closed(host: InProcess) -> None:
    first = host.open(URL.format("pic19"))
    host.another(first, CreatedBy.SAME_ENGINE_SAME_THREAD)
    closing = host.close_connection(first)
    assert not closing.closed
    assert closing.message == f"One checkout of {first} went back to its pool; 1 left, still open."
    assert host.connection(first).checkouts == 1
    host.do(first, "SELECT 1")
    assert host.close_connection(first).closed
    assert host.picture().connections == ()


def test_the_same_engine_on_the_same_thread_is_another_connection_under_a_queue_pool(host: InProcess) -> None:
    first = host.open("sqlite:///file:/pic20?vfs=memdb&uri=true")
    assert host.connection(first).pool == "QueuePool"
    second = host.another(first, CreatedBy.SAME_ENGINE_SAME_THREAD)
    assert second != first
    assert host.connection(first).thread == host.connection(second).thread
    host.do(second, "SELECT 1")
    host.close_connection(first)
    host.do(second, "SELECT 1")


def test_a_pool_drops_connections_from_the_sixth_thread_on(host: InProcess) -> None:
    first = host.open(URL.format("pic21"))
    for _ in range(6):
        host.another(first, CreatedBy.SAME_ENGINE_NEW_THREAD)
    connections = host.picture().connections
    dropped = [c for c in connections if c.checkouts == 0]
    assert len(connections) == 7
    assert len(dropped) == 2
    assert all(not c.closed for c in dropped)
    assert host.cache_of(first).sqlite_count == 7
    for connection in connections:
        assert host.close_connection(connection.id).closed


def test_a_connection_that_its_pool_closed_is_shown_as_closed_and_can_be_removed(host: InProcess) -> None:
    first = host.open(URL.format("pic22") + "&check_same_thread=false")
    for _ in range(5):
        host.another(first, CreatedBy.SAME_ENGINE_NEW_THREAD)
    closed = [c for c in host.picture().connections if c.closed]
    assert [c.closed for c in closed] == ["its pool (SingletonThreadPool) closed it"]
    assert closed[0].schemas == ()
    alive = next(c.id for c in host.picture().connections if not c.closed)
    assert host.cache_of(alive).sqlite_count == 5
    with pytest.raises(UsageError, match="is closed: its pool"):
        host.run(closed[0].id, "SELECT 1")
    host.close_connection(closed[0].id)
    assert host.picture().connection(closed[0].id) is None


def test_nothing_is_opened_where_a_file_would_be_made_unasked(host: InProcess, tmp_path: Path) -> None:
    string = f"sqlite:///{tmp_path}/file:db3?mode=memory&cache=shared"
    question = host.ask(string).consent
    assert question is not None
    assert (question.path, question.exists, question.meant_as_memory) == (f"{tmp_path}/file:db3", False, True)
    assert list(tmp_path.iterdir()) == []
    stray = host.connection(host.open(string, allow_file=True))
    assert stray.is_stray
    touch = host.picture().touches[-1]
    assert (touch.path, touch.reason, touch.existed) == (question.path, FileReason.MAIN, False)
    assert touch.meant_as_memory
    assert host.cache_of(stray.id).kind is CacheKind.FILE


def test_files_made_by_sql_are_told_with_their_statement(host: InProcess, tmp_path: Path) -> None:
    first = host.open(":memory:")
    host.do(first, f"ATTACH '{tmp_path}/a.db' AS a; CREATE TABLE a.t(x); VACUUM INTO '{tmp_path}/b.db'")
    touches = [(t.reason, Path(t.path).name, t.statement.split()[0]) for t in host.picture().touches]
    assert touches == [(FileReason.ATTACH, "a.db", "ATTACH"), (FileReason.VACUUM_INTO, "b.db", "VACUUM")]


def test_a_string_that_cannot_be_opened_says_so_in_sqlites_own_words(host: InProcess, tmp_path: Path) -> None:
    with pytest.raises(OpenError, match="no such access mode: Memory"):
        host.ask("file:x?mode=Memory")
    with pytest.raises(OpenError, match="unable to open database file"):
        host.ask(f"sqlite:///{tmp_path}/no/such/folder/x.db", allow_file=True)
    with pytest.raises(OpenError, match=r"(?s)SQLAlchemy.*sqlite\+nosuch"):
        host.ask("sqlite+nosuch:///x", allow_file=True)
    with pytest.raises(OpenError, match="There is nothing to open"):
        host.ask("  ")
    assert host.picture().connections == ()


def test_an_opening_that_fails_leaves_no_connection_to_the_cache(host: InProcess) -> None:
    first = host.open(SHARED.format("pic24"))
    host.do(first, "BEGIN; CREATE TABLE t(x)")
    with pytest.raises(OpenError, match="database schema is locked") as caught:
        host.open(URL.format("pic24"))
    assert caught.value.hint.startswith("Another connection has changed the schema")
    host.do(first, "ROLLBACK")
    assert host.cache_of(first).sqlite_count == 1


def test_a_transaction_is_shown_with_its_begin(host: InProcess) -> None:
    first = host.open(":memory:")
    host.do(first, "CREATE TABLE t(x); BEGIN")
    begun = host.connection(first)
    assert begun.transaction is TransactionState.OPEN
    assert begun.transaction_since is not None
    host.do(first, "INSERT INTO t VALUES(1)")
    writing = host.connection(first)
    assert writing.transaction is TransactionState.WRITE
    assert writing.transaction_since == begun.transaction_since
    host.do(first, "COMMIT")
    assert host.connection(first).transaction_since is None


def test_a_write_to_a_temporary_table_is_a_write(host: InProcess) -> None:
    first = host.open(":memory:")
    host.do(first, "CREATE TEMP TABLE t(x); BEGIN; INSERT INTO temp.t VALUES(1)")
    assert host.connection(first).has_temp_tables
    assert host.connection(first).transaction is TransactionState.WRITE


def test_a_statement_whose_connection_its_pool_closes_is_over(host: InProcess) -> None:
    first = host.open(URL.format("pic25") + "&check_same_thread=false")
    connections = [first, *(host.another(first, CreatedBy.SAME_ENGINE_NEW_THREAD) for _ in range(4))]
    runs = [host.start(connection, ENDLESS_ROWS) for connection in connections]
    for run in runs:
        host.answer(run)

    # The pool holds five: it closes one of those that run.
    host.another(first, CreatedBy.SAME_ENGINE_NEW_THREAD)
    for run in runs:
        host.session.cancel(run)
    ended = [host.finished(run) for run in runs]

    # Who notices first, its own thread or the one that checked out, says it in words of its own.
    assert sum(bool(c.closed) for c in host.picture().connections) == 1
    assert [c.running for c in host.picture().connections if c.running] == []
    assert not any("fault" in run.failure.message for run in ended if run.failure is not None)
