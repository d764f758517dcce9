"""An index on a temporary table."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="An index on a temporary table",
    group=Group.WORKS,
    claim=(
        "Tables created using the CREATE TEMP TABLE syntax are only visible to the database connection in which "
        "the CREATE TEMP TABLE statement is originally evaluated. … together with any associated indices, "
        "triggers, and views, are collectively stored in a separate temporary database."
    ),
    source="https://www.sqlite.org/tempfiles.html",
    needs=(),
    panes=(
        Pane(
            "file:testdb?mode=memory&cache=shared", sql="CREATE TEMPORARY TABLE t (x); CREATE INDEX temp.i ON t (x);"
        ),
    ),
)


def code() -> None:
    """The table has the keyword, the index its schema."""
    import sqlite3

    connection = sqlite3.connect("file:testdb?mode=memory&cache=shared", uri=True)
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("CREATE TEMPORARY TABLE t (x)")
    connection.execute("CREATE INDEX temp.i ON t (x)")
    temporary = [name for (name,) in connection.execute("SELECT name FROM sqlite_temp_master ORDER BY name")]


def judge(seen: Observed) -> Judgement:
    """Both have to be temporary, in memory."""
    if seen["temporary"] != ["i", "t"]:
        return fails(f"Temporary are {seen['temporary']}.")
    return stays_in_memory(seen)


if __name__ == "__main__":
    show(__file__)
