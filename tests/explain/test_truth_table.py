"""What well-known connection strings do under SQLAlchemy 2.0 and 2.1, predicted and opened for real."""

from __future__ import annotations

import pytest
import sqlalchemy
from sandbox import hold_to_the_truth
from string_grammar import Attempt

from memdb_tui.explain.build_facts import build_facts

NAMED = "mode=memory&cache=shared"
SINGLE, QUEUE = "SingletonThreadPool", "QueuePool"
NAMELESS = "memory-private" if build_facts().temporary_in_memory else "temporary"
DECODES_ONCE_MORE = not sqlalchemy.__version__.startswith("2.0.")

TABLE = [
    (f"sqlite:///file:db1?{NAMED}&uri=true", SINGLE, "memory-shared", None, None),
    ("sqlite:///file::memory:?cache=shared&uri=true", QUEUE, "memory-shared", None, "process-global-name"),
    ("sqlite:///file:/db1?vfs=memdb&uri=true", QUEUE, "memory-shared", None, None),
    ("sqlite:///file:db1?vfs=memdb&uri=true", QUEUE, "memory-private", None, "memdb-needs-slash"),
    ("sqlite:///file:db1?mode=memory&uri=true", SINGLE, "memory-private", None, "cache-shared-missing"),
    ("sqlite:///:memory:?cache=shared", SINGLE, "memory-private", None, "query-dropped"),
    (f"sqlite:///file:db1?{NAMED}", SINGLE, "file", "file:db1", "uri-true-missing"),
    ("sqlite:///file::memory:?cache=shared", QUEUE, "file", "file::memory:", "uri-true-missing"),
    ("sqlite:///:memory:?cache=shared&uri=true", SINGLE, "file", ":memory:?cache=shared", "file-prefix-missing"),
    (f"sqlite:///db4?{NAMED}&uri=true", SINGLE, "file", "db4?cache=shared&mode=memory", "file-prefix-missing"),
    ("sqlite:///file:db?cache=shared&uri=true", QUEUE, "file", "db", "mode-memory-missing"),
    (
        "sqlite:///file:x?mode=memory&amp;cache=shared&amp;uri=true",
        SINGLE,
        "file",
        "file:x",
        "html-escaped-ampersand",
    ),
    ("sqlite:///{ROOT}/db6?vfs=memdb&uri=true", QUEUE, "file", "db6?vfs=memdb", "file-prefix-missing"),
    (
        f"sqlite:///file:x%3F{NAMED}",
        QUEUE,
        "file",
        f"file:x?{NAMED}" if DECODES_ONCE_MORE else f"file:x%3F{NAMED}",
        "percent-encoded-question-mark",
    ),
    ("sqlite+pysqlite3:///file:x?mode=memory&uri=true", None, "error", None, "dialect-does-not-exist"),
    ("sqlite:///file:x?mode=rw&mode=memory&uri=true", QUEUE, "error", None, "duplicate-parameter"),
    ("sqlite:///?uri=true", SINGLE, NAMELESS, None, None),
    ("sqlite://", SINGLE, "memory-private", None, "private-memory"),
]


@pytest.mark.parametrize(("url", "pool", "outcome", "made", "code"), TABLE)
def test_a_url_does_what_the_table_says(
    url: str, pool: str | None, outcome: str, made: str | None, code: str | None
) -> None:
    verdict = hold_to_the_truth(Attempt(url, "sqlalchemy-url"))

    assert verdict.happened.outcome == outcome
    assert verdict.predicted.pool == pool
    if made is not None:
        assert verdict.happened.path is not None
        assert verdict.happened.path.endswith(f"/{made}")
    if code is not None:
        assert code in verdict.predicted.codes


@pytest.mark.parametrize(
    ("url", "connect_args", "outcome", "code"),
    [
        (f"sqlite:///file:db1?{NAMED}", (("uri", True),), "file", "uri-in-connect-args"),
        ("sqlite://", (("uri", f"file:db1?{NAMED}"),), "memory-private", "uri-in-connect-args"),
        ("sqlite://", (("journal_mode", "MEMORY"),), "error", "connect-argument-refused"),
    ],
)
def test_connect_args_do_what_the_table_says(
    url: str, connect_args: tuple[tuple[str, object], ...], outcome: str, code: str
) -> None:
    verdict = hold_to_the_truth(Attempt(url, "sqlalchemy-url", connect_args))

    assert verdict.happened.outcome == outcome
    assert code in verdict.predicted.codes


@pytest.mark.parametrize(
    ("string", "outcome", "error"),
    [
        ("", NAMELESS, None),
        ("file:?", NAMELESS, None),
        ("file:x?mode=memory&mode=rwc", "file", None),
        ("file:x?mode=ro&mode=rw", "error", "access mode not allowed: rw"),
        ("file:x?mode=Memory", "error", "no such access mode: Memory"),
        ("file:x?mode=memory&cache=Shared", "error", "no such cache mode: Shared"),
        ("file://host/x", "error", "invalid uri authority: host"),
        ("file:x?vfs=none-such", "error", "no such vfs: none-such"),
        ("file:x?MODE=memory", "file", None),
        ("FILE:x?mode=memory", "file", None),
        ("file:n%31?mode=memory&cache=shared", "memory-shared", None),
        ("file:x?vfs=memdb&cache=shared", "memory-shared", None),
        ("file:?mode=memory&cache=shared", "memory-private", None),
        ("file:x?mode=ro", "error", "unable to open database file"),
        ("file:folder?mode=ro", "error", "disk I/O error"),
    ],
)
def test_a_uri_does_what_the_table_says(string: str, outcome: str, error: str | None) -> None:
    verdict = hold_to_the_truth(Attempt(string, "sqlite3-uri"))

    assert (verdict.happened.outcome, verdict.happened.error) == (outcome, error)
