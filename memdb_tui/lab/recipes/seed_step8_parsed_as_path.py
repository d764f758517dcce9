"""Step 8: the first thing that makes a file."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Parsed as a path, it makes a file",
    group=Group.STEPS,
    claim="SQLite creates a file if any of the following occur: … The URI is parsed as a filesystem path.",
    source=article("step 8"),
    needs=(),
    works_instead="seed-cause2-valid-uri",
)


def code() -> None:
    """Made absolute, a URI is a path, whoever reads it."""
    import os
    import sqlite3

    path = os.path.abspath("file:testdb?mode=memory")
    sqlite3.connect(path, uri=True).execute("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """The claim says that there is a file."""
    if seen.files == ("file:testdb?mode=memory",):
        return holds(f"The file {seen.files[0]!r} was made, as the claim says.")
    return fails(f"Files made: {list(seen.files)}.")


if __name__ == "__main__":
    show(__file__)
