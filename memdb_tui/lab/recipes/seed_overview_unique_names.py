"""The overview's names that are to tell databases apart."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, depends, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Names tell databases apart",
    group=Group.OVERVIEW,
    claim=(
        "Developers aiming to create multiple in-memory databases often use unique names to differentiate "
        "connections (e.g., file:db1?mode=memory and file:db2?mode=memory)."
    ),
    source=article("issue overview"),
    needs=(),
    works_instead="seed-step3-two-databases",
    panes=(Pane("file:db1?mode=memory", connections=2), Pane("file:db2?mode=memory")),
)


def code() -> None:
    """Two names, and one of them twice."""
    import sqlite3

    first = sqlite3.connect("file:db1?mode=memory", uri=True)
    again = sqlite3.connect("file:db1?mode=memory", uri=True)
    other = sqlite3.connect("file:db2?mode=memory", uri=True)
    first.execute("CREATE TABLE made_in_db1 (x)")
    tables = "SELECT name FROM sqlite_master"
    seen_by_the_other_name = len(other.execute(tables).fetchall())
    seen_by_the_same_name = len(again.execute(tables).fetchall())


def judge(seen: Observed) -> Judgement:
    """A name tells apart only if the same name leads to the same database."""
    if seen["seen_by_the_other_name"]:
        return fails("db2 shows the table of db1.")
    if seen["seen_by_the_same_name"]:
        return holds("db1 is one database, db2 another.")
    return depends("on cache=shared: without it every connection is alone, also two to the same name.")


if __name__ == "__main__":
    show(__file__)
