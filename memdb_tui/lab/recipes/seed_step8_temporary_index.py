"""Step 8: temporary indices."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="CREATE TEMPORARY INDEX",
    group=Group.STEPS,
    claim=(
        "SQLite creates a file if any of the following occur: … Temporary tables or indices are created with "
        "TEMPORARY keywords."
    ),
    source=article("step 8"),
    needs=(),
    works_instead="works-temporary-index",
)


def code() -> None:
    """An index with the keyword."""
    import sqlite3

    connection = sqlite3.connect("file:testdb?mode=memory&cache=shared", uri=True)
    connection.execute("CREATE TABLE t (x)")
    connection.execute("CREATE TEMPORARY INDEX i ON t (x)")


def judge(seen: Observed) -> Judgement:
    """It makes a file only if there is such a statement."""
    if seen.files:
        return holds(f"It made {list(seen.files)}.")
    if seen.error is not None and "syntax error" in seen.error:
        return fails(f"SQL has no such statement: {seen.error}. An index is temporary if its table is.")
    return fails("It was created without a file.")


if __name__ == "__main__":
    show(__file__)
