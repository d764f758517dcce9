"""Cause 2: characters in the name."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, depends, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Invalid characters in the name make a file",
    group=Group.CAUSES,
    claim="If the filename contains invalid characters …, SQLite may default to file-based storage.",
    source=article("cause 2"),
    needs=(),
    works_instead="works-encoded-name",
)


def code() -> None:
    """Names with characters that might be invalid, each opened as a URI."""
    import os
    import sqlite3

    made_by = {}
    for name in ("a b", "b:c", "c&d", "d=e", "e%zz", "é", "f'g", "g#h", "h?i"):
        before = set(os.listdir())
        sqlite3.connect(f"file:{name}?mode=memory&cache=shared", uri=True).execute("CREATE TABLE t (x)")
        made_by[name] = sorted(set(os.listdir()) - before)
    strays = sorted(name for name, files in made_by.items() if files)
    in_memory = sorted(name for name, files in made_by.items() if not files)


def judge(seen: Observed) -> Judgement:
    """Which names make files?"""
    strays, in_memory = seen["strays"], seen["in_memory"]
    if not strays:
        return fails(f"None of {in_memory} made a file.")
    if not in_memory:
        return holds(f"All of {strays} made files.")
    return depends(f"on the character: {strays} made files, since # and ? end the name early; {in_memory} did not.")


if __name__ == "__main__":
    show(__file__)
