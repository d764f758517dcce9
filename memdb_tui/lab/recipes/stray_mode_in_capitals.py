"""A parameter's name in capitals."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="MODE=memory",
    fix_title="mode=memory",
    group=Group.STRAY_FILE,
    claim="The names of a URI's parameters may be written in capitals.",
    source="https://www.sqlite.org/uri.html",
    needs=(),
    panes=(Pane("file:db1?MODE=memory&cache=shared", sql="CREATE TABLE t (x);"),),
    fix_panes=(Pane("file:db1?mode=memory&cache=shared", sql="CREATE TABLE t (x);", connections=2),),
)


def bug() -> None:
    """SQLite does not know MODE, and passes over what it does not know."""
    import sqlite3

    connection = sqlite3.connect("file:db1?MODE=memory&cache=shared", uri=True)
    connection.execute("CREATE TABLE t (x)")


def fix() -> None:
    """In small letters it is known."""
    import sqlite3

    connection = sqlite3.connect("file:db1?mode=memory&cache=shared", uri=True)
    connection.execute("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
