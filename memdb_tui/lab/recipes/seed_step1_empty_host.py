"""Step 1: the host of a file: URI."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="An empty host",
    group=Group.STEPS,
    claim="Use the file: scheme with an empty host and a virtual filename.",
    source=article("step 1"),
    needs=(),
    panes=(Pane("file:///testdb?mode=memory&cache=shared", sql="CREATE TABLE t (x);", connections=2),),
)


def code() -> None:
    """No host, an empty host, localhost, and another host."""
    import sqlite3

    result = {}
    for start in ("file:", "file:///", "file://localhost/", "file://example.org/"):
        try:
            sqlite3.connect(f"{start}testdb?mode=memory&cache=shared", uri=True).execute("CREATE TABLE t (x)")
            result[start] = "opened"
        except sqlite3.OperationalError as error:
            result[start] = str(error)


def judge(seen: Observed) -> Judgement:
    """The host has to be empty if another is refused."""
    result = dict(seen["result"]) if isinstance(seen["result"], dict) else {}
    if seen.files:
        return made_a_file(seen)
    if result["file:///"] != "opened":
        return fails(f"An empty host is refused: {result['file:///']}.")
    if result["file://example.org/"] == "opened":
        return fails("Another host is opened as well.")
    return holds(
        f"An empty host is opened, another is refused: {result['file://example.org/']}; localhost counts as none."
    )


if __name__ == "__main__":
    show(__file__)
