"""`--memdb-no-stray`: a test that leaves a stray file fails, and is told who made it and how to mend the URL."""

from __future__ import annotations

import importlib.util
import sqlite3
import textwrap
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

WRONG_URL = "sqlite:///file:db1?mode=memory&cache=shared"
RIGHT_URL = "sqlite:///file:db1?mode=memory&cache=shared&uri=true"
ENGINE_TEST = """
from sqlalchemy import create_engine, text
from sqlalchemy.pool import QueuePool

def make(url):
    engine = create_engine(url, poolclass=QueuePool)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS t (x)"))
    engine.dispose()
"""


def _run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("--memdb-no-stray", "-p", "no:cacheprovider", *arguments)


def test_a_url_without_uri_true_fails_its_test_and_is_mended(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f"{ENGINE_TEST}\ndef test_users():\n    make({WRONG_URL!r})\n\ndef test_other():\n    pass\n")
    result = _run(pytester)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            f"memdb-tui: the test left {pytester.path}/file:db1, though its connection string says memory.",
            "*memdb-tui: stray files*",
            f"{pytester.path}/file:db1",
            f"  string   {WRONG_URL}",
            "  opened   *.py:6 in make",
            "  why      *uri=true*",
            f"  instead  {RIGHT_URL}",
            "FAILED *::test_users*",
        ]
    )
    result.stdout.no_fnmatch_line("*  since *")


def test_the_guide_shows_the_report_as_it_is(pytester: pytest.Pytester) -> None:
    guide = resources.files("memdb_tui.docs").joinpath("pytest.md").read_text("utf-8")
    shown = guide[guide.index("    memdb-tui: the test left /proj") :].split("\n\n", 1)[0]
    _, _, *lines = textwrap.dedent(shown).replace("/proj", str(pytester.path)).splitlines()
    pytester.makeconftest(
        f"""
import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import QueuePool






@pytest.fixture
def engine():
    with create_engine({WRONG_URL!r}, poolclass=QueuePool).begin() as connection:
        yield connection
"""
    )
    pytester.makepyfile("def test_users(engine):\n    pass\n")

    output = _run(pytester).stdout.lines

    found = output.index(f"{pytester.path}/file:db1")
    assert output[found : found + len(lines)] == lines
    assert f"memdb-tui: the test left {pytester.path}/file:db1, though its connection string says memory." in output


def test_the_right_url_a_real_file_and_a_private_database_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""{ENGINE_TEST}
import sqlite3

def test_shared():
    make({RIGHT_URL!r})

def test_file():
    make("sqlite:///real.db")

def test_private():
    sqlite3.connect(":memory:").close()

def test_fixture(named_memory_db):
    with named_memory_db.begin() as connection:
        connection.execute(text("CREATE TABLE t (x)"))
"""
    )
    _run(pytester).assert_outcomes(passed=4)


def test_an_asyncio_engine_is_seen_too(pytester: pytest.Pytester) -> None:
    pytest.importorskip("aiosqlite", reason="aiosqlite is not installed")
    pytest.importorskip("greenlet", reason="greenlet is not installed")
    pytester.makepyfile(
        """
        import asyncio
        from sqlalchemy import text
        from sqlalchemy.ext.asyncio import create_async_engine

        async def make():
            engine = create_async_engine("sqlite+aiosqlite:///file:db1?mode=memory&cache=shared")
            async with engine.begin() as connection:
                await connection.execute(text("CREATE TABLE t (x)"))
            await engine.dispose()

        def test_users():
            asyncio.run(make())
        """
    )
    result = _run(pytester)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "  string   sqlite+aiosqlite:///file:db1?mode=memory&cache=shared",
            "  opened   *.py:7 in make",
            "  instead  sqlite+aiosqlite:///file:db1?mode=memory&cache=shared&uri=true",
        ]
    )


def test_plain_sqlite3_is_seen_too(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sqlite3

        def test_one():
            connection = sqlite3.connect("db?mode=memory&cache=shared", uri=True)
            connection.execute("CREATE TABLE t (x)")
            connection.close()
        """
    )
    result = _run(pytester)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["  string   db[?]mode=memory&cache=shared", "  opened   *.py:4 in test_one"])


def test_a_journal_or_wal_beside_it_is_named(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""{ENGINE_TEST}
import pytest

@pytest.fixture(scope="session")
def held():
    engine = create_engine({WRONG_URL!r}, poolclass=QueuePool)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA journal_mode=WAL"))
        connection.execute(text("CREATE TABLE t (x)"))
        connection.commit()
        yield connection
    engine.dispose()

def test_one(held):
    pass

def test_two(held):
    pass
"""
    )
    result = _run(pytester)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines([f"  with     {pytester.path}/file:db1-wal", "FAILED *::test_one*"])


def test_a_fixture_that_cleans_up_leaves_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""{ENGINE_TEST}
import os
import pytest

@pytest.fixture
def database():
    yield
    os.unlink("file:db1")

def test_one(database):
    make({WRONG_URL!r})
    assert os.path.exists("file:db1")
"""
    )
    _run(pytester).assert_outcomes(passed=1)


def test_a_stray_of_an_earlier_session_is_named_as_such(pytester: pytest.Pytester) -> None:
    with closing(sqlite3.connect(pytester.path / "file:db1")) as connection:
        connection.execute("CREATE TABLE t (x)")
    pytester.makepyfile(f"{ENGINE_TEST}\ndef test_users():\n    make({WRONG_URL!r})\n")
    result = _run(pytester)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            f"memdb-tui: the test used {pytester.path}/file:db1, though its connection string says memory.",
            "  since    it was there before this session",
        ]
    )


