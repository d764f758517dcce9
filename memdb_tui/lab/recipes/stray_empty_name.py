"""An empty name: a temporary database."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="An empty name",
    fix_title=":memory:",
    group=Group.STRAY_FILE,
    claim='sqlite3.connect("") opens an in-memory database, as :memory: does.',
    source="https://www.sqlite.org/inmemorydb.html#temp_db",
    needs=(),
    fix_panes=(Pane(":memory:", sql="CREATE TABLE t (x);"),),
)


def bug() -> None:
    """A temporary database: it has a file, of which nobody sees the name, as soon as it outgrows its cache."""
    import sqlite3

    connection = sqlite3.connect("")
    connection.execute("CREATE TABLE t (x)")


def fix() -> None:
    """The name that never has a file."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory."""
    return stays_in_memory(seen)


if __name__ == "__main__":
    show(__file__)
