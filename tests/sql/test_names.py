"""Quoting agrees with what SQLite reads."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memdb_tui.sql.names import quote_identifier, unquote

NAMES = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1)


@given(name=NAMES)
def test_a_quoted_name_comes_back_from_sqlite(name: str) -> None:
    connection = sqlite3.connect(":memory:")
    try:
        cursor = connection.execute(f"SELECT 1 AS {quote_identifier(name)}")
        assert cursor.description[0][0] == name
        assert unquote(quote_identifier(name)) == name
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("token", "text"),
    [("'it''s'", "it's"), ('"a""b"', 'a"b'), ("`a``b`", "a`b"), ("[a''b]", "a''b"), ("bare", "bare"), ("''", "")],
)
def test_a_token_stands_for_a_text(token: str, text: str) -> None:
    connection = sqlite3.connect(":memory:")
    try:
        described = connection.execute(f"SELECT 1 AS {token}").description[0][0] if text else ""
    finally:
        connection.close()
    assert unquote(token) == text == described