def test_what_a_test_left_and_what_it_used_are_told_apart(pytester: pytest.Pytester) -> None:
    with closing(sqlite3.connect(pytester.path / "file:db1")) as connection:
        connection.execute("CREATE TABLE t (x)")
    other = WRONG_URL.replace("db1", "db2")
    pytester.makepyfile(f"{ENGINE_TEST}\ndef test_users():\n    make({WRONG_URL!r})\n    make({other!r})\n")
    result = _run(pytester)
    result.assert_outcomes(passed=1, failed=1)
    folder = pytester.path
    result.stdout.fnmatch_lines([f"memdb-tui: the test left {folder}/file:db2 and used {folder}/file:db1, though *"])


def test_a_stray_of_an_earlier_test_is_named_as_such(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"{ENGINE_TEST}\ndef test_a():\n    make({WRONG_URL!r})\n\ndef test_b():\n    make({WRONG_URL!r})\n"
    )
    result = _run(pytester)
    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(["  since    it was left in this session by *::test_a"])


def test_an_engine_at_import_is_said_to_be_older_than_the_tests(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f"{ENGINE_TEST}\nmake({WRONG_URL!r})\n\ndef test_a():\n    pass\n\ndef test_b():\n    pass\n")
    result = _run(pytester)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["  since    it was made before the first test, while tests were collected"])


def test_a_test_that_fails_anyway_keeps_its_own_error(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""{ENGINE_TEST}
import pytest

@pytest.fixture
def broken():
    yield
    raise ValueError("in the fixture")

def test_one(broken):
    make({WRONG_URL!r})
    assert False, "in the test"
"""
    )
    result = _run(pytester)
    result.assert_outcomes(failed=1, errors=1)
    result.stdout.fnmatch_lines(["*ValueError: in the fixture*", "*memdb-tui: stray files*", "*in the test*"])


def test_exitfirst_stops_at_a_stray(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"{ENGINE_TEST}\ndef test_a():\n    make({WRONG_URL!r})\n\ndef test_b():\n    make({WRONG_URL!r})\n"
    )
    _run(pytester, "-x").assert_outcomes(passed=1, failed=1)


def test_many_tests_on_one_engine_fail_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""{ENGINE_TEST}
import pytest

@pytest.fixture(scope="module")
def engine():
    engine = create_engine({WRONG_URL!r}, poolclass=QueuePool)
    yield engine
    engine.dispose()

@pytest.mark.parametrize("number", range(5))
def test_one(engine, number):
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS t (x)"))
"""
    )
    result = _run(pytester)
    result.assert_outcomes(passed=5, failed=1)


def test_without_the_option_a_stray_is_nobodys_business(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f"{ENGINE_TEST}\ndef test_users():\n    make({WRONG_URL!r})\n")
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
    assert Path(pytester.path / "file:db1").exists()


@pytest.mark.skipif(importlib.util.find_spec("xdist") is None, reason="pytest-xdist is not installed")
def test_workers_of_xdist_find_strays(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(f"{ENGINE_TEST}\ndef test_users():\n    make({WRONG_URL!r})\n")
    result = _run(pytester, "-n1")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([f"  instead  {RIGHT_URL}"])


@pytest.mark.usefixtures("counts_what_is_told")
def test_each_connection_is_told_of_once_however_many_there_were(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sqlite3
        import pytest

        @pytest.mark.parametrize("number", range(20))
        def test_one(number):
            sqlite3.connect(":memory:").close()
        """
    )
    result = _run(pytester)
    result.assert_outcomes(passed=20)
    result.stdout.fnmatch_lines(["told of 20, at most 1 times of one"])


BROKEN = """
import memdb_tui.probe.start as start

state = start.state

def pytest_runtest_call(item):
    start.state = broken if "broken" in item.name else state

def broken(*arguments):
    raise RuntimeError("no state")
"""


def test_a_failure_of_ours_ends_no_session_and_is_said_once(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(BROKEN)
    pytester.makepyfile(
        f"{ENGINE_TEST}\ndef test_broken():\n    pass\n\ndef test_broken_too():\n    pass\n\n"
        f"def test_users():\n    make({WRONG_URL!r})\n"
    )
    result = _run(pytester)
    result.assert_outcomes(passed=3, failed=1)
    (line,) = [line for line in result.outlines if "no state" in line]
    assert line.startswith("memdb-tui could not look for stray files after ")
    assert line.endswith("::test_broken (and 1 more): RuntimeError: no state")


def test_a_failure_of_ours_while_tests_are_collected_is_said(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(f"{BROKEN}\nstart.state = broken\n")
    pytester.makepyfile("def test_one():\n    pass\n")
    result = _run(pytester)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["memdb-tui could not look for stray files after the collection: RuntimeError: no *"])


@pytest.mark.skipif(importlib.util.find_spec("xdist") is None, reason="pytest-xdist is not installed")
def test_a_failure_in_a_worker_of_xdist_is_said(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(BROKEN)
    pytester.makepyfile("def test_broken():\n    pass\n")
    result = _run(pytester, "-n1")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["memdb-tui could not look for stray files after *::test_broken: RuntimeError: *"])


@pytest.mark.skipif(importlib.util.find_spec("xdist") is None, reason="pytest-xdist is not installed")
def test_a_worker_of_xdist_does_not_know_what_others_have_made(pytester: pytest.Pytester) -> None:
    with closing(sqlite3.connect(pytester.path / "file:db1")) as connection:
        connection.execute("CREATE TABLE t (x)")
    pytester.makepyfile(f"{ENGINE_TEST}\ndef test_users():\n    make({WRONG_URL!r})\n")
    result = _run(pytester, "-n1")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["  since    it was there when this worker of xdist opened it for the first time"])
