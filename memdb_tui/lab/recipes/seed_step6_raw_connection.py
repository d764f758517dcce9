"""Step 6's raw connection."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="A raw sqlite3 connection",
    group=Group.STEPS,
    claim=(
        "conn = sqlite3.connect('file:testdb?mode=memory&cache=shared&uri=true', uri=True) … If this creates a "
        "file, the problem lies in the URI or SQLite version."
    ),
    source=article("step 6, code block"),
    needs=(),
    panes=(
        Pane(
            "file:testdb?mode=memory&cache=shared&uri=true",
            sql="CREATE TABLE t1 (id INTEGER PRIMARY KEY);",
            connections=2,
        ),
    ),
)


def code() -> None:
    """The code block."""
    import sqlite3

    # Using URI syntax
    conn = sqlite3.connect("file:testdb?mode=memory&cache=shared&uri=true", uri=True)
    cursor = conn.cursor()
    cursor.execute("CREATE TABLE t1 (id INTEGER PRIMARY KEY);")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
