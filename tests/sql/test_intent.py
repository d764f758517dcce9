"""What a statement names is what SQLite opens."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from memdb_tui.sql.intent import FileTarget, FileVerb, file_target, first_keyword
from memdb_tui.sql.tokens import KEYWORDS

LITERAL_TARGETS = [
    ("ATTACH 'a' AS b", "a", "b"),
    ("attach database 'a''b' as \"c d\";", "a'b", "c d"),
    ("/* x */ ATTACH \"a\" AS 'b' -- c", "a", "b"),
    ("ATTACH [a] AS b", "a", "b"),
    ("ATTACH `a` AS b", "a", "b"),
    ("ATTACH a AS b", "a", "b"),
    ("ATTACH key AS b", "key", "b"),
    ("ATTACH DATABASE database AS b", "database", "b"),
    ("ATTACH 'é.db' AS é", "é.db", "é"),
    ("VACUUM INTO 'v'", "v", None),
    ('VACUUM INTO "v";', "v", None),
    ("vacuum main into 'v'", "v", "main"),
    ("VACUUM \"main\" INTO 'v' ;", "v", "main"),
]


def run_in(folder: Path, monkeypatch: pytest.MonkeyPatch, sql: str) -> set[str]:
    """Execute `sql` with `folder` as the working folder and give the names of the files it made."""
    monkeypatch.chdir(folder)
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.execute(sql)
    finally:
        connection.close()
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(("sql", "target", "alias"), LITERAL_TARGETS)
def test_a_literal_target_is_the_file_sqlite_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str, target: str, alias: str | None
) -> None:
    found = file_target(sql)
    verb = FileVerb.VACUUM_INTO if "into" in sql.lower() else FileVerb.ATTACH
    assert found == FileTarget(verb, target=target, alias=alias)
    assert run_in(tmp_path, monkeypatch, sql) == {target}


@pytest.mark.parametrize(
    ("sql", "alias"),
    [
        ("ATTACH 'a' || 'b' AS c", None),
        ("ATTACH ? AS c", "c"),
        ("ATTACH 5 AS c", "c"),
        ("ATTACH x'6162' AS c", "c"),
        ("ATTACH current_date AS c", "c"),
        ("ATTACH NULL AS c", "c"),
        ("ATTACH 'a'", None),
        ("ATTACH", None),
        ("VACUUM INTO 'a' || 'b'", None),
        ("VACUUM INTO v", None),
        ("VACUUM INTO", None),
        ("VACUUM main INTO ?", "main"),
    ],
)
def test_an_expression_leaves_the_target_unknown(sql: str, alias: str | None) -> None:
    found = file_target(sql)
    assert found is not None
    assert (found.target, found.alias) == (None, alias)


@pytest.mark.parametrize(
    "sql",
    ["", "SELECT 'ATTACH'", "VACUUM", "VACUUM main;", "DETACH x", "EXPLAIN ATTACH 'a' AS b", "-- ATTACH 'a' AS b"],
)
def test_other_statements_name_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    assert file_target(sql) is None
    if not sql.startswith("DETACH"):
        assert run_in(tmp_path, monkeypatch, sql) == set()


@pytest.mark.parametrize(
    ("sql", "keyword"),
    [
        ("select 1", "SELECT"),
        ("\ufeff-- a\n /* b */ Pragma x", "PRAGMA"),
        ("(SELECT 1)", ""),
        ("foo", ""),
        ("selected", ""),
        ("", ""),
        ("/* open", ""),
    ],
)
def test_the_first_keyword_of_a_statement(sql: str, keyword: str) -> None:
    assert first_keyword(sql) == keyword
    assert not keyword or keyword in KEYWORDS
