"""Special characters, encoded."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe

RECIPE = Recipe(
    title="Special characters, encoded",
    group=Group.WORKS,
    claim="Convert all “?” characters into “%3f”. Convert all “#” characters into “%23”.",
    source="https://www.sqlite.org/uri.html",
    needs=(),
)


def code() -> None:
    """Every special character of a URI in one name."""
    import sqlite3
    from urllib.parse import quote

    name = quote("my db? #1 & 100%")
    first = sqlite3.connect(f"file:{name}?mode=memory&cache=shared", uri=True)
    second = sqlite3.connect(f"file:{name}?mode=memory&cache=shared", uri=True)
    first.execute("CREATE TABLE t (x)")
    shared = second.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 1


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
