"""The same parameter twice, to SQLite itself."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe

RECIPE = Recipe(
    title="mode is given twice",
    fix_title="mode is given once",
    group=Group.STRAY_FILE,
    claim="Once a URI says mode=memory, a default that is appended to it does no harm.",
    source="https://www.sqlite.org/uri.html",
    needs=(),
)


def bug() -> None:
    """Of two, SQLite takes the last."""
    import sqlite3

    name = "file:db1?mode=memory&cache=shared"
    connection = sqlite3.connect(name + "&mode=rwc", uri=True)
    connection.execute("CREATE TABLE t (x)")


def fix() -> None:
    """The default only where there is no mode yet."""
    import sqlite3

    name = "file:db1?mode=memory&cache=shared"
    connection = sqlite3.connect(name if "mode=" in name else name + "&mode=rwc", uri=True)
    connection.execute("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
