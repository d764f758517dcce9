"""Cause 2: the URI it gives as an example."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="The example of a file: URI",
    group=Group.CAUSES,
    claim="file:should-not-exist?mode=memory&cache=shared is valid only if the entire URI is parsed correctly.",
    source=article("cause 2"),
    needs=(),
    panes=(Pane("file:should-not-exist?mode=memory&cache=shared", sql="CREATE TABLE t (x);", connections=2),),
)


def code() -> None:
    """Parsed by SQLite."""
    import sqlite3

    connection = sqlite3.connect("file:should-not-exist?mode=memory&cache=shared", uri=True)
    connection.execute("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
