"""Step 1: `uri=true` before the other parameters."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="uri=true as the first parameter",
    group=Group.STEPS,
    claim="Prepend uri=true to enforce URI parsing (critical for some drivers).",
    source=article("step 1"),
    panes=(
        Pane(
            "sqlite+pysqlite:///file:testdb?uri=true&mode=memory&cache=shared",
            sql="CREATE TABLE t (x);",
            connections=2,
        ),
    ),
)


def code() -> None:
    """Prepended to the parameters."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite+pysqlite:///file:testdb?uri=true&mode=memory&cache=shared")
    engine.connect().exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
