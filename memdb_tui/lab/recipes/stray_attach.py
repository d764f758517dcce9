"""A file made by SQL, from a connection that is in memory."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="ATTACH from a database in memory",
    fix_title="ATTACH of another one in memory",
    group=Group.STRAY_FILE,
    claim="What is attached to a connection to :memory: is in memory too.",
    source="https://www.sqlite.org/lang_attach.html",
    needs=(),
    panes=(Pane(":memory:", sql="ATTACH 'scratch' AS scratch; CREATE TABLE scratch.t (x);"),),
    fix_panes=(Pane(":memory:", sql="ATTACH ':memory:' AS scratch; CREATE TABLE scratch.t (x);"),),
)


def bug() -> None:
    """ATTACH takes the name of a file."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.execute("ATTACH 'scratch' AS scratch")
    connection.execute("CREATE TABLE scratch.t (x)")


def fix() -> None:
    """Each :memory: is a database of its own, also an attached one."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.execute("ATTACH ':memory:' AS scratch")
    connection.execute("CREATE TABLE scratch.t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory."""
    return stays_in_memory(seen)


if __name__ == "__main__":
    show(__file__)
