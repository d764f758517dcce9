"""The name Django gives to its test database, opened without Django."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, depends, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="Django's name without uri=True",
    fix_title="Django's name with uri=True",
    group=Group.STRAY_FILE,
    claim=("A test database named file:memorydb_default?mode=memory&cache=shared is in memory, whoever opens it."),
    source="https://github.com/django/django/pull/5395",
    needs=(),
    panes=(
        Pane(
            "file:memorydb_default?mode=memory&cache=shared",
            sql="CREATE TABLE t (x);",
        ),
    ),
    fix_panes=(
        Pane(
            "file:memorydb_default?mode=memory&cache=shared",
            sql="CREATE TABLE t (x);",
            connections=2,
        ),
    ),
)


def bug() -> None:
    """Django passes uri=True with it; a script that forgets it depends on how SQLite was compiled."""
    import sqlite3

    connection = sqlite3.connect("file:memorydb_default?mode=memory&cache=shared")
    connection.execute("CREATE TABLE t (x)")


def fix() -> None:
    """The name is a URI only to those who say so."""
    import sqlite3

    connection = sqlite3.connect("file:memorydb_default?mode=memory&cache=shared", uri=True)
    connection.execute("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """Without uri=True it is in memory only where SQLite was compiled with USE_URI."""
    if not seen.files and not all(call.keywords.get("uri") for call in seen.connect_args):
        return depends("on how SQLite was compiled: this one reads URIs unasked (USE_URI), most others make a file.")
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
