"""The string that is suggested is the one that was meant."""

from __future__ import annotations

import pytest

from memdb_tui.explain import explain

SHARED = "sqlite:///file:db1?mode=memory&cache=shared&uri=true"


@pytest.mark.parametrize(
    ("written", "suggested"),
    [
        ("sqlite:///file:db1?mode=memory&cache=shared", SHARED),
        ("sqlite:///file:db1?mode=memory&amp;cache=shared&amp;uri=true", SHARED),
        ("sqlite:///file:db1%3Fmode=memory&cache=shared&uri=true", SHARED),
        ("sqlite:///db1?mode=memory&cache=shared&uri=true", SHARED),
        ("sqlite:///file:db1?mode=Memory&cache=Shared&uri=true", SHARED),
        ("sqlite:///file:db1?mode=memory&uri=true", SHARED),
        ("sqlite:///file:db1?mode=memory", SHARED),
        ("sqlite+pysqlite3:///file:db1?mode=memory&uri=true", SHARED),
        ("sqlite+aiosqlite:///file:db1?mode=memory&cache=shared", SHARED.replace("sqlite", "sqlite+aiosqlite", 1)),
        ("sqlite:///file:db1?mode=memory&cache=shared&timeout=5", f"{SHARED}&timeout=5"),
        ("sqlite:///:memory:?cache=shared", "sqlite:///file::memory:?cache=shared&uri=true"),
        ("sqlite:///:memory:?cache=shared&uri=true", "sqlite:///file::memory:?cache=shared&uri=true"),
        ("sqlite:///file:db1?vfs=memdb&uri=true", "sqlite:///file:/db1?vfs=memdb&uri=true"),
        ("sqlite:////db1?vfs=memdb&uri=true", "sqlite:///file:/db1?vfs=memdb&uri=true"),
        ("file:a#b?mode=memory", "file:a%23b?mode=memory&cache=shared"),
        ("file:db1?mode=memory#x", "file:db1?mode=memory&cache=shared"),
        ("file:db1?mode=memory", "file:db1?mode=memory&cache=shared"),
        ("file:db1?mode=MEMORY&cache=shared", "file:db1?mode=memory&cache=shared"),
        ("file://db1?mode=memory&cache=shared", "file:db1?mode=memory&cache=shared"),
        ("FILE:db1?mode=memory&cache=shared", "file:db1?mode=memory&cache=shared"),
    ],
)
def test_the_string_that_was_meant_is_suggested(written: str, suggested: str) -> None:
    assert explain(written).suggestion == suggested


@pytest.mark.parametrize("string", [SHARED, "sqlite:///app.db", ":memory:", "sqlite://", "postgresql://host/db"])
def test_nothing_is_suggested_where_nothing_is_wrong(string: str) -> None:
    assert explain(string).suggestion is None


def test_a_name_in_connect_args_is_understood() -> None:
    found = explain("sqlite://", connect_args={"uri": "file:db1?mode=memory&cache=shared"})
    assert found.suggestion == SHARED


def test_where_it_is_unsure_the_possible_meanings_are_alternatives() -> None:
    found = explain("sqlite:///file:db1?cache=shared&uri=true")
    assert found.suggestion is None
    assert SHARED in found.alternatives


def test_private_memory_may_have_been_meant_as_shared() -> None:
    assert explain(":memory:").alternatives == ("file:memdb?mode=memory&cache=shared",)
