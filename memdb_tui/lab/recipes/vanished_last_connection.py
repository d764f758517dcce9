"""The last connection to a shared database closes."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="Gone with its last connection",
    fix_title="A connection that keeps it",
    group=Group.VANISHED,
    claim="With a shared cache the next connection can still see the table after the first is closed.",
    source="https://github.com/aspnet/Microsoft.Data.Sqlite/issues/94",
    needs=(),
    panes=(Pane("file:db1?mode=memory&cache=shared"),),
    fix_panes=(Pane("file:db1?mode=memory&cache=shared", connections=2),),
)


def bug() -> None:
    """A shared database lives as long as one connection to it is open."""
    import sqlite3

    uri = "file:db1?mode=memory&cache=shared"
    connection = sqlite3.connect(uri, uri=True)
    with connection:
        connection.execute("CREATE TABLE test (x)")
        connection.execute("INSERT INTO test VALUES (1)")
    connection.close()

    connection = sqlite3.connect(uri, uri=True)
    rows = connection.execute("SELECT count(*) FROM test").fetchone()[0]


def fix() -> None:
    """One that does nothing is enough."""
    import sqlite3

    uri = "file:db1?mode=memory&cache=shared"
    keeper = sqlite3.connect(uri, uri=True)
    connection = sqlite3.connect(uri, uri=True)
    with connection:
        connection.execute("CREATE TABLE test (x)")
        connection.execute("INSERT INTO test VALUES (1)")
    connection.close()

    connection = sqlite3.connect(uri, uri=True)
    rows = connection.execute("SELECT count(*) FROM test").fetchone()[0]


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
