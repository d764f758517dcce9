"""Entries made for one test: any code, with any judge."""

from __future__ import annotations

import textwrap
from pathlib import Path

from memdb_tui.lab.judgement import Judge, Judgement, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Need, Recipe
from memdb_tui.lab.result import Result
from memdb_tui.lab.runner import run
from memdb_tui.lab.shelf import Entry
from memdb_tui.lab.source import CodeSource


def always_holds(seen: Observed) -> Judgement:
    del seen
    return holds("It always does.")


def entry_of(text: str, *, name: str = "made", needs: tuple[Need, ...] = (), judge: Judge = always_holds) -> Entry:
    """Return an entry that runs this text."""
    recipe = Recipe(title=name, group=Group.WORKS, claim="none", source="this test", needs=needs)
    code = CodeSource(textwrap.dedent(text).lstrip("\n"), Path(__file__), 1)
    return Entry(name, recipe, code, judge, works_instead="", is_fix=False)


def result_of_code(text: str, *, needs: tuple[Need, ...] = (), deadline_seconds: float = 60.0) -> Result:
    """Run one piece of code and return its result."""
    (result,) = run([entry_of(text, needs=needs)], deadline_seconds=deadline_seconds)
    return result
