"""Cause 1: what SQLite does when mode=memory is gone."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Without mode=memory there is a file",
    group=Group.CAUSES,
    claim=(
        "If the mode=memory parameter is discarded, SQLite interprets the URI as a file-based connection, "
        "creating the specified file."
    ),
    source=article("cause 1"),
    needs=(),
    panes=(Pane("file:testdb?cache=shared"),),
)


def code() -> None:
    """The URI with its mode taken away."""
    import sqlite3

    connection = sqlite3.connect("file:testdb?cache=shared", uri=True)
    connection.execute("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """The claim says that there is a file."""
    if seen.files == ("testdb",):
        return holds("The file 'testdb' was made, as the claim says.")
    return fails(f"Files made: {list(seen.files)}.")


if __name__ == "__main__":
    show(__file__)
