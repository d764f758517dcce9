"""A connection in a local variable."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="The connection is collected",
    fix_title="The connection is kept",
    group=Group.VANISHED,
    claim="A database that was set up and never closed is there until the program ends.",
    source="https://github.com/slskd/slskd/issues/696",
    needs=(),
    panes=(Pane("file:db1?mode=memory&cache=shared"),),
    fix_panes=(Pane("file:db1?mode=memory&cache=shared", connections=2),),
)


def bug() -> None:
    """At the end of the function nobody holds the connection any more, and Python closes it."""
    import gc
    import sqlite3

    def set_up() -> None:
        connection = sqlite3.connect("file:db1?mode=memory&cache=shared", uri=True)
        connection.executescript("CREATE TABLE filenames (x); INSERT INTO filenames VALUES (1)")

    set_up()
    gc.collect()  # which Python does by itself, some time later
    rows = (
        sqlite3.connect("file:db1?mode=memory&cache=shared", uri=True)
        .execute("SELECT count(*) FROM filenames")
        .fetchone()[0]
    )


def fix() -> None:
    """Whoever wants the database holds the connection."""
    import gc
    import sqlite3

    def set_up() -> sqlite3.Connection:
        connection = sqlite3.connect("file:db1?mode=memory&cache=shared", uri=True)
        connection.executescript("CREATE TABLE filenames (x); INSERT INTO filenames VALUES (1)")
        return connection

    keeper = set_up()
    gc.collect()  # which Python does by itself, some time later
    rows = (
        sqlite3.connect("file:db1?mode=memory&cache=shared", uri=True)
        .execute("SELECT count(*) FROM filenames")
        .fetchone()[0]
    )


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
