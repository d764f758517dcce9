"""Temporary tables without temporary files."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, not_run, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="PRAGMA temp_store = MEMORY",
    group=Group.WORKS,
    claim=(
        "When temp_store is MEMORY (2) temporary tables and indices are kept as if they were in pure in-memory "
        "databases."
    ),
    source="https://www.sqlite.org/pragma.html#pragma_temp_store",
    needs=(),
    panes=(
        Pane(
            "file:testdb?mode=memory&cache=shared",
            sql="PRAGMA temp_store = MEMORY; CREATE TEMPORARY TABLE large (x);",
        ),
    ),
)


def code() -> None:
    """A temporary table that outgrows its cache (Linux shows the unlinked file)."""
    import os
    import sqlite3

    connection = sqlite3.connect("file:testdb?mode=memory&cache=shared", uri=True)
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA temp.cache_size = 10")
    connection.execute("CREATE TEMPORARY TABLE large (x)")
    connection.executemany("INSERT INTO large VALUES (?)", [(bytes(4000),)] * 200)
    held = None
    if os.path.isdir("/proc/self/fd"):
        links = (f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd"))
        held = sum("etilqs_" in os.readlink(link) for link in links if os.path.islink(link))


def judge(seen: Observed) -> Judgement:
    """No temporary file may be held."""
    if seen["held"] is None:
        return not_run("This system does not show which files a process holds (/proc/self/fd).")
    if seen["held"]:
        return fails(f"It holds {seen['held']} temporary file(s).")
    return stays_in_memory(seen)


if __name__ == "__main__":
    show(__file__)
