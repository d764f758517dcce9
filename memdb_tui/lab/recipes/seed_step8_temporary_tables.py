"""Step 8: temporary tables."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, depends, fails, holds, made_a_file, not_run
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Temporary tables make files",
    group=Group.STEPS,
    claim=(
        "SQLite creates a file if any of the following occur: … Temporary tables or indices are created with "
        "TEMPORARY keywords."
    ),
    source=article("step 8"),
    needs=(),
    works_instead="works-temp-store-memory",
    panes=(Pane("file:testdb?mode=memory&cache=shared", sql="CREATE TEMPORARY TABLE small (x);"),),
)


def code() -> None:
    """A small temporary table, and one that outgrows its cache (Linux shows the unlinked file)."""
    import os
    import sqlite3

    def temporary_files() -> int:
        links = (f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd"))
        return sum("etilqs_" in os.readlink(link) for link in links if os.path.islink(link))

    can_be_seen = os.path.isdir("/proc/self/fd")
    connection = sqlite3.connect("file:testdb?mode=memory&cache=shared", uri=True)
    connection.execute("CREATE TEMPORARY TABLE small (x)")
    connection.execute("INSERT INTO small VALUES (1)")
    files_of_small = temporary_files() if can_be_seen else None

    connection.execute("PRAGMA temp.cache_size = 10")
    connection.execute("CREATE TEMPORARY TABLE large (x)")
    connection.executemany("INSERT INTO large VALUES (?)", [(bytes(4000),)] * 200)
    files_of_large = temporary_files() if can_be_seen else None


def judge(seen: Observed) -> Judgement:
    """The files are in the temporary folder, unlinked at once."""
    if not seen["can_be_seen"]:
        return not_run("This system does not show which files a process holds (/proc/self/fd).")
    if seen.files:
        return made_a_file(seen)
    if seen["files_of_small"] and seen["files_of_large"]:
        return holds("Both the small and the large one had a file, in the temporary folder.")
    if seen["files_of_large"]:
        return depends(
            "on the size: a small one has no file; one that outgrows its cache has one, in the temporary folder."
        )
    return fails("Neither the small nor the large one had a file.")


if __name__ == "__main__":
    show(__file__)
