"""Cause 3: mode=memory with cache=shared, and without it."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="mode=memory is shared when combined with cache=shared",
    group=Group.CAUSES,
    claim=(
        "mode=memory allows named in-memory databases when combined with cache=shared, enabling multiple "
        "connections to access the same database."
    ),
    source=article("cause 3"),
    needs=(),
    panes=(
        Pane("file:with?mode=memory&cache=shared", connections=2),
        Pane("file:without?mode=memory", connections=2),
    ),
)


def code() -> None:
    """Two connections to each."""
    import sqlite3

    found = {}
    for uri in ("file:with?mode=memory&cache=shared", "file:without?mode=memory"):
        first, second = (sqlite3.connect(uri, uri=True) for _ in range(2))
        first.execute("CREATE TABLE t (x)")
        found[uri] = second.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    with_cache_shared, without = found.values()


def judge(seen: Observed) -> Judgement:
    """Shared with it, private without, never a file."""
    if seen.files:
        return made_a_file(seen)
    if seen["with_cache_shared"] == 1 and seen["without"] == 0:
        return holds("With cache=shared a second connection sees the table, without it it does not.")
    return fails(f"Tables seen with cache=shared: {seen['with_cache_shared']}, without: {seen['without']}.")


if __name__ == "__main__":
    show(__file__)
