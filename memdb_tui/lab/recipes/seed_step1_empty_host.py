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
    for uri in (
        "file:testdb?mode=memory&cache=shared",
        "file:///testdb?mode=memory&cache=shared",
        "file://localhost/other?mode=memory&cache=shared",
        "file://example.org/testdb?mode=memory&cache=shared",
    ):
        try:
            sqlite3.connect(uri, uri=True).execute("CREATE TABLE IF NOT EXISTS t (x)")
            result[uri] = "opened"
        except sqlite3.OperationalError as error:
            result[uri] = str(error)
    no_host, empty_host, local_host, another_host = result.values()


def judge(seen: Observed) -> Judgement:
    """The host has to be empty if another is refused."""
    if seen.files:
        return made_a_file(seen)
    if seen["empty_host"] != "opened":
        return fails(f"An empty host is refused: {seen['empty_host']}.")
    if seen["another_host"] == "opened":
        return fails("Another host is opened as well.")
    return holds(
        f"An empty host is opened, another is refused ({seen['another_host']}); localhost: {seen['local_host']}."
    )


if __name__ == "__main__":
    show(__file__)
