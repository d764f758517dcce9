"""`vfs=memdb` and the slash in the name."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="vfs=memdb without a slash",
    fix_title="vfs=memdb with a slash",
    group=Group.PRIVATE_OR_EMPTY,
    claim="All connections to file:data.db?vfs=memdb are connections to one database.",
    source="https://github.com/ncruces/go-sqlite3/issues/94",
    needs=(),
    panes=(Pane("file:data.db?vfs=memdb", connections=2),),
    fix_panes=(Pane("file:/data.db?vfs=memdb", connections=2),),
)


def bug() -> None:
    """A name that does not begin with a slash is private."""
    import sqlite3

    first = sqlite3.connect("file:data.db?vfs=memdb", uri=True)
    second = sqlite3.connect("file:data.db?vfs=memdb", uri=True)
    with first:
        first.execute("CREATE TABLE t (x)")
        first.execute("INSERT INTO t VALUES (1)")
    rows = second.execute("SELECT count(*) FROM t").fetchone()[0]


def fix() -> None:
    """The slash makes it shared."""
    import sqlite3

    first = sqlite3.connect("file:/data.db?vfs=memdb", uri=True)
    second = sqlite3.connect("file:/data.db?vfs=memdb", uri=True)
    with first:
        first.execute("CREATE TABLE t (x)")
        first.execute("INSERT INTO t VALUES (1)")
    rows = second.execute("SELECT count(*) FROM t").fetchone()[0]


def judge(seen: Observed) -> Judgement:
    """The second connection has to find the row."""
    if seen.files:
        return made_a_file(seen)
    if seen.error is not None:
        return fails(f"The second connection raised {seen.error}.")
    if seen["rows"] != 1:
        return fails(f"The second connection found {seen['rows']} rows, where 1 was put in.")
    return holds("The second connection found the row.")


if __name__ == "__main__":
    show(__file__)
