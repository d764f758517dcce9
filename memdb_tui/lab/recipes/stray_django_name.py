"""The name Django gives to its test database, opened without Django."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, not_run, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="Django's name without uri=True",
    fix_title="Django's name with uri=True",
    group=Group.STRAY_FILE,
    claim="A test database named file:memorydb_default?mode=memory&cache=shared is in memory, whoever opens it.",
    source="https://github.com/django/django/pull/5395",
    needs=(),
    panes=(Pane("file:memorydb_default?mode=memory&cache=shared", sql="CREATE TABLE t (x);"),),
    fix_panes=(Pane("file:memorydb_default?mode=memory&cache=shared", sql="CREATE TABLE t (x);", connections=2),),
)


def bug() -> None:
    """Django passes uri=True with it. A script that forgets it depends on how SQLite was compiled."""
    import _sqlite3
    import ctypes
    import sqlite3

    # Most builds of SQLite read URIs only if asked to. Debian's reads them always (USE_URI): switched off here.
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    library.sqlite3_shutdown()
    switched_off = library.sqlite3_config(17, 0) == 0  # SQLITE_CONFIG_URI

    connection = sqlite3.connect("file:memorydb_default?mode=memory&cache=shared")
    connection.execute("CREATE TABLE t (x)")


def fix() -> None:
    """The name is a URI to those who say so, however SQLite was compiled."""
    import _sqlite3
    import ctypes
    import sqlite3

    # Most builds of SQLite read URIs only if asked to. Debian's reads them always (USE_URI): switched off here.
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    library.sqlite3_shutdown()
    switched_off = library.sqlite3_config(17, 0) == 0  # SQLITE_CONFIG_URI

    connection = sqlite3.connect("file:memorydb_default?mode=memory&cache=shared", uri=True)
    connection.execute("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, also where SQLite does not read URIs unasked."""
    if not seen["switched_off"]:
        return not_run("This SQLite could not be told not to read URIs unasked.")
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
