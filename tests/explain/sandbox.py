"""A folder to open strings in, and the check that a prediction is what happens there."""

# ruff: noqa: PTH103, PTH109, PTH118, PTH120, PTH123, PTH208, PTH211 -- paths are compared as SQLite reports them
from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from opened_for_real import Happened, everything_below, open_for_real
from string_grammar import Attempt

from memdb_tui.explain import Explanation, explain


@dataclass(frozen=True, slots=True)
class Verdict:
    """A prediction beside what happened."""

    predicted: Explanation
    happened: Happened


class LeadsOutsideError(Exception):
    """The string would open a file elsewhere, and is not opened."""


@contextmanager
def prepared_folder() -> Iterator[str]:
    """A folder three levels down with a file, a folder and links in it; it is the working folder."""
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


def hold_to_the_truth(attempt: Attempt) -> Verdict:
    """Explain the string, open it for real, and fail unless both say the same."""
    at_the_root = set(os.listdir("/"))
    with prepared_folder() as folder:
        string = attempt.rooted(folder)
        top = os.path.dirname(os.path.dirname(folder))
        before = everything_below(top)
        predicted = explain(
            string, kind=attempt.kind, connect_args=dict(attempt.connect_args), poolclass=attempt.poolclass
        )
        assert everything_below(top) == before, "explaining made a file"
        inside = predicted.path is None or predicted.path.startswith(top + os.sep)
        if not inside and predicted.outcome != "error":
            raise LeadsOutsideError(predicted.path)
        happened = open_for_real(
            string, attempt.kind, connect_args=dict(attempt.connect_args), poolclass=attempt.poolclass
        )
        told = f"{predicted.outcome} {predicted.path} {predicted.error_type} {predicted.error}, {happened}"
        assert set(os.listdir("/")) == at_the_root, "a file was made in the root folder"
        made = everything_below(top) - before
        assert predicted.outcome.value == happened.outcome, told
        assert (predicted.error_type, predicted.error) == (happened.error_type, happened.error)
        if happened.outcome == "file":
            assert predicted.path == happened.path
        assert made == ({predicted.path} if predicted.creates_file else set())
    return Verdict(predicted, happened)
