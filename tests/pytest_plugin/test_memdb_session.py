"""The fixture `memdb_session`: the report of the process, as frozen values."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]


def _run(pytester: pytest.Pytester, source: str) -> pytest.RunResult:
    pytester.makepyfile(source)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider")


def test_it_gives_connections_caches_and_leaks(pytester: pytest.Pytester) -> None:
    _run(
        pytester,
        """
        import sqlite3
        import pytest

        SHARED = "file:one?mode=memory&cache=shared"

        def opened_and_forgotten():
            return sqlite3.connect(SHARED, uri=True)

        def test_one(memdb_session):
            assert memdb_session.connections == ()
            first = opened_and_forgotten()
            second = sqlite3.connect(SHARED, uri=True, timeout=1.5)
            report = memdb_session.report()
            one, two = report.connections
            assert one.string == two.string == SHARED
            assert one.uri and two.uri
            assert dict(two.keywords)["timeout"] == "1.5"
            assert one.opened_at.function == "opened_and_forgotten"
            assert one.opened_at.path.endswith(".py") and one.opened_at.line == 7
            assert one.outcome == "memory-shared"
            assert one.closed is None
            (cache,) = report.caches
            assert one.cache == two.cache == cache.id
            assert cache.database == "one"
            assert cache.members == (one.id, two.id)
            assert report.files == ()
            assert [leak.connection for leak in report.leaks] == [one.id]
            with pytest.raises(AttributeError):
                one.string = "another"
            first.close()
            second.close()
            assert all(each.closed is not None for each in memdb_session.connections)
        """,
    ).assert_outcomes(passed=1)


def test_it_names_stray_files(pytester: pytest.Pytester) -> None:
    _run(
        pytester,
        """
        from sqlalchemy import create_engine, text

        def test_one(memdb_session):
            engine = create_engine("sqlite:///file:db1?mode=memory&cache=shared")
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE t (x)"))
            (file,) = memdb_session.files
            assert file.stray
            assert file.path.endswith("/file:db1")
            assert file.made_by == memdb_session.connections[0].id
            engine.dispose()
        """,
    ).assert_outcomes(passed=1)


def test_what_earlier_tests_closed_and_leaked_is_not_in_it(pytester: pytest.Pytester) -> None:
    _run(
        pytester,
        """
        import sqlite3

        kept = []

        def test_closes():
            sqlite3.connect(":memory:").close()

        def test_leaks(memdb_session):
            kept.append(sqlite3.connect(":memory:"))

        def test_one(memdb_session):
            assert [each.closed for each in memdb_session.connections] == [None]
            assert memdb_session.leaks == ()
            kept.pop().close()
        """,
    ).assert_outcomes(passed=3)


def test_looking_adds_nothing_of_its_own(pytester: pytest.Pytester) -> None:
    _run(
        pytester,
        """
        import sqlite3

        def test_one(memdb_session):
            kept = sqlite3.connect(":memory:", timeout=1.5)
            first, second = memdb_session.connections, memdb_session.connections
            assert [each.string for each in first] == [":memory:"]
            assert second == first
            kept.close()
        """,
    ).assert_outcomes(passed=1)
