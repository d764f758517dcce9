"""Every prediction is held to what SQLite and SQLAlchemy really do with the string."""

# ruff: noqa: PTH103, PTH109, PTH118, PTH120, PTH123, PTH208, PTH211 -- paths are compared as SQLite reports them
from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import HealthCheck, assume, given, note, settings
from opened_for_real import everything_below, open_for_real
from string_grammar import Attempt, fuzz, raw_attempts, url_attempts

from memdb_tui.explain import Explanation, explain

EXAMPLES = 5_000 if os.environ.get("MEMDB_TUI_HEAVY") == "1" else 300
exhaustively = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@contextmanager
def prepared_folder() -> Iterator[str]:
    """An empty folder, but for a file, a folder and links, three levels down; it is the working folder."""
    came_from = os.getcwd()
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(os.path.realpath(top), "a", "b")
        os.makedirs(os.path.join(folder, "folder"))
        with open(os.path.join(folder, "there.db"), "wb"):
            pass
        os.symlink("there.db", os.path.join(folder, "link"))
        os.symlink("target.db", os.path.join(folder, "dangling"))
        os.symlink("loop", os.path.join(folder, "loop"))
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(came_from)


def hold_to_the_truth(attempt: Attempt) -> None:
    at_the_root = set(os.listdir("/"))
    with prepared_folder() as folder:
        string = attempt.rooted(folder)
        top = os.path.dirname(os.path.dirname(folder))
        before = everything_below(top)
        predicted = explain(
            string, kind=attempt.kind, connect_args=dict(attempt.connect_args), poolclass=attempt.poolclass
        )
        assert everything_below(top) == before, "explaining made a file"
        assume(predicted.path is None or predicted.path.startswith(top + os.sep) or predicted.outcome == "error")
        happened = open_for_real(
            string, attempt.kind, connect_args=dict(attempt.connect_args), poolclass=attempt.poolclass
        )
        note(f"predicted {predicted.outcome} {predicted.path} {predicted.error_type} {predicted.error}")
        note(f"happened  {happened}")
        assert set(os.listdir("/")) == at_the_root, "a file was made in the root folder"
        assert predicted.outcome.value == happened.outcome
        assert (predicted.error_type, predicted.error) == (happened.error_type, happened.error)
        made = everything_below(top) - before
        if happened.outcome == "file":
            assert predicted.path == happened.path
            assert predicted.creates_file == (predicted.path in made)
        assert made == ({predicted.path} if predicted.creates_file else set())
        check_itself(predicted)


def check_itself(explanation: Explanation) -> None:
    """What holds for every explanation."""
    assert explanation.reason
    assert explanation.stray == (explanation.meant_as_memory and explanation.outcome == "file")
    if explanation.outcome == "error" or explanation.stray:
        assert explanation.findings[0].severity == "error"
    if explanation.suggestion is not None:
        kind = "sqlite3-uri" if explanation.kind == "sqlite3-path" else explanation.kind
        suggested = explain(explanation.suggestion, kind=kind)
        assert suggested.outcome == "memory-shared"
        assert not [finding for finding in suggested.findings if finding.severity == "error"]


@exhaustively
@given(raw_attempts())
def test_sqlite3_does_what_was_predicted(attempt: Attempt) -> None:
    hold_to_the_truth(attempt)


@exhaustively
@given(url_attempts())
def test_sqlalchemy_does_what_was_predicted(attempt: Attempt) -> None:
    hold_to_the_truth(attempt)


@exhaustively
@given(fuzz)
def test_any_text_does_what_was_predicted(attempt: Attempt) -> None:
    hold_to_the_truth(attempt)
