"""Step 1: what happens without uri=true."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Without uri=true: a path",
    group=Group.STEPS,
    claim="Without it, pysqlite may treat file:testdb as a filesystem path.",
    source=article("step 1"),
    works_instead="seed-step1-correct-uri",
    panes=(Pane("sqlite+pysqlite:///file:testdb"),),
)


def code() -> None:
    """The name alone."""
    from sqlalchemy import create_engine

    create_engine("sqlite+pysqlite:///file:testdb").connect().exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It is a path if there is a file of that name."""
    if seen.files == ("file:testdb",):
        return holds("The file 'file:testdb' was made, as the claim says.")
    return fails(f"Files made: {list(seen.files)}.")


if __name__ == "__main__":
    show(__file__)
