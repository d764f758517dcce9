"""The proof of a prediction: the string opened for real, in a child process, in an empty folder."""

# ruff: noqa: PTH119 -- paths are compared as SQLite reports them
from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from memdb_tui.explain import trial_child
from memdb_tui.explain.explain import explain
from memdb_tui.explain.explanation import Explanation, Kind, Outcome
from memdb_tui.frozen import dataclass

SECONDS = 60.0
"""How long the child may take."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What happened when a string was opened twice, beside what was predicted.

    Attributes:
        prediction: The explanation of the string for the folder it was opened in.
        outcome: What it turned out to be; None if it was not opened.
        shared: Whether the second connection saw the table of the first; None if no table could be made.
        files: The files that were in the folder then, relative to it.
        error: The words of the refusal.
        error_type: The class name of the refusal.
        not_proven: Why it was not opened at all; empty if it was.
    """

    prediction: Explanation
    outcome: Outcome | None = None
    shared: bool | None = None
    files: tuple[str, ...] = ()
    error: str | None = None
    error_type: str | None = None
    not_proven: str = ""

    @property
    def agrees(self) -> bool | None:
        """Whether prediction and proof are the same; None if nothing was proven."""
        if self.not_proven:
            return None
        return all(predicted == happened for _, predicted, happened in self.rows())

    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """Return what was predicted and what happened side by side: (what, predicted, happened)."""
        predicted = self.prediction
        file = os.path.basename(predicted.path) if predicted.creates_file and predicted.path else "none"
        happened = ", ".join(os.path.basename(name) for name in self.files) or "none"
        return (
            ("outcome", predicted.outcome.value, "" if self.outcome is None else self.outcome.value),
            ("files made", file, happened),
            ("error", predicted.error or "none", self.error or "none"),
        )

    def to_json(self) -> dict[str, object]:
        """Return the documented JSON form."""
        return {
            "outcome": None if self.outcome is None else self.outcome.value,
            "shared": self.shared,
            "files": list(self.files),
            "error": self.error,
            "error_type": self.error_type,
            "not_proven": self.not_proven or None,
            "agrees": self.agrees,
        }


def prove(explanation: Explanation, *, raw: bool = False) -> Proof:
    """Open a string for real, twice, in a child process in an empty temporary folder.

    Args:
        explanation: What was explained.
        raw: Give `sqlite3.connect(…, uri=True)` the part after `sqlite:///` instead.

    Returns:
        What happened. A string whose path leads out of the folder is not opened, and the proof says so.
    """
    with tempfile.TemporaryDirectory(prefix="memdb-tui-proof-", ignore_cleanup_errors=True) as folder:
        real_folder = os.path.realpath(folder)
        prediction = _predicted(explanation, real_folder, raw=raw)
        refusal = _why_not(prediction, real_folder)
        if refusal:
            return Proof(prediction, not_proven=refusal)
        return _run(prediction, real_folder)


def _predicted(explanation: Explanation, folder: str, *, raw: bool) -> Explanation:
    if raw:
        string = raw_part(explanation.input)
        return explain(string, kind=Kind.SQLITE3_URI, cwd=folder)
    return explain(
        explanation.input,
        kind=explanation.kind,
        connect_args=dict(explanation.connect_args),
        poolclass=explanation.poolclass,
        cwd=folder,
    )


def raw_part(url: str) -> str:
    """Return what stands behind `sqlite:///`, the string to give to sqlite3 itself."""
    _, separator, rest = url.partition("://")
    return rest.removeprefix("/") if separator else url


def _why_not(prediction: Explanation, folder: str) -> str:
    """Return why a string is not opened, or an empty string."""
    if prediction.path is not None and not prediction.path.startswith(folder + os.sep):
        return f"It would open {prediction.path}, which is outside of the empty folder."
    missing = [finding for finding in prediction.findings if finding.code == "driver-not-installed"]
    if missing:
        return missing[0].message
    try:
        json.dumps(dict(prediction.connect_args))
    except (TypeError, ValueError):
        return "Its arguments cannot be passed to another process."
    return ""


def _run(prediction: Explanation, folder: str) -> Proof:
    through_sqlalchemy = prediction.kind is Kind.SQLALCHEMY_URL
    keywords = dict(prediction.connect_args)
    if not through_sqlalchemy and prediction.connect is not None:
        keywords = dict(prediction.connect.keywords)
    request = {
        "kind": prediction.kind.value,
        "string": prediction.input,
        "connect_args": keywords,
        "poolclass": prediction.poolclass,
    }
    try:
        child = subprocess.run(  # noqa: S603 -- this interpreter, with a script of ours
            [sys.executable, "-P", "-W", "ignore", str(Path(trial_child.__file__))],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=folder,
            timeout=SECONDS,
            check=False,
        )
        report = json.loads(child.stdout)
    except (OSError, subprocess.SubprocessError) as error:
        return Proof(prediction, not_proven=f"The child process did not answer: {error}")
    except json.JSONDecodeError:
        return Proof(prediction, not_proven=f"The child process failed: {child.stderr.strip()[-500:]}")
    return Proof(
        prediction,
        outcome=_observed(report),
        shared=report.get("shared"),
        files=tuple(report["files"]),
        error=report["error"],
        error_type=report["error_type"],
    )


def _observed(report: dict[str, object]) -> Outcome:
    if report["error"] is not None:
        return Outcome.ERROR
    # What is in memory, memdb stores included, has the journal there too.
    if report["journal_mode"] != "memory":
        if report["main_file"]:
            return Outcome.FILE
        if report["spilled"] is not False:
            return Outcome.TEMPORARY
    return Outcome.MEMORY_SHARED if report["shared"] else Outcome.MEMORY_PRIVATE
