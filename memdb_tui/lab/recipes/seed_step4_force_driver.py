"""Step 4: what `import sqlite3` forces."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="import sqlite3 forces the latest driver",
    group=Group.STEPS,
    claim="In Python, force the use of the latest driver: import sqlite3",
    source=article("step 4"),
    works_instead="works-pysqlite3-module",
)


def code() -> None:
    """What SQLAlchemy uses before the import and after it."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite://")
    before = engine.connect().exec_driver_sql("SELECT sqlite_version()").scalar()

    import sqlite3

    after = engine.connect().exec_driver_sql("SELECT sqlite_version()").scalar()
    same_library = sqlite3.sqlite_version == after


def judge(seen: Observed) -> Judgement:
    """Something is forced if something changes."""
    if seen["before"] != seen["after"]:
        return holds(f"SQLAlchemy used {seen['before']} before and {seen['after']} after.")
    return fails(
        f"Nothing changes: SQLAlchemy uses the SQLite {seen['before']} that Python brings, with or without it."
    )


if __name__ == "__main__":
    show(__file__)
