"""Recipes as lines: the list with verdicts, and everything about one. Pure."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from memdb_tui.lab.judgement import Verdict
from memdb_tui.lab.result import Result
from memdb_tui.lab.shelf import Entry
from memdb_tui.ui.rows import Clip, Part, Row
from memdb_tui.ui.widgets.line_list import Line
from memdb_tui.ui.wording import printable

_MARKS = {
    Verdict.HOLDS: ("=", "holds", "bold $primary"),
    Verdict.FAILS: ("×", "fails", "bold $secondary"),
    Verdict.DEPENDS: ("~", "depends", "$foreground"),
    Verdict.MADE_A_FILE: ("▲", "made a file", "bold $error"),
    Verdict.NOT_RUN: ("·", "not run", "$muted"),
}


def recipe_lines(entries: Sequence[Entry], results: Mapping[str, Result], running: frozenset[str]) -> list[Line]:
    """Shelf by shelf, with what became of each."""
    lines: list[Line] = []
    shelf = ""
    for entry in entries:
        if entry.recipe.group.value != shelf:
            shelf = entry.recipe.group.value
            lines.append(Line(f"#{shelf}", functools.partial(_shelf_row, shelf)))
        row = functools.partial(_entry_row, entry, results.get(entry.id), is_running=entry.id in running)
        lines.append(Line(entry.id, row, is_selectable=True))
    return lines


def summary(entries: Sequence[Entry], results: Mapping[str, Result]) -> str:
    """How many of each verdict: `12 hold · 9 fail · 3 made a file`."""
    if not results:
        return f"{len(entries)} recipes, none run yet"
    parts = []
    for verdict, (_, words, _) in _MARKS.items():
        count = sum(1 for result in results.values() if result.verdict is verdict)
        if count:
            parts.append(f"{count} {words}")
    return " · ".join(parts)


def entry_rows(entry: Entry, result: Result | None) -> list[Row]:
    """The claim, its source, the code as it runs, and what was observed here."""
    rows = [
        Row((Part(printable(f"“{entry.recipe.claim}”"), "bold $foreground"),)),
        Row((Part(printable(entry.recipe.source), "$muted"),)),
        Row(()),
    ]
    if result is None:
        rows.append(Row((Part("Not run yet here. Enter runs it, a runs all.", "$secondary"),)))
    else:
        sign, words, style = _MARKS[result.verdict]
        rows.append(Row((Part(f"{sign} {words}:", style), Part(printable(result.judgement.reason), "$foreground"))))
    if entry.works_instead:
        rows.append(Row((Part("works instead:", "$muted"), Part(entry.works_instead, "$primary"))))
    rows += [Row(()), *(Row((Part("  " + printable(line), "$primary"),)) for line in entry.code.text.splitlines())]
    if result is not None:
        rows += [Row(()), *_observed_rows(result)]
    return rows


def _observed_rows(result: Result) -> list[Row]:
    seen = result.observed
    shared = {True: "yes", False: "no", None: "not known"}[seen.shared]
    facts = [
        *(("reached sqlite3", str(call)) for call in seen.connect_args),
        ("outcome", seen.outcome.words if seen.outcome else "no database"),
        ("files", ", ".join(map(repr, seen.files)) or "none"),
        ("shared", shared),
        ("error", seen.error or "none"),
        ("pool", str(seen.pool or "none")),
        *(("warning", warning) for warning in seen.warnings),
    ]
    return [Row((Part(f"{what:>15}", "$muted"), Part(printable(value), "$foreground"))) for what, value in facts]


def _shelf_row(shelf: str) -> Row:
    return Row((Part(shelf, "bold $primary"),))


def _entry_row(entry: Entry, result: Result | None, *, is_running: bool) -> Row:
    sign, words, style = _MARKS[result.verdict] if result is not None else (" ", "", "$muted")
    if is_running:
        sign, words, style = "…", "running", "$secondary"
    left = (Part(sign, style, gap=0), Part(printable(entry.title), "$foreground", clip=Clip.END, least=16))
    return Row(left, (Part(words, style, gap=2, rank=1),) if words else ())
