"""Cause 5: drivers without `uri`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, depends, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Drivers that do not know uri",
    group=Group.CAUSES,
    claim=(
        "Older versions might not support the uri=true flag, which is required for SQLite to parse the entire URI "
        "string."
    ),
    source=article("cause 5"),
    needs=(),
)


def code() -> None:
    """Does this driver take the keyword?"""
    import sqlite3

    try:
        sqlite3.connect("file:testdb?mode=memory&cache=shared", uri=True).execute("CREATE TABLE t (x)")
        takes_uri = True
    except TypeError as error:
        takes_uri = False


def judge(seen: Observed) -> Judgement:
    """Only the driver that is here can be asked."""
    if not seen["takes_uri"]:
        return holds(f"sqlite3 of Python {seen.versions['python']} does not take uri.")
    if seen.files:
        return made_a_file(seen)
    return depends(
        f"on the driver's age: sqlite3 of Python {seen.versions['python']} takes uri, as all since 3.4 do."
    )


if __name__ == "__main__":
    show(__file__)
