"""A library that opens `:memory:` anew for every call."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title=":memory: opened for every call",
    fix_title="One name, kept open",
    group=Group.PRIVATE_OR_EMPTY,
    claim=(
        ":memory: does as the default for database_path: the next connection goes on with the database of the last."
    ),
    source="https://github.com/eht16/python-logstash-async/issues/5",
    needs=(),
    panes=(Pane(":memory:", connections=2),),
    fix_panes=(Pane("file:events?mode=memory&cache=shared", connections=2),),
)


def bug() -> None:
    """Every connection to :memory: makes a database of its own."""
    import sqlite3

    database_path = ":memory:"

    first = sqlite3.connect(database_path)
    with first:
        first.execute("CREATE TABLE event (x)")
        first.execute("INSERT INTO event VALUES (1)")
    second = sqlite3.connect(database_path)
    rows = second.execute("SELECT count(*) FROM event").fetchone()[0]


def fix() -> None:
    """A shared name, and a connection that stays open as long as the database is wanted."""
    import sqlite3

    database_path = "file:events?mode=memory&cache=shared"
    keeper = sqlite3.connect(database_path, uri=True)

    first = sqlite3.connect(database_path, uri=True)
    with first:
        first.execute("CREATE TABLE event (x)")
        first.execute("INSERT INTO event VALUES (1)")
    second = sqlite3.connect(database_path, uri=True)
    rows = second.execute("SELECT count(*) FROM event").fetchone()[0]


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
