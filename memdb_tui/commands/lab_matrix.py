"""The table of `memdb-tui lab --matrix`: recipes down, interpreters across."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from memdb_tui.lab.judgement import Verdict
from memdb_tui.lab.report import as_json
from memdb_tui.lab.result import Result
from memdb_tui.lab.shelf import Entry

_WIDTH = max(len(verdict.value) for verdict in Verdict) + 2
_NAMES = {"python": "Python", "sqlite": "SQLite", "sqlalchemy": "SQLAlchemy"}


@dataclass(frozen=True, slots=True)
class Column:
    """What one interpreter gave.

    Attributes:
        python: Its path.
        versions: Of Python, SQLite and SQLAlchemy there; empty if nothing ran.
        results: By the entry's id.
    """

    python: str
    versions: Mapping[str, str]
    results: Mapping[str, Result]


def column_of(python: str, results: Sequence[Result]) -> Column:
    """Return the column of an interpreter."""
    versions = next((result.observed.versions for result in results if result.observed.versions), {})
    return Column(python, versions, {result.entry.id: result for result in results})


def matrix_lines(entries: Sequence[Entry], columns: Sequence[Column]) -> list[str]:
    """Return the table: a legend, a row for each entry, and which rows differ where they were run."""
    lines = []
    for number, column in enumerate(columns, start=1):
        said = ", ".join(f"{name} {column.versions[key]}" for key, name in _NAMES.items() if key in column.versions)
        lines.append(f"{number}  {column.python}: {said or _why_nothing(column)}")
    width = max((len(entry.id) for entry in entries), default=0) + 2
    lines += ["", " " * width + "".join(f"{number!s:{_WIDTH}}" for number in range(1, len(columns) + 1)).rstrip()]
    differing = []
    for entry in entries:
        verdicts = [column.results[entry.id].verdict.value for column in columns]
        lines.append(f"{entry.id:{width}}{''.join(f'{verdict:{_WIDTH}}' for verdict in verdicts)}".rstrip())
        if len(set(verdicts) - {Verdict.NOT_RUN.value}) > 1:
            differing.append(entry.id)
    lines += ["", f"Verdicts differ: {', '.join(differing) or 'none'}."]
    return lines


def _why_nothing(column: Column) -> str:
    return next((result.judgement.reason for result in column.results.values()), "nothing ran")


def matrix_json(entries: Sequence[Entry], columns: Sequence[Column]) -> list[dict[str, object]]:
    """Return one object for each interpreter: `python`, `versions`, and `results` in the form of `--json`."""
    return [
        {
            "python": column.python,
            "versions": dict(column.versions),
            "results": [as_json(column.results[entry.id]) for entry in entries],
        }
        for column in columns
    ]
