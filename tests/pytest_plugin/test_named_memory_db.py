"""The fixture `named_memory_db`: one database, in memory, as long as the test."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from memdb_tui.explain import Outcome, explain
from memdb_tui.pytesting.named_database import named_engine

pytest_plugins = ["pytester"]


def _tables(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT name FROM sqlite_schema")).scalars())


def _create(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE users (id INTEGER)"))


def test_every_connection_sees_the_tables(named_memory_db: Engine) -> None:
    _create(named_memory_db)
    with named_memory_db.connect() as first, named_memory_db.connect() as second:
        drivers = {connection.connection.driver_connection for connection in (first, second)}
        assert len(drivers) == 2
        assert second.execute(text("SELECT count(*) FROM users")).scalar() == 0


def test_another_thread_sees_the_tables_and_may_use_what_was_opened_here(named_memory_db: Engine) -> None:
    _create(named_memory_db)
    seen: list[str] = []
    thread = threading.Thread(target=lambda: seen.extend(_tables(named_memory_db)))
    thread.start()
    thread.join()
    assert seen == ["users"]


def test_it_outlives_a_dispose(named_memory_db: Engine) -> None:
    _create(named_memory_db)
    named_memory_db.dispose()
    assert _tables(named_memory_db) == ["users"]


def test_its_url_means_the_same_database_and_no_file(named_memory_db: Engine) -> None:
    explanation = explain(named_memory_db.url.render_as_string())
    assert explanation.outcome is Outcome.MEMORY_SHARED
    assert not explanation.findings or explanation.findings[0].severity.value != "error"
    assert named_memory_db.url.database is not None
    _create(named_memory_db)
    uri = f"{named_memory_db.url.database}?mode=memory&cache=shared"
    with sqlite3.connect(uri, uri=True) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("users",)]
    connection.close()


def test_two_are_two_databases(named_memory_db: Engine) -> None:
    _create(named_memory_db)
    with named_engine() as other:
        assert _tables(other) == []


def test_it_is_gone_afterwards_and_left_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with named_engine() as engine:
        _create(engine)
        uri = f"{engine.url.database}?mode=memory&cache=shared"
    connection = sqlite3.connect(uri, uri=True)
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == []
    connection.close()
    assert list(tmp_path.iterdir()) == []


def test_without_sqlalchemy_it_is_skipped_and_says_why(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("import sys; sys.modules['sqlalchemy'] = None")
    pytester.makepyfile("def test_one(named_memory_db): pass")
    result = pytester.runpytest_subprocess("-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*named_memory_db gives a SQLAlchemy engine: install SQLAlchemy.*"])
