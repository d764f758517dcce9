"""Every recipe, run for real: its verdict, its code, what works instead."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from expected_verdicts import EXPECTED, WHERE_IT_DOES_NOT, WHERE_SQLITE_READS_URIS_UNASKED

from memdb_tui.lab import recipes
from memdb_tui.lab.child import missing
from memdb_tui.lab.judgement import Verdict
from memdb_tui.lab.recipe import Group
from memdb_tui.lab.result import Result, judged
from memdb_tui.lab.runner import run
from memdb_tui.lab.shelf import FIX_SUFFIX, Entry, entries

ENTRIES = {entry.id: entry for entry in entries()}
PAIRS = sorted(name for name in ENTRIES if name + FIX_SUFFIX in ENTRIES)
CLAIMS = sorted(name for name, entry in ENTRIES.items() if name not in PAIRS and not entry.is_fix)
THE_SEED = (Group.OVERVIEW, Group.CAUSES, Group.STEPS, Group.FINAL_SOLUTION)


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    return {result.entry.id: result for result in run(list(ENTRIES.values()), deadline_seconds=120.0)}


def expected(name: str) -> str:
    with closing(sqlite3.connect(":memory:")) as connection:
        options = {option for (option,) in connection.execute("PRAGMA compile_options")}
    by_option = WHERE_SQLITE_READS_URIS_UNASKED if options & {"USE_URI", "USE_URI=1"} else WHERE_IT_DOES_NOT
    return {**EXPECTED, **by_option}[name]


def is_runnable(entry: Entry, result: Result) -> bool:
    """Tell whether everything an entry needs is here; where it is not, it has to say so."""
    lacking = missing(entry.recipe.needs)
    if lacking:
        assert (result.verdict, result.judgement.reason) == (Verdict.NOT_RUN, lacking)
    return not lacking


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_has_its_verdict(name: str, results: dict[str, Result]) -> None:
    result = results[name]
    if is_runnable(ENTRIES[name], result):
        assert result.verdict == expected(name), result.judgement.reason


@pytest.mark.parametrize("name", PAIRS)
def test_a_bug_happens_and_its_fix_holds(name: str, results: dict[str, Result]) -> None:
    bug, fix = results[name], results[name + FIX_SUFFIX]
    if is_runnable(ENTRIES[name], bug):
        assert bug.verdict not in {Verdict.HOLDS, Verdict.NOT_RUN}, (bug.judgement.reason, bug.output)
        assert fix.verdict is Verdict.HOLDS, (fix.judgement.reason, fix.output)


@pytest.mark.parametrize("name", PAIRS)
def test_bug_and_fix_cannot_be_swapped(name: str, results: dict[str, Result]) -> None:
    bug, fix = ENTRIES[name], ENTRIES[name + FIX_SUFFIX]
    assert bug.judge is fix.judge
    if is_runnable(bug, results[name]):
        assert judged(bug, results[fix.id].observed).verdict is Verdict.HOLDS
        assert judged(fix, results[name].observed).verdict is not Verdict.HOLDS


def test_every_entry_ends_by_itself(results: dict[str, Result]) -> None:
    assert {name: result.judgement.reason for name, result in results.items() if result.is_broken} == {}


def test_every_verdict_has_a_reason_in_whole_sentences(results: dict[str, Result]) -> None:
    reasons = {name: result.judgement.reason.rstrip() for name, result in results.items()}
    assert {name: reason for name, reason in reasons.items() if not reason.endswith((".", "!", ")", "”"))} == {}


def test_beside_every_claim_that_fails_stands_what_works(results: dict[str, Result]) -> None:
    failing = [name for name in CLAIMS if results[name].verdict in {Verdict.FAILS, Verdict.MADE_A_FILE}]
    assert [name for name in failing if ENTRIES[name].works_instead not in ENTRIES] == []


def test_what_works_instead_works(results: dict[str, Result]) -> None:
    named = {entry.works_instead for entry in ENTRIES.values() if entry.works_instead}
    here = {name: results[name] for name in named if is_runnable(ENTRIES[name], results[name])}
    assert {name: result.judgement for name, result in here.items() if result.verdict is not Verdict.HOLDS} == {}


def test_what_opens_in_the_workbench_stands_in_the_code() -> None:
    panes = [(name, pane.string) for name, entry in ENTRIES.items() for pane in entry.panes]
    assert [(name, string) for name, string in panes if string not in ENTRIES[name].code.strings()] == []


def test_the_code_is_the_text_of_its_file() -> None:
    for entry in ENTRIES.values():
        lines = entry.code.path.read_text(encoding="utf-8").splitlines()
        shown = entry.code.text.splitlines()
        there = [line.strip() for line in lines[entry.code.first_line - 1 :][: len(shown)]]
        assert [line.strip() for line in shown] == there


def test_every_recipe_says_what_is_claimed_and_where() -> None:
    for name, entry in ENTRIES.items():
        recipe = entry.recipe
        assert recipe.title.strip(), name
        assert recipe.claim.strip(), name
        if recipe.group in THE_SEED:
            assert "SQLite In-Memory Database Creates File Despite mode=memory Parameter" in recipe.source
        else:
            assert re.match(r"https://[^ ]+", recipe.source), (name, recipe.source)


def test_every_recipe_file_can_be_run_alone() -> None:
    ending = '\n\nif __name__ == "__main__":\n    show(__file__)\n'
    files = sorted(Path(recipes.__path__[0]).glob("[a-z]*.py"))
    assert [path.name for path in files if not path.read_text(encoding="utf-8").endswith(ending)] == []


def test_every_claim_is_expected_to_come_out_in_some_way() -> None:
    assert sorted({*EXPECTED, *WHERE_IT_DOES_NOT}) == CLAIMS


@pytest.mark.parametrize(
    "place",
    ["overview", *(f"cause {n}" for n in range(1, 6)), *(f"step {n}" for n in range(1, 9)), "final solution"],
)
def test_every_part_of_the_article_is_there(place: str) -> None:
    sources = [entry.recipe.source for entry in ENTRIES.values() if entry.recipe.group in THE_SEED]
    number = place.partition(" ")[2]
    found = [
        source
        for source in sources
        if place in source or (number.isdigit() and re.search(rf"s? .*\b{number}\b", source))
    ]
    assert found, place
