"""Step 3: what the name and the cache do."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Same name: shared; unique names: isolated",
    group=Group.STEPS,
    claim=(
        "The cache=shared parameter allows connections to the same database name to share memory, while unique "
        "names ensure isolation."
    ),
    source=article("step 3"),
    needs=(),
    panes=(Pane("file:db1?mode=memory&cache=shared", connections=2), Pane("file:db2?mode=memory&cache=shared")),
)


def code() -> None:
    """One name twice, another once."""
    import sqlite3

    first = sqlite3.connect("file:db1?mode=memory&cache=shared", uri=True)
    again = sqlite3.connect("file:db1?mode=memory&cache=shared", uri=True)
    other = sqlite3.connect("file:db2?mode=memory&cache=shared", uri=True)
    first.execute("CREATE TABLE made_in_db1 (x)")
    seen_by_the_same_name = again.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    seen_by_the_other_name = other.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def judge(seen: Observed) -> Judgement:
    """The same name has to see the table, the other must not."""
    if seen["seen_by_the_other_name"]:
        return fails("The other name shows the table.")
    if not seen["seen_by_the_same_name"]:
        return fails("The same name does not show the table.")
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
