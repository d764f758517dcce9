"""Cause 4: encoding that is missing or wrong."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, depends, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Wrong encoding breaks the URI",
    group=Group.CAUSES,
    claim=(
        "Improper URL encoding (e.g., spaces or special characters in the filename) can break the URI’s "
        "structure, causing SQLite to misinterpret the intended configuration."
    ),
    source=article("cause 4"),
    needs=(),
    works_instead="works-encoded-name",
)


def code() -> None:
    """A space, an encoded question mark, HTML's ampersand."""
    import os
    import sqlite3

    made_by = {}
    for uri in (
        "file:my db1?mode=memory&cache=shared",
        "file:db2%3Fmode=memory&cache=shared",
        "file:db3?mode%3Dmemory&cache=shared",
        "file:db4?cache=shared&amp;mode=memory",
    ):
        before = set(os.listdir())
        sqlite3.connect(uri, uri=True).execute("CREATE TABLE t (x)")
        made_by[uri] = sorted(set(os.listdir()) - before)
    strays = sorted(uri for uri, files in made_by.items() if files)
    in_memory = sorted(uri for uri, files in made_by.items() if not files)


def judge(seen: Observed) -> Judgement:
    """Which of them make files?"""
    strays, in_memory = seen["strays"], seen["in_memory"]
    if not strays:
        return fails(f"None made a file: {in_memory}.")
    if not in_memory:
        return holds(f"All made files: {strays}.")
    return depends(f"on what is encoded wrongly: {strays} made files; {in_memory} did not, a space does no harm.")


if __name__ == "__main__":
    show(__file__)
