"""The overview's ambiguity between its two definitions."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="The two definitions are ambiguous",
    group=Group.OVERVIEW,
    claim=(
        'These two specifications create ambiguity when developers attempt to use "named" in-memory databases '
        "(e.g., file:testdb?mode=memory) for distinct instances."
    ),
    source=article("issue overview"),
    needs=(),
    works_instead="seed-overview-mode-memory",
)


def code() -> None:
    """Both spellings in one process, beside each other."""
    import sqlite3

    named = sqlite3.connect("file:testdb?mode=memory&cache=shared", uri=True)
    unnamed = sqlite3.connect(":memory:")
    named.execute("CREATE TABLE in_named (x)")
    unnamed.execute("CREATE TABLE in_unnamed (x)")
    tables = "SELECT name FROM sqlite_master"
    in_named = [name for (name,) in named.execute(tables)]
    in_unnamed = [name for (name,) in unnamed.execute(tables)]


def judge(seen: Observed) -> Judgement:
    """It is ambiguous if one is taken for the other, or for a file."""
    mixed = seen["in_named"] != ["in_named"] or seen["in_unnamed"] != ["in_unnamed"]
    if mixed or seen.files:
        return holds(
            f"One was taken for the other: {seen['in_named']}, {seen['in_unnamed']}, files {list(seen.files)}."
        )
    return fails("SQLite keeps them apart, both in memory: it takes each spelling as it is documented.")


if __name__ == "__main__":
    show(__file__)
