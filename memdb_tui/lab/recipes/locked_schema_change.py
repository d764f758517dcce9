"""A reader with `read_uncommitted`, and a change of the schema."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="read_uncommitted still blocks CREATE TABLE",
    fix_title="All rows fetched before CREATE TABLE",
    group=Group.LOCKED,
    claim="With PRAGMA read_uncommitted = 1 nothing is locked any more.",
    source="https://github.com/chatmail/core/pull/2356",
    needs=(),
    panes=(Pane("file:db1?mode=memory&cache=shared", sql="PRAGMA read_uncommitted = 1;", connections=2),),
    fix_panes=(Pane("file:db1?mode=memory&cache=shared", sql="PRAGMA read_uncommitted = 1;", connections=2),),
)


def bug() -> None:
    """The reader's lock on the schema stays until its last row."""
    import sqlite3

    uri = "file:db1?mode=memory&cache=shared"
    program = sqlite3.connect(uri, uri=True, isolation_level=None)
    program.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)")

    reader = sqlite3.connect(uri, uri=True)
    reader.execute("PRAGMA read_uncommitted = 1")
    cursor = reader.execute("SELECT x FROM t")
    first = cursor.fetchone()[0]

    program.execute("CREATE TABLE u (x)")
    rows = [name for (name,) in program.execute("SELECT name FROM sqlite_master ORDER BY name")]


def fix() -> None:
    """fetchall() leaves nothing to lock."""
    import sqlite3

    uri = "file:db1?mode=memory&cache=shared"
    program = sqlite3.connect(uri, uri=True, isolation_level=None)
    program.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)")

    reader = sqlite3.connect(uri, uri=True)
    reader.execute("PRAGMA read_uncommitted = 1")
    cursor = reader.execute("SELECT x FROM t")
    found = [x for (x,) in cursor.fetchall()]

    program.execute("CREATE TABLE u (x)")
    rows = [name for (name,) in program.execute("SELECT name FROM sqlite_master ORDER BY name")]


def judge(seen: Observed) -> Judgement:
    """Both tables have to be there."""
    if seen.error is not None:
        return fails(f"CREATE TABLE raised {seen.error}.")
    if seen["rows"] != ["t", "u"]:
        return fails(f"CREATE TABLE found {seen['rows']}.")
    return holds("The table was made beside the reader.")


if __name__ == "__main__":
    show(__file__)
