"""A parameter's value in capitals, as other drivers write it."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="mode=Memory",
    fix_title="mode=memory",
    group=Group.DRIVERS,
    claim="Mode=Memory and Cache=Shared of a connection string can be carried over as they are.",
    source="https://github.com/aspnet/Microsoft.Data.Sqlite/issues/522",
    needs=(),
    panes=(Pane("file:sharedmemdb?mode=Memory&cache=Shared"),),
    fix_panes=(Pane("file:sharedmemdb?mode=memory&cache=shared", sql="CREATE TABLE t (x);", connections=2),),
)


def bug() -> None:
    """SQLite's own URI knows these values in small letters only."""
    import sqlite3

    connection = sqlite3.connect("file:sharedmemdb?mode=Memory&cache=Shared", uri=True)
    connection.execute("CREATE TABLE Message (Text)")


def fix() -> None:
    """In small letters."""
    import sqlite3

    connection = sqlite3.connect("file:sharedmemdb?mode=memory&cache=shared", uri=True)
    connection.execute("CREATE TABLE Message (Text)")


def judge(seen: Observed) -> Judgement:
    """It has to open, in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
