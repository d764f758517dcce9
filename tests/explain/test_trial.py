"""The proof opens for real and stands beside the prediction."""

from __future__ import annotations

from pathlib import Path

import pytest

from memdb_tui.explain import explain
from memdb_tui.explain.build_facts import build_facts


@pytest.mark.parametrize(
    ("string", "outcome", "files"),
    [
        ("sqlite:///file:x?mode=memory&cache=shared", "file", ("file:x",)),
        ("sqlite:///file:x?mode=memory&cache=shared&uri=true", "memory-shared", ()),
        ("file:x?mode=memory", "memory-private", ()),
        ("", "memory-private" if build_facts().temporary_in_memory else "temporary", ()),
        ("file:x?mode=Memory", "error", ()),
    ],
)
def test_what_happens_is_what_was_predicted(
    string: str, outcome: str, files: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    proof = explain(string).prove()

    assert proof.agrees is True
    assert proof.outcome is not None
    assert (proof.outcome.value, proof.files) == (outcome, files)
    assert not list(tmp_path.iterdir())


def test_raw_beside_sqlalchemy_tells_whose_doing_a_file_is() -> None:
    explanation = explain("sqlite:///file:x?mode=memory&cache=shared")
    assert explanation.prove().outcome == "file"
    assert explanation.prove(raw=True).outcome == "memory-shared"


@pytest.mark.parametrize("string", ["/memdb-tui-never-made.db", "sqlite:////memdb-tui-never-made.db", "../x.db"])
def test_a_path_that_leads_out_of_the_folder_is_not_proven(string: str) -> None:
    proof = explain(string).prove()
    assert proof.agrees is None
    assert "outside" in proof.not_proven
    assert not Path("/memdb-tui-never-made.db").exists()


def test_connect_args_and_pool_are_proven_with_the_string() -> None:
    proof = explain("sqlite://", connect_args={"journal_mode": "WAL"}).prove()
    assert proof.agrees is True
    assert proof.error_type == "TypeError"
    shared = explain("sqlite:///file:x?mode=memory&cache=shared&uri=true", poolclass="QueuePool").prove()
    assert shared.agrees is True
    assert shared.shared is True


def test_django_options_are_proven_as_django_passes_them() -> None:
    proof = explain("file:x?mode=memory&cache=shared", kind="django", connect_args={"init_command": ""}).prove()
    assert proof.agrees is True
