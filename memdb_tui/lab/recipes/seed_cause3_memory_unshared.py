"""Cause 3: `:memory:` cannot be shared."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, depends, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title=":memory: cannot be shared",
    group=Group.CAUSES,
    claim="The :memory: keyword creates an unnamed, transient database that cannot be shared across connections.",
    source=article("cause 3"),
    needs=(),
    works_instead="works-file-memory-shared",
    panes=(Pane(":memory:", connections=2), Pane("file::memory:?cache=shared", connections=2)),
)


def code() -> None:
    """The keyword alone, and the keyword as the name in a URI."""
    import sqlite3

    tables = "SELECT count(*) FROM sqlite_master"
    first, second = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
    first.execute("CREATE TABLE t (x)")
    seen_alone = second.execute(tables).fetchone()[0]

    third = sqlite3.connect("file::memory:?cache=shared", uri=True)
    fourth = sqlite3.connect("file::memory:?cache=shared", uri=True)
    third.execute("CREATE TABLE t (x)")
    seen_as_uri = fourth.execute(tables).fetchone()[0]


def judge(seen: Observed) -> Judgement:
    """It cannot be shared if no second connection sees the table."""
    if seen["seen_alone"]:
        return fails("A second connection to :memory: sees the table.")
    if seen["seen_as_uri"]:
        return depends("on the spelling: :memory: alone is private, file::memory:?cache=shared is shared.")
    return holds("Neither :memory: nor file::memory:?cache=shared shows a second connection the table.")


if __name__ == "__main__":
    show(__file__)
