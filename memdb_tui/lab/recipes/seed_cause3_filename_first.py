"""Cause 3: whether SQLite prefers the name to the mode."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="SQLite prioritises the filename",
    group=Group.CAUSES,
    claim=(
        "If the URI includes a filename and mode=memory, SQLite may prioritize the filename, leading to file "
        "creation unless the parameters are strictly enforced."
    ),
    source=article("cause 3"),
    needs=(),
    works_instead="seed-cause2-valid-uri",
    panes=(Pane("file:fresh.db?mode=memory"),),
)


def code() -> None:
    """A name that looks like a file, and a name whose file is there."""
    import os
    import sqlite3

    with sqlite3.connect("there.db") as on_disk:
        on_disk.execute("CREATE TABLE in_the_file (x)")
    on_disk.close()
    before = os.listdir()

    fresh = sqlite3.connect("file:fresh.db?mode=memory", uri=True)
    there = sqlite3.connect("file:there.db?mode=memory", uri=True)
    for connection in (fresh, there):
        connection.execute("CREATE TABLE t (x)")
    seen_of_the_file = there.execute("SELECT count(*) FROM sqlite_master WHERE name = 'in_the_file'").fetchone()[0]
    made = sorted(set(os.listdir()) - set(before))


def judge(seen: Observed) -> Judgement:
    """It does if a file is made, or the one that is there is read."""
    if seen["made"] or seen["seen_of_the_file"]:
        return holds(f"Made: {seen['made']}; tables read from the file that was there: {seen['seen_of_the_file']}.")
    return fails("mode=memory wins: no file was made, and the file of that name was not read.")


if __name__ == "__main__":
    show(__file__)
