"""CREATE TABLE inside a transaction."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="An uncommitted CREATE TABLE locks all tables",
    fix_title="CREATE TABLE is committed",
    group=Group.LOCKED,
    claim="Locks are on tables: who reads t is not concerned with u being created.",
    source="https://www.sqlite.org/sharedcache.html",
    needs=(),
    panes=(Pane("file:db1?mode=memory&cache=shared", sql="BEGIN; CREATE TABLE u (x);", connections=2),),
    fix_panes=(Pane("file:db1?mode=memory&cache=shared", sql="CREATE TABLE u (x);", connections=2),),
)


def bug() -> None:
    """Whoever has not read the schema yet has to, and cannot."""
    import sqlite3

    uri = "file:db1?mode=memory&cache=shared"
    first = sqlite3.connect(uri, uri=True, isolation_level=None)
    first.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    first.execute("BEGIN")
    first.execute("CREATE TABLE u (x)")

    second = sqlite3.connect(uri, uri=True)
    rows = second.execute("SELECT count(*) FROM t").fetchone()[0]


def fix() -> None:
    """After COMMIT it can be read."""
    import sqlite3

    uri = "file:db1?mode=memory&cache=shared"
    first = sqlite3.connect(uri, uri=True, isolation_level=None)
    first.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    first.execute("BEGIN")
    first.execute("CREATE TABLE u (x)")
    first.execute("COMMIT")

    second = sqlite3.connect(uri, uri=True)
    rows = second.execute("SELECT count(*) FROM t").fetchone()[0]


def judge(seen: Observed) -> Judgement:
    """The second connection has to read t."""
    if seen.error is not None:
        return fails(f"The second connection raised {seen.error}.")
    if seen["rows"] != 1:
        return fails(f"The second connection found {seen['rows']} rows.")
    return holds("The second connection read t.")


if __name__ == "__main__":
    show(__file__)
