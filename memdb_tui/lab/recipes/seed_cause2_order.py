"""Cause 2 and 4: the order of the parameters."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="The order of the parameters matters",
    group=Group.CAUSES,
    claim=(
        "If … the parameters are ordered incorrectly, SQLite may default to file-based storage. … URI parameters "
        "are order-sensitive in some parsers."
    ),
    source=article("causes 2 and 4"),
    needs=(),
    works_instead="seed-step1-correct-uri",
    panes=(Pane("file:testdb?mode=memory&cache=shared"), Pane("file:testdb?cache=shared&mode=memory")),
)


def code() -> None:
    """Both orders, open at the same time."""
    import sqlite3

    mode_first = sqlite3.connect("file:testdb?mode=memory&cache=shared", uri=True)
    cache_first = sqlite3.connect("file:testdb?cache=shared&mode=memory", uri=True)
    mode_first.execute("CREATE TABLE t (x)")
    found = cache_first.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def judge(seen: Observed) -> Judgement:
    """The order matters if the two are not the same database in memory."""
    if seen.files:
        return holds(f"One of the orders made {list(seen.files)}.")
    if seen["found"] != 1:
        return holds("The two orders lead to two databases.")
    return fails("Both orders lead to the same database in memory.")


if __name__ == "__main__":
    show(__file__)
