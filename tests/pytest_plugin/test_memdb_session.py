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


def test_a_shared_database_that_is_closed_properly_died_and_is_no_leak(pytester: pytest.Pytester) -> None:
    _run(
        pytester,
        """
        import sqlite3
        from contextlib import closing
        from sqlalchemy import create_engine, text

        def load_users():
            engine = create_engine("sqlite:///file:users?mode=memory&cache=shared&uri=true")
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE users (id)"))
            engine.dispose()

        def load_orders():
            with closing(sqlite3.connect("file:orders?mode=memory&cache=shared", uri=True)) as connection:
                connection.execute("CREATE TABLE orders (id)")

        def test_closes_what_it_opens(memdb_session):
            load_users()
            load_orders()
            assert not memdb_session.leaks
            users, orders = memdb_session.died
            assert "'users' died" in users.message and "in load_users" in users.message
            assert "'orders' died" in orders.message and "in load_orders" in orders.message

        def test_lost(memdb_session):
            load_orders()
            with closing(sqlite3.connect("file:orders?mode=memory&cache=shared", uri=True)):
                (lost,) = memdb_session.leaks
                assert "opened that name again, and found it empty" in lost.message
                assert lost.reopened_by == memdb_session.connections[-1].id
                assert memdb_session.died == (lost,)
        """,
    ).assert_outcomes(passed=2)


def test_what_named_memory_db_keeps_and_ends_is_not_in_it(pytester: pytest.Pytester) -> None:
    _run(
        pytester,
        """
        import pytest
        from sqlalchemy import text

        @pytest.fixture
        def session(memdb_session):
            yield memdb_session
            assert memdb_session.leaks == memdb_session.died == ()

        def test_one(session, named_memory_db):
            assert session.connections == session.caches == ()
            with named_memory_db.connect():
                (mine,) = session.connections
                (cache,) = session.caches
                assert cache.members == (mine.id,)
            named_memory_db.dispose()
            assert session.leaks == session.died == ()
        """,
    ).assert_outcomes(passed=1)


def test_named_memory_db_may_come_first(pytester: pytest.Pytester) -> None:
    _run(
        pytester,
        """
        from sqlalchemy import create_engine, text

        def test_one(named_memory_db, memdb_session):
            with named_memory_db.begin() as connection:
                connection.execute(text("CREATE TABLE t (x)"))
            named_memory_db.dispose()
            again = create_engine(named_memory_db.url)
            with again.connect() as connection:
                assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 0
            again.dispose()
            assert memdb_session.leaks == memdb_session.died == ()
            assert all(each.string for each in memdb_session.connections)
        """,
    ).assert_outcomes(passed=1)


def test_what_is_kept_by_a_connection_older_than_the_recording_did_not_die(pytester: pytest.Pytester) -> None:
    _run(
        pytester,
        """
        import sqlite3
        from contextlib import closing

        kept = sqlite3.connect("file:kept?mode=memory&cache=shared", uri=True)

        def used(name):
            with closing(sqlite3.connect(f"file:{name}?mode=memory&cache=shared", uri=True)) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS t (x)")

        def test_one(memdb_session):
            used("kept")
            used("kept")
            assert memdb_session.leaks == memdb_session.died == ()
            used("lost")
            used("lost")
            (lost,) = memdb_session.leaks
            assert "'lost' died" in lost.message
            kept.close()
        """,
    ).assert_outcomes(passed=1)


def test_a_checkout_that_was_not_given_back_is_a_leak(pytester: pytest.Pytester) -> None:
    _run(
        pytester,
        """
        import pytest
        from sqlalchemy import create_engine, text
        from sqlalchemy.pool import QueuePool, SingletonThreadPool

        kept = []

        def forgets(engine):
            kept.append(engine.connect())

        def gives_back(engine):
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))

        @pytest.mark.parametrize("pool", [QueuePool, SingletonThreadPool])
        def test_one(memdb_session, pool):
            def kept_out():
                return [leak for leak in memdb_session.leaks if leak.kind == "never returned"]

            engine = create_engine("sqlite:///file:co?mode=memory&cache=shared&uri=true", poolclass=pool)
            with engine.connect():
                assert not memdb_session.leaks
            engine.dispose()
            gives_back(engine)
            assert not kept_out()
            engine.dispose()
            forgets(engine)
            (leak,) = kept_out()
            assert leak.connection == memdb_session.connections[-1].id
            assert f"checked out of its {pool.__name__}, though forgets has returned" in leak.message
            kept.pop().close()
            assert not kept_out()
            engine.dispose()
        """,
    ).assert_outcomes(passed=2)


@pytest.mark.usefixtures("counts_what_is_told")
def test_what_earlier_tests_closed_is_asked_for_once(pytester: pytest.Pytester) -> None:
    result = _run(
        pytester,
        """
        import sqlite3
        import pytest

        @pytest.mark.parametrize("number", range(20))
        def test_one(memdb_session, number):
            sqlite3.connect(":memory:").close()
            assert not memdb_session.leaks
        """,
    )
    result.assert_outcomes(passed=20)
    # Within its test, and when the next one begins.
    result.stdout.fnmatch_lines(["told of 20, at most 2 times of one"])


def test_connections_are_seen_also_when_the_probe_was_taken_out_in_between(pytester: pytest.Pytester) -> None:
    _run(
        pytester,
        """
        import sqlite3
        import memdb_tui.probe.start as start

        def test_one(memdb_session):
            for _ in range(5):
                sqlite3.connect(":memory:").close()

        def test_two(memdb_session):
            start.detach()

        def test_three(memdb_session):
            sqlite3.connect(":memory:").close()
            assert len(memdb_session.connections) == 1
        """,
    ).assert_outcomes(passed=3)
