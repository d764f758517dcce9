"""A reader that is not at its end, and a writer."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="A reader blocks the writer",
    fix_title="PRAGMA read_uncommitted",
    group=Group.LOCKED,
    claim="Over separate connections one may write what is found while still reading.",
    source="https://github.com/markfasheh/duperemove/pull/410",
    needs=(),
    panes=(Pane("file:db1?mode=memory&cache=shared", connections=2),),
    fix_panes=(Pane("file:db1?mode=memory&cache=shared", sql="PRAGMA read_uncommitted = 1;", connections=2),),
)


def bug() -> None:
    """In a shared cache a reader holds a lock on the table until its last row."""
    import sqlite3

    uri = "file:db1?mode=memory&cache=shared"
    writer = sqlite3.connect(uri, uri=True, isolation_level=None)
    writer.executescript("CREATE TABLE files (x); INSERT INTO files VALUES (1), (2), (3)")

    reader = sqlite3.connect(uri, uri=True, isolation_level=None)
    for (file,) in reader.execute("SELECT x FROM files WHERE x <= 3"):
        writer.execute("INSERT INTO files VALUES (?)", [file + 10])
    rows = [x for (x,) in writer.execute("SELECT x FROM files ORDER BY x")]


def fix() -> None:
    """A reader that may see what is not committed takes no lock on the table."""
    import sqlite3

    uri = "file:db1?mode=memory&cache=shared"
    writer = sqlite3.connect(uri, uri=True, isolation_level=None)
    writer.executescript("CREATE TABLE files (x); INSERT INTO files VALUES (1), (2), (3)")

    reader = sqlite3.connect(uri, uri=True, isolation_level=None)
    reader.execute("PRAGMA read_uncommitted = 1")
    for (file,) in reader.execute("SELECT x FROM files WHERE x <= 3"):
        writer.execute("INSERT INTO files VALUES (?)", [file + 10])
    rows = [x for (x,) in writer.execute("SELECT x FROM files ORDER BY x")]


def judge(seen: Observed) -> Judgement:
    """All rows have to be written."""
    if seen.error is not None:
        return fails(f"The writer raised {seen.error}.")
    if seen["rows"] != [1, 2, 3, 11, 12, 13]:
        return fails(f"The writer found {seen['rows']}.")
    return holds("All rows were written while the reader was reading.")


if __name__ == "__main__":
    show(__file__)
