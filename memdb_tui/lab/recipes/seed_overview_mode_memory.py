"""The overview's first definition: `mode=memory`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="mode=memory, given to SQLite itself",
    group=Group.OVERVIEW,
    claim=(
        "SQLite’s documentation defines mode=memory as a directive to create an in-memory database when using the "
        "file: URI scheme."
    ),
    source=article("issue overview"),
    needs=(),
    panes=(Pane("file:testdb?mode=memory", sql="CREATE TABLE t (x);"),),
)


def code() -> None:
    """No SQLAlchemy in between."""
    import sqlite3

    connection = sqlite3.connect("file:testdb?mode=memory", uri=True)
    connection.execute("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory."""
    return stays_in_memory(seen)


if __name__ == "__main__":
    show(__file__)
