"""Step 1: `uri=true` put before everything."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Prepend uri=true, taken literally",
    group=Group.STEPS,
    claim="Prepend uri=true to enforce URI parsing (critical for some drivers).",
    source=article("step 1"),
    works_instead="seed-step1-uri-first",
    panes=(Pane("sqlite+pysqlite:///uri=true&file:testdb?mode=memory&cache=shared"),),
)


def code() -> None:
    """Prepended, as it is said."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite+pysqlite:///uri=true&file:testdb?mode=memory&cache=shared")
    engine.connect().exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
