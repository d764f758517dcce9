"""Step 1: both query parameters."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Both mode=memory and cache=shared are needed",
    group=Group.STEPS,
    claim="Include mode=memory and cache=shared as query parameters.",
    source=article("step 1"),
    panes=(
        Pane("sqlite:///file:no_mode?cache=shared&uri=true"),
        Pane("sqlite:///file:no_cache?mode=memory&uri=true", connections=2),
    ),
)


def code() -> None:
    """Each of them left out."""
    import os

    from sqlalchemy import NullPool, create_engine

    no_cache = create_engine("sqlite:///file:no_cache?mode=memory&uri=true", poolclass=NullPool)
    with no_cache.connect() as first, no_cache.connect() as second:
        first.exec_driver_sql("CREATE TABLE t (x)")
        seen_without_cache = second.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
    files_without_cache = os.listdir()

    no_mode = create_engine("sqlite:///file:no_mode?cache=shared&uri=true")
    no_mode.connect().exec_driver_sql("CREATE TABLE t (x)")
    files_without_mode = os.listdir()


def judge(seen: Observed) -> Judgement:
    """Each is needed if something goes wrong without it."""
    private, files = seen["seen_without_cache"] == 0, seen["files_without_mode"]
    if private and files:
        return holds(f"Without cache=shared each connection is alone; without mode=memory {files} was made.")
    needed = [name for name, lack in (("cache=shared", private), ("mode=memory", files)) if lack]
    return fails(f"Of the two only {needed} made a difference.")


if __name__ == "__main__":
    show(__file__)
