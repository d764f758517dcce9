"""Tables dropped at the end of a test."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="DROP TABLE beside an iterator",
    fix_title="DROP TABLE after the iterator",
    group=Group.LOCKED,
    claim="An iterator over rows that is never used up does no harm when the tables are dropped.",
    source="https://github.com/Jaymon/prom/issues/198",
    needs=(),
    panes=(Pane(":memory:"),),
    fix_panes=(Pane(":memory:"),),
)


def bug() -> None:
    """Even one connection alone locks itself out."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)")
    iterator = connection.execute("SELECT x FROM t")
    first = next(iterator)[0]

    connection.execute("DROP TABLE t")
    tables_left = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def fix() -> None:
    """What is left of the rows is given up first."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)")
    iterator = connection.execute("SELECT x FROM t")
    first = next(iterator)[0]
    iterator.close()

    connection.execute("DROP TABLE t")
    tables_left = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def judge(seen: Observed) -> Judgement:
    """No table may be left."""
    if seen.error is not None:
        return fails(f"DROP TABLE raised {seen.error}.")
    if seen["tables_left"]:
        return fails(f"{seen['tables_left']} table is left.")
    return holds("The table was dropped.")


if __name__ == "__main__":
    show(__file__)
