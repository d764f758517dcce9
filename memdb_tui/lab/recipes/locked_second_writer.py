"""Two writers, two tables, one cache."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="Two writers of different tables",
    fix_title="One writer after the other",
    group=Group.LOCKED,
    claim="Shared-cache locks are on tables, so two connections can write to two tables at the same time.",
    source="https://www.sqlite.org/sharedcache.html",
    needs=(),
    panes=(Pane("file:db1?mode=memory&cache=shared", sql="BEGIN; INSERT INTO t VALUES (1);", connections=2),),
    fix_panes=(Pane("file:db1?mode=memory&cache=shared", connections=2),),
)


def bug() -> None:
    """A cache has one write transaction at most."""
    import sqlite3

    uri = "file:db1?mode=memory&cache=shared"
    first = sqlite3.connect(uri, uri=True, isolation_level=None)
    second = sqlite3.connect(uri, uri=True, isolation_level=None)
    first.executescript("CREATE TABLE t (x); CREATE TABLE u (x)")

    first.execute("BEGIN")
    first.execute("INSERT INTO t VALUES (1)")

    second.execute("INSERT INTO u VALUES (1)")
    rows = second.execute("SELECT count(*) FROM u").fetchone()[0]


def fix() -> None:
    """Short transactions: the first is over before the second begins."""
    import sqlite3

    uri = "file:db1?mode=memory&cache=shared"
    first = sqlite3.connect(uri, uri=True, isolation_level=None)
    second = sqlite3.connect(uri, uri=True, isolation_level=None)
    first.executescript("CREATE TABLE t (x); CREATE TABLE u (x)")

    first.execute("BEGIN")
    first.execute("INSERT INTO t VALUES (1)")
    first.execute("COMMIT")

    second.execute("INSERT INTO u VALUES (1)")
    rows = second.execute("SELECT count(*) FROM u").fetchone()[0]


def judge(seen: Observed) -> Judgement:
    """The second writer has to get through."""
    if seen.error is not None:
        return fails(f"The second writer raised {seen.error}.")
    if seen["rows"] != 1:
        return fails(f"The second writer found {seen['rows']} rows.")
    return holds("The second writer got through.")


if __name__ == "__main__":
    show(__file__)
