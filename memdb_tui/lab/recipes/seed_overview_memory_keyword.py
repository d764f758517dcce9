"""The overview's second definition: `:memory:`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title=":memory: with nothing around it",
    group=Group.OVERVIEW,
    claim=(
        "The special :memory: identifier requires no additional text in the filename to function as a pure "
        "in-memory database."
    ),
    source=article("issue overview"),
    needs=(),
    panes=(Pane(":memory:", sql="CREATE TABLE t (x);"),),
)


def code() -> None:
    """The keyword alone."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory."""
    return stays_in_memory(seen)


if __name__ == "__main__":
    show(__file__)
