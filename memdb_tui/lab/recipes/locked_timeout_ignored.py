"""The busy timeout and the locks of a shared cache."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="timeout= does not help in a shared cache",
    fix_title="vfs=memdb waits",
    group=Group.LOCKED,
    claim="With timeout=10 a reader waits until the writer has committed.",
    source="https://github.com/simonw/datasette/issues/2683",
    needs=(),
    panes=(
        Pane(
            "file:db1?mode=memory&cache=shared",
            sql="CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1);",
            connections=2,
        ),
    ),
    fix_panes=(
        Pane("file:/db1?vfs=memdb", sql="CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1);", connections=2),
    ),
)


def bug() -> None:
    """SQLITE_LOCKED_SHAREDCACHE comes at once: the timeout is for SQLITE_BUSY alone."""
    import sqlite3
    import threading

    uri = "file:db1?mode=memory&cache=shared"
    writer = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    reader = sqlite3.connect(uri, uri=True, timeout=10)
    writer.execute("CREATE TABLE t (x)")
    writer.execute("BEGIN")
    writer.execute("INSERT INTO t VALUES (1)")
    reader_is_done = threading.Event()

    def commit() -> None:
        reader_is_done.wait(0.4)
        writer.execute("COMMIT")

    committing = threading.Thread(target=commit)
    committing.start()
    try:
        rows = reader.execute("SELECT count(*) FROM t").fetchone()[0]
    finally:
        reader_is_done.set()
        committing.join()


def fix() -> None:
    """A memdb database locks as files do: the reader gets SQLITE_BUSY, and so it waits."""
    import sqlite3
    import threading

    uri = "file:/db1?vfs=memdb"
    writer = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    reader = sqlite3.connect(uri, uri=True, timeout=10)
    writer.execute("CREATE TABLE t (x)")
    writer.execute("BEGIN")
    writer.execute("INSERT INTO t VALUES (1)")
    reader_is_done = threading.Event()

    def commit() -> None:
        reader_is_done.wait(0.4)
        writer.execute("COMMIT")

    committing = threading.Thread(target=commit)
    committing.start()
    try:
        rows = reader.execute("SELECT count(*) FROM t").fetchone()[0]
    finally:
        reader_is_done.set()
        committing.join()


def judge(seen: Observed) -> Judgement:
    """The reader has to get the row that is committed while it waits."""
    if seen.error is not None:
        return fails(f"The reader raised {seen.error}.")
    if seen["rows"] != 1:
        return fails(f"The reader found {seen['rows']} rows.")
    return holds("The reader waited until the commit, and found the row.")


if __name__ == "__main__":
    show(__file__)
