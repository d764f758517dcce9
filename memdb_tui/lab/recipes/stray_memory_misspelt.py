"""A colon too many."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="::memory:: instead of :memory:",
    fix_title=":memory:",
    group=Group.STRAY_FILE,
    claim="::memory:: is an in-memory database.",
    source="https://github.com/zbyte64/django-dockit/pull/7",
    needs=(),
    panes=(Pane("::memory::", sql="CREATE TABLE t (x);"),),
    fix_panes=(Pane(":memory:", sql="CREATE TABLE t (x);"),),
)


def bug() -> None:
    """Any other spelling is the name of a file."""
    import sqlite3

    connection = sqlite3.connect("::memory::")
    connection.execute("CREATE TABLE t (x)")


def fix() -> None:
    """One colon on each side."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory."""
    return stays_in_memory(seen)


if __name__ == "__main__":
    show(__file__)
