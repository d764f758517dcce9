"""Where SQLite's library cannot be asked, the picture says what is declared, and no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import SECONDS, SHARED, InProcess

from memdb_tui.host.lookout import Lookout
from memdb_tui.model import CacheKind, Evidence, Outcome, TransactionState


@pytest.fixture(autouse=True)
def _without_native(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("observation", "census", "failures", "runs"):
        monkeypatch.setattr(f"memdb_tui.host.{module}.native", lambda: None)


def test_sharing_is_taken_from_the_names(host: InProcess, tmp_path: Path) -> None:
    first, second = host.open(SHARED.format("dry1")), host.open(SHARED.format("dry1"))
    private, file = host.open(":memory:"), host.open(f"file:{tmp_path}/x.db", allow_file=True)
    cache = host.cache_of(first)
    assert [m.connection for m in cache.members] == [first, second]
    assert (cache.kind, cache.name, cache.evidence) == (CacheKind.SHARED_CACHE, "dry1", Evidence.DECLARED)
    assert cache.sqlite_count is None
    assert len(host.cache_of(private).members) == 1
    assert host.cache_of(file).kind is CacheKind.FILE
    assert host.connection(file).outcome is Outcome.FILE


def test_an_open_transaction_is_still_seen(host: InProcess) -> None:
    first = host.open(":memory:")
    host.do(first, "BEGIN; CREATE TABLE t(x)")
    assert host.connection(first).transaction is TransactionState.OPEN
    host.do(first, "COMMIT")
    assert host.connection(first).transaction is TransactionState.NONE


def test_a_look_that_sqlite_refuses_leaves_the_last_one_standing(host: InProcess) -> None:
    first, second = host.open(SHARED.format("dry2")), host.open(SHARED.format("dry2"))
    host.do(first, "BEGIN; CREATE TABLE t(x)")
    assert host.run(second, "SELECT 1").failure is not None
    assert [m.connection for m in host.cache_of(second).members] == [first, second]


def test_a_look_that_sqlite_refuses_is_news_all_the_same(host: InProcess) -> None:
    first, second = host.open(SHARED.format("dry3")), host.open(SHARED.format("dry3"))
    host.do(first, "BEGIN; CREATE TABLE t(x)")
    connection = host.session.registry.connection(second)
    news: list[str] = []
    lookout = Lookout(dict, lambda: news.append("the statement is over"))
    connection.owner.submit(lambda: lookout.look(connection)).result(SECONDS)
    assert news == ["the statement is over"]
    assert lookout.caches() == ()


def test_an_error_stands_at_its_statement(host: InProcess) -> None:
    failure = host.run(host.open(":memory:"), "SELECT 1;\n SELECT nope").failure
    assert failure is not None
    assert (failure.line, failure.column, failure.is_exact) == (2, 2, False)
    host.do(host.open(":memory:"), "CREATE TABLE t(x); WITH c(x) AS (SELECT 1) INSERT INTO t SELECT x FROM c")
