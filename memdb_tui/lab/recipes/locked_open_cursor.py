"""A cursor nobody fetches from any more."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="A forgotten cursor locks its table",
    fix_title="The cursor is closed",
    group=Group.LOCKED,
    claim="Once the first row is fetched, a SELECT is over.",
    source="https://www.sqlite.org/sharedcache.html",
    needs=(),
    panes=(Pane("file:db1?mode=memory&cache=shared", sql="SELECT * FROM t;", connections=2),),
    fix_panes=(Pane("file:db1?mode=memory&cache=shared", connections=2),),
)


def bug() -> None:
    """It is over when all rows are fetched, the cursor is closed, or it is collected."""
    import sqlite3

    uri = "file:db1?mode=memory&cache=shared"
    writer = sqlite3.connect(uri, uri=True, isolation_level=None)
    writer.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)")

    reader = sqlite3.connect(uri, uri=True)
    cursor = reader.execute("SELECT x FROM t")
    first = cursor.fetchone()[0]

    writer.execute("INSERT INTO t VALUES (3)")
    rows = [x for (x,) in writer.execute("SELECT x FROM t ORDER BY x")]


def fix() -> None:
    """close() ends it."""
    import sqlite3

    uri = "file:db1?mode=memory&cache=shared"
    writer = sqlite3.connect(uri, uri=True, isolation_level=None)
    writer.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)")

    reader = sqlite3.connect(uri, uri=True)
    cursor = reader.execute("SELECT x FROM t")
    first = cursor.fetchone()[0]
    cursor.close()

    writer.execute("INSERT INTO t VALUES (3)")
    rows = [x for (x,) in writer.execute("SELECT x FROM t ORDER BY x")]


def judge(seen: Observed) -> Judgement:
    """The writer has to get through."""
    if seen.error is not None:
        return fails(f"The writer raised {seen.error}.")
    if seen["rows"] != [1, 2, 3]:
        return fails(f"The writer found {seen['rows']}.")
    return holds("The writer got through.")


if __name__ == "__main__":
    show(__file__)
