"""What SQLite does where it was compiled otherwise: the rules, without such a build to open with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from memdb_tui.explain.build_facts import BuildFacts, build_facts, vfs_exists
from memdb_tui.explain.opening import predict

PLAIN = replace(
    build_facts(), use_uri=False, shared_cache=True, temp_store=1, thread_safe=1, refuses_nul=False, options=()
)


@pytest.mark.parametrize(
    ("build", "name", "uri", "outcome"),
    [
        (PLAIN, b"file:x?mode=memory", False, "file"),
        (replace(PLAIN, use_uri=True), b"file:x?mode=memory", False, "memory-private"),
        (PLAIN, b"file:x?mode=memory&cache=shared", True, "memory-shared"),
        (replace(PLAIN, shared_cache=False), b"file:x?mode=memory&cache=shared", True, "memory-private"),
        (replace(PLAIN, shared_cache=False), b"file:/x?vfs=memdb", True, "memory-shared"),
        (PLAIN, b"", True, "temporary"),
        (replace(PLAIN, temp_store=2), b"", True, "memory-private"),
        (replace(PLAIN, temp_store=3), b"file:?", True, "memory-private"),
        (PLAIN, b"file:x%00y?mode=memory", True, "memory-private"),
        (replace(PLAIN, refuses_nul=True), b"file:x%00y?mode=memory", True, "error"),
    ],
)
def test_compile_options_decide(build: BuildFacts, name: bytes, *, uri: bool, outcome: str) -> None:
    assert predict(name, uri=uri, cwd="/", build=build).outcome.value == outcome


def test_a_vfs_is_asked_for_by_opening_memory_through_it() -> None:
    assert vfs_exists(b"memdb")
    assert not vfs_exists(b"none such & ?")
    assert not vfs_exists(b"\xff")
    assert not vfs_exists(b"")
