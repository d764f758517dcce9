"""WAL and a database in memory."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="journal_mode=WAL in memory",
    fix_title="journal_mode=WAL in a temporary file",
    group=Group.LOCKED,
    claim="With journal_mode=WAL readers and writers never block each other.",
    source="https://www.sqlite.org/wal.html",
    needs=(),
    panes=(Pane("file:db1?mode=memory&cache=shared", sql="PRAGMA journal_mode = WAL;", connections=2),),
)


def bug() -> None:
    """A database in memory has no WAL: the mode stays what it is, and nobody says so."""
    import sqlite3

    name = "file:db1?mode=memory&cache=shared"
    writer = sqlite3.connect(name, uri=True, isolation_level=None)
    journal_mode = writer.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    writer.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    writer.execute("BEGIN")
    writer.execute("INSERT INTO t VALUES (2)")

    reader = sqlite3.connect(name, uri=True)
    rows = reader.execute("SELECT count(*) FROM t").fetchone()[0]


def fix() -> None:
    """Only a file has a WAL; in a temporary folder it goes with the test."""
    import sqlite3
    import tempfile

    name = tempfile.mkdtemp() + "/test.db"
    writer = sqlite3.connect(name, isolation_level=None)
    journal_mode = writer.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    writer.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    writer.execute("BEGIN")
    writer.execute("INSERT INTO t VALUES (2)")

    reader = sqlite3.connect(name)
    rows = reader.execute("SELECT count(*) FROM t").fetchone()[0]


def judge(seen: Observed) -> Judgement:
    """The reader has to read what is committed, beside the writer."""
    if seen.error is not None:
        return fails(f"journal_mode is {seen['journal_mode']!r}, and the reader raised {seen.error}.")
    if seen["rows"] != 1:
        return fails(f"The reader found {seen['rows']} rows, where 1 is committed.")
    return holds(f"journal_mode is {seen['journal_mode']!r}, and the reader found the row that is committed.")


if __name__ == "__main__":
    show(__file__)
