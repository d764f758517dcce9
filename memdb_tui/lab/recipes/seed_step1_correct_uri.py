"""Step 1's example of a correct URI."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="The correct URI",
    group=Group.STEPS,
    claim=(
        "Example of a Correct URI: engine = "
        "create_engine('sqlite+pysqlite:///file:testdb?mode=memory&cache=shared&uri=true')"
    ),
    source=article("step 1, code block"),
    panes=(
        Pane(
            "sqlite+pysqlite:///file:testdb?mode=memory&cache=shared&uri=true",
            sql="CREATE TABLE t (x);",
            connections=2,
        ),
    ),
)


def code() -> None:
    """The line, and a table made through it."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite+pysqlite:///file:testdb?mode=memory&cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
