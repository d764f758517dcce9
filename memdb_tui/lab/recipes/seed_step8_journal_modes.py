"""Step 8: journal modes."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="WAL and journal modes make files",
    group=Group.STEPS,
    claim=(
        "SQLite creates a file if any of the following occur: … Write-ahead logging (WAL) or other journaling "
        "modes are enabled."
    ),
    source=article("step 8"),
    works_instead="seed-step1-correct-uri",
    panes=(Pane("sqlite:///file:testdb?mode=memory&cache=shared&uri=true", sql="PRAGMA journal_mode = WAL;"),),
)


def code() -> None:
    """Every journal mode, on a database in memory, and an open transaction."""
    import os

    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:testdb?mode=memory&cache=shared&uri=true")
    became = {}
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        for mode in ("wal", "delete", "truncate", "persist", "off"):
            became[mode] = connection.exec_driver_sql(f"PRAGMA journal_mode = {mode}").scalar()
            connection.exec_driver_sql("INSERT INTO t VALUES (1)")
            made = os.listdir()
            connection.commit()


def judge(seen: Observed) -> Judgement:
    """They do if there is a file."""
    if seen.files or seen["made"]:
        return holds(f"Files made: {[*seen.files]}.")
    return fails(f"No file: what was asked for became {seen['became']}.")


if __name__ == "__main__":
    show(__file__)
