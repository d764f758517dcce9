"""Cause 5: sqlite3 without `uri=True`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, depends, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Without uri=True sqlite3 takes a path",
    group=Group.CAUSES,
    claim=(
        "Without uri=true, the driver may treat the filename as a literal path, ignoring parameters like mode=memory."
    ),
    source=article("cause 5"),
    needs=(),
    works_instead="seed-cause2-valid-uri",
)


def code() -> None:
    """The keyword left out; and how SQLite was compiled."""
    import sqlite3

    connection = sqlite3.connect("file:testdb?mode=memory&cache=shared")
    connection.execute("CREATE TABLE t (x)")
    options = [option for (option,) in connection.execute("PRAGMA compile_options")]
    reads_uris_anyway = "USE_URI" in options or "USE_URI=1" in options


def judge(seen: Observed) -> Judgement:
    """It is a path if there is a file."""
    if seen.files:
        return holds(f"It was taken for a path: {list(seen.files)}.")
    if seen["reads_uris_anyway"]:
        return depends(
            "on how SQLite was compiled: this one has USE_URI and reads URIs unasked; without, it is a path."
        )
    return fails("No file was made, though SQLite was not compiled with USE_URI.")


if __name__ == "__main__":
    show(__file__)
