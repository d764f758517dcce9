"""What a string leads to, said before SQLite is asked: never memory where a file comes of it."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memdb_tui.probe.files_before import leads_to_memory

PIECES = ("file:", "db", "?", "&", "&amp;", "=", "mode=memory", "mode=", "memory", "xmode=", "cache=shared", "/")


def file_of(uri: str) -> str | None:
    """The file SQLite opens for a URI, empty for memory; None where it refuses."""
    with tempfile.TemporaryDirectory() as folder:
        before = os.getcwd()  # noqa: PTH109 - as SQLite has it
        os.chdir(folder)
        try:
            with closing(sqlite3.connect(uri, uri=True)) as connection:
                connection.execute("CREATE TABLE t(x)")
                return str(connection.execute("PRAGMA database_list").fetchone()[2])
        except sqlite3.Error:
            return None
        finally:
            os.chdir(before)


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_what_is_said_to_lead_to_memory_makes_no_file(rest: str) -> None:
    uri = "file:" + rest
    if leads_to_memory(uri):
        assert file_of(uri) in {"", None}


@pytest.mark.parametrize(
    ("uri", "leads"),
    [
        ("file:db?mode=memory&cache=shared", True),
        ("file:db?cache=shared&mode=memory", True),
        ("file:db?cache=shared&amp;mode=memory", False),
        ("file:db&mode=memory", False),
        ("file:mode=memory", False),
        ("file:db?xmode=memory", False),
        ("file:db?mode=memoryx", False),
        ("file:db?mode=memory&mode=rwc", False),
        ("file:db?mode=memory#a", False),
    ],
)
def test_only_the_parameter_itself_counts(uri: str, leads: bool) -> None:  # noqa: FBT001 - a table
    assert leads_to_memory(uri) is leads
