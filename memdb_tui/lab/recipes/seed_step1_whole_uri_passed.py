"""Step 1: what uri=true does."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="uri=true passes the entire URI on",
    group=Group.STEPS,
    claim="The uri=true parameter instructs the driver to pass the entire URI to SQLite’s internal parser.",
    source=article("step 1"),
)


def code() -> None:
    """What does sqlite3 get?"""
    from sqlalchemy import create_engine

    create_engine("sqlite+pysqlite:///file:testdb?mode=memory&cache=shared&vfs=memdb&uri=true").connect()


def judge(seen: Observed) -> Judgement:
    """Name, mode, cache and vfs have to arrive, with the keyword."""
    if not seen.connect_args:
        return fails(f"Nothing reached sqlite3: {seen.error}.")
    (call,) = seen.connect_args
    missing = [
        part for part in ("file:testdb", "mode=memory", "cache=shared", "vfs=memdb") if part not in call.database
    ]
    if missing or call.keywords.get("uri") is not True:
        return fails(f"{call} lacks {missing or 'uri=True'}.")
    return holds(f"sqlite3 got {call.database!r} and uri=True; the order may change, nothing is lost.")


if __name__ == "__main__":
    show(__file__)
