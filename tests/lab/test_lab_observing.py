"""What is seen of code from outside: connections, sharing, pools, warnings, variables."""

from __future__ import annotations

import pytest
from making_entries import result_of_code

from memdb_tui.lab.observed import ConnectCall, Observed
from memdb_tui.model import Outcome


def seen(text: str) -> Observed:
    observed = result_of_code(text).observed
    assert observed.error is None, observed.error
    return observed


def test_positional_arguments_are_told_by_name() -> None:
    observed = seen("import sqlite3\nsqlite3.connect(':memory:', 2.5, 0, None)")
    keywords = {"timeout": 2.5, "detect_types": 0, "isolation_level": None}
    assert observed.connect_args == (ConnectCall(":memory:", keywords),)


def test_the_same_call_is_told_once_and_another_one_too() -> None:
    observed = seen("""
        import sqlite3
        for name in ("a", "b", "a"):
            sqlite3.connect(f"file:{name}?mode=memory", uri=True)
    """)
    assert [call.database for call in observed.connect_args] == ["file:a?mode=memory", "file:b?mode=memory"]


def test_a_call_of_dbapi2_is_seen() -> None:
    observed = seen("from sqlite3 import dbapi2\ndbapi2.connect(database=':memory:')")
    assert observed.connect_args == (ConnectCall(":memory:"),)


def test_a_connection_class_called_by_itself_is_seen() -> None:
    observed = seen("""
        import sqlite3
        class Own(sqlite3.Connection): pass
        Own(":memory:")
    """)
    assert observed.connect_args == (ConnectCall(":memory:"),)


def test_a_call_from_a_thread_is_seen() -> None:
    observed = seen("""
        import sqlite3
        from threading import Thread
        thread = Thread(target=lambda: sqlite3.connect(":memory:").close())
        thread.start()
        thread.join()
    """)
    assert observed.connect_args == (ConnectCall(":memory:"),)


def test_a_call_that_is_refused_is_told_with_its_error() -> None:
    observed = result_of_code("import sqlite3\nsqlite3.connect('file:a?mode=Memory', uri=True)").observed
    assert observed.connect_args == (ConnectCall("file:a?mode=Memory", {"uri": True}),)
    assert observed.error == "OperationalError: no such access mode: Memory"
    assert observed.outcome is None


@pytest.mark.parametrize(
    ("database", "outcome", "shared"),
    [
        (":memory:", Outcome.MEMORY_PRIVATE, False),
        ("file:a?mode=memory", Outcome.MEMORY_PRIVATE, False),
        ("file:a?mode=memory&cache=shared", Outcome.MEMORY_SHARED, True),
        ("file:/a?vfs=memdb", Outcome.MEMORY_SHARED, True),
        ("file:a?vfs=memdb", Outcome.MEMORY_PRIVATE, False),
        ("", Outcome.TEMPORARY, False),
        ("file:a", Outcome.FILE, True),
        ("a.db", Outcome.FILE, True),
    ],
)
def test_where_a_database_lives_and_whether_it_is_shared(database: str, outcome: Outcome, *, shared: bool) -> None:
    observed = seen(f"import sqlite3\nconnection = sqlite3.connect({database!r}, uri=True)")
    assert (observed.outcome, observed.shared) == (outcome, shared)


def test_the_worst_outcome_is_the_one_that_is_told() -> None:
    observed = seen("""
        import sqlite3
        first = sqlite3.connect("file:a?mode=memory&cache=shared", uri=True)
        second = sqlite3.connect("b.db")
    """)
    assert observed.outcome is Outcome.FILE


def test_a_database_whose_writer_is_open_is_known_to_be_shared() -> None:
    observed = seen("""
        import sqlite3
        holder = sqlite3.connect("file:a?mode=memory&cache=shared", uri=True, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
    """)
    assert (observed.outcome, observed.shared) == (Outcome.MEMORY_SHARED, True)


def test_a_database_whose_schema_is_locked_is_known_to_be_shared_but_not_where_it_is() -> None:
    observed = seen("""
        import sqlite3
        holder = sqlite3.connect("file:a?mode=memory&cache=shared", uri=True, isolation_level=None)
        holder.execute("BEGIN")
        holder.execute("CREATE TABLE t (x)")
    """)
    assert (observed.outcome, observed.shared) == (None, True)


def test_what_the_code_says_of_sharing_counts() -> None:
    assert seen("import sqlite3\nsqlite3.connect(':memory:')\nshared = True").shared is True


def test_looking_leaves_the_files_and_calls_of_the_code_as_they_were() -> None:
    observed = seen("import sqlite3\nconnection = sqlite3.connect('file:a?mode=memory', uri=True)")
    assert observed.files == ()
    assert len(observed.connect_args) == 1


def test_files_in_folders_and_journals_of_open_connections_are_told() -> None:
    observed = seen("""
        import os, sqlite3
        os.mkdir("sub")
        connection = sqlite3.connect("sub/a.db")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (x)")
    """)
    assert observed.files == ("sub/a.db", "sub/a.db-shm", "sub/a.db-wal")


def test_pools_of_engines_are_named() -> None:
    observed = seen("""
        from sqlalchemy import NullPool, create_engine
        first = create_engine("sqlite:///a.db")
        second = create_engine("sqlite://", poolclass=NullPool)
        third = create_engine("sqlite:///b.db")
    """)
    assert observed.pool == "QueuePool, NullPool"


def test_a_warning_is_told_once_by_category_and_first_line() -> None:
    observed = seen("""
        import warnings
        for _ in range(2):
            warnings.warn("first line\\nsecond line", DeprecationWarning)
    """)
    assert observed.warnings == ("DeprecationWarning: first line",)


def test_plain_variables_are_told_and_others_not() -> None:
    observed = seen("number, text, nothing = 1, 'a', None\nrows = [(1, 'x')]\nobject_of_its_own = object()")
    assert dict(observed.values) == {"number": 1, "text": "a", "nothing": None, "rows": [[1, "x"]]}


def test_a_file_name_that_is_not_utf_8_can_be_told() -> None:
    assert seen("open(b'\\xff', 'w').close()").files == ("\udcff",)


def test_versions_compare() -> None:
    observed = Observed(versions={"sqlalchemy": "2.1.0b1", "sqlite": "3.40.1"})
    assert observed.version("sqlalchemy") == (2, 1, 1)
    assert observed.version("sqlite") >= (3, 40)
    assert observed.version("nothing") == ()
