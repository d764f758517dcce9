"""A database name opens as exactly that name, raw and through SQLAlchemy, or is refused with a reason."""

# ruff: noqa: PTH118, PTH208 -- paths are compared as SQLite reports them
from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest
import sqlalchemy
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sandbox import prepared_folder

from memdb_tui.errors import OpenError
from memdb_tui.explain import Meaning, classify, explain, file_url, shared_memory_uri, shared_memory_url

names = st.one_of(
    st.text("ab %?#&+=/\\:.;'\"@~\n\x1büñ日{}3F25", min_size=1, max_size=12),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20),
).filter(lambda name: name != ":memory:")


def every_byte_escaped(name: str) -> str:
    """The same name written another way: nothing in it can be special to anybody."""
    return "file:" + "".join(f"%{octet:02X}" for octet in name.encode()) + "?mode=memory&cache=shared"


@settings(deadline=None, max_examples=300)
@given(names)
@example("50%41")
@example("%3F")
@example("//a")
@example("/../x")
@example("a?mode=ro")
@example("#")
def test_a_name_opens_as_exactly_that_name(name: str) -> None:
    with prepared_folder() as folder:
        before = os.listdir(folder)
        engine = sqlalchemy.create_engine(shared_memory_url(name), poolclass=sqlalchemy.pool.NullPool)
        with (
            closing(sqlite3.connect(every_byte_escaped(name), uri=True)) as reference,
            closing(sqlite3.connect(shared_memory_uri(name), uri=True)) as raw,
            engine.connect() as through_sqlalchemy,
        ):
            reference.execute("CREATE TABLE here (x)")
            assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("here",)]
            assert through_sqlalchemy.exec_driver_sql("SELECT name FROM sqlite_master").fetchall() == [("here",)]
        engine.dispose()
        assert os.listdir(folder) == before
    assert explain(shared_memory_uri(name)).database == name
    assert explain(shared_memory_url(name)).database == name


@pytest.mark.parametrize("name", ["", ":memory:", "a\0b", "\ud800", chr(0xDCFF)])
def test_what_cannot_be_a_name_is_refused_with_a_reason(name: str) -> None:
    for write in (shared_memory_uri, shared_memory_url):
        with pytest.raises(OpenError) as refused:
            write(name)
        assert str(refused.value)
        assert refused.value.hint


def test_a_plain_name_is_written_plainly() -> None:
    assert shared_memory_uri("db1") == "file:db1?mode=memory&cache=shared"
    assert shared_memory_url("db1") == "sqlite:///file:db1?mode=memory&cache=shared&uri=true"


@pytest.mark.parametrize("file_name", ["x.db", "a b.db", "50%41.db", "what?.db", "a#b"])
def test_a_file_url_opens_exactly_that_file(file_name: str) -> None:
    with prepared_folder() as folder:
        path = os.path.join(folder, file_name)
        engine = sqlalchemy.create_engine(file_url(path))
        with engine.connect() as connection:
            row = connection.exec_driver_sql("PRAGMA database_list").fetchone()
        engine.dispose()
        assert row is not None
        assert row[2] == path


@pytest.mark.parametrize(
    ("argument", "meaning"),
    [
        ("db1", Meaning.NAME),
        ("a b", Meaning.NAME),
        ("../x", Meaning.NAME),
        ("folder/x", Meaning.NAME),
        (":memory:", Meaning.MEMORY),
        ("x.db", Meaning.LOOKS_LIKE_FILE),
        ("x.SQLITE3", Meaning.LOOKS_LIKE_FILE),
        ("folder", Meaning.LOOKS_LIKE_FILE),
        ("file:db1?mode=memory&cache=shared", Meaning.SQLITE3_URI),
        ("file::memory:?cache=shared", Meaning.SQLITE3_URI),
        ("file:db1?mode=memory", Meaning.CUT_AT_AMPERSAND),
        ("sqlite:///file:db1?mode=memory", Meaning.CUT_AT_AMPERSAND),
        ("sqlite:///file:db1?mode=memory&cache=shared&uri=true", Meaning.SQLALCHEMY_URL),
        ("sqlite:///x.db", Meaning.SQLALCHEMY_URL),
        ("sqlite:///x.db?timeout=5", Meaning.SQLALCHEMY_URL),
        ("postgresql://host/db", Meaning.SQLALCHEMY_URL),
    ],
)
def test_an_argument_is_taken_for_what_it_is(argument: str, meaning: Meaning) -> None:
    with prepared_folder() as folder:
        given_argument = classify(argument, folder)
    assert given_argument.meaning is meaning
    assert bool(given_argument.question) == (meaning in {Meaning.LOOKS_LIKE_FILE, Meaning.CUT_AT_AMPERSAND})


def test_a_name_that_looks_like_a_file_comes_with_both_forms() -> None:
    with prepared_folder() as folder:
        found = classify("there.db", folder)
        assert found.as_memory == "sqlite:///file:there.db?mode=memory&cache=shared&uri=true"
        assert found.as_file == f"sqlite:///{folder}/there.db"
        assert explain(found.as_memory).outcome == "memory-shared"
        assert explain(found.as_file).path == os.path.join(folder, "there.db")


def test_a_string_the_shell_has_cut_comes_with_the_whole_one() -> None:
    found = classify("sqlite:///file:db1?mode=memory")
    assert found.as_memory is not None
    assert explain(found.as_memory).outcome == "memory-shared"
