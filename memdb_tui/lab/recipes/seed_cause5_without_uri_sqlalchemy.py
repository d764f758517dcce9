"""Cause 5: SQLAlchemy without `uri=true`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Without uri=true SQLAlchemy takes a path",
    group=Group.CAUSES,
    claim=(
        "Without uri=true, the driver may treat the filename as a literal path, ignoring parameters like mode=memory."
    ),
    source=article("cause 5"),
    works_instead="seed-step1-correct-uri",
    panes=(Pane("sqlite+pysqlite:///file:testdb?mode=memory&cache=shared"),),
)


def code() -> None:
    """The URL of step 1 without its uri=true."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite+pysqlite:///file:testdb?mode=memory&cache=shared")
    engine.connect().exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It is a path if there is a file of that name."""
    if "file:testdb" in seen.files:
        return holds("It was taken for a path: the file 'file:testdb' was made, as the claim says.")
    return fails(f"Files made: {list(seen.files)}.")


if __name__ == "__main__":
    show(__file__)
