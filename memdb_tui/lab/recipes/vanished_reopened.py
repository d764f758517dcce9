"""`:memory:` closed and opened again."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title=":memory: closed and opened again",
    fix_title="Copied before it is closed",
    group=Group.VANISHED,
    claim="A client can close :memory: when a view is left and open it again when it comes back.",
    source="https://github.com/beekeeper-studio/beekeeper-studio/pull/2251",
    needs=(),
    panes=(Pane(":memory:"),),
    fix_panes=(Pane(":memory:"),),
)


def bug() -> None:
    """close() is the end of it."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    connection.close()

    connection = sqlite3.connect(":memory:")
    rows = connection.execute("SELECT count(*) FROM t").fetchone()[0]


def fix() -> None:
    """What has to outlive a connection is copied with backup(), to memory or to a file."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    copy = sqlite3.connect(":memory:")
    connection.backup(copy)
    connection.close()

    connection = copy
    rows = connection.execute("SELECT count(*) FROM t").fetchone()[0]


def judge(seen: Observed) -> Judgement:
    """The row has to be there still."""
    if seen.files:
        return made_a_file(seen)
    if seen.error is not None:
        return fails(f"The database was gone: {seen.error}.")
    if seen["rows"] != 1:
        return fails(f"{seen['rows']} rows were found, where 1 was put in.")
    return holds("The row was still there.")


if __name__ == "__main__":
    show(__file__)
