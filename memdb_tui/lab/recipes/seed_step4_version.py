"""Step 4: the version that is needed."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, depends, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="SQLite 3.7.15 or later",
    group=Group.STEPS,
    claim="print(sqlite3.sqlite_version)  # Should be ≥3.7.15 for full URI support",
    source=article("step 4, code block"),
    needs=(),
)


def code() -> None:
    """The version, and one use of each part of a URI."""
    import sqlite3

    print(sqlite3.sqlite_version)
    recent = sqlite3.sqlite_version_info >= (3, 7, 15)
    opened = {}
    for uri in ("file:db?mode=memory&cache=shared", "file:/db?vfs=memdb"):
        try:
            first, second = (sqlite3.connect(uri, uri=True) for _ in range(2))
            first.execute("CREATE TABLE t (x)")
            opened[uri] = second.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 1
        except sqlite3.OperationalError as error:
            opened[uri] = str(error)


def judge(seen: Observed) -> Judgement:
    """The claim is that the version decides whether URIs are supported."""
    opened = seen["opened"]
    if not isinstance(opened, dict):
        return fails("Nothing could be opened.")
    mode, memdb = opened.values()
    version = seen.versions["sqlite"]
    if mode is not True or memdb is not True:
        return depends(
            f"on the part of the URI: with {version} mode=memory gives {mode}, vfs=memdb (since 3.36) {memdb}."
        )
    return holds(f"{version} is, and shares mode=memory and vfs=memdb (for which 3.36 is needed).")


if __name__ == "__main__":
    show(__file__)
