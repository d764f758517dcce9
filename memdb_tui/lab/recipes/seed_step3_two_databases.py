"""Step 3's two databases."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Two databases with distinct names",
    group=Group.STEPS,
    claim="To create multiple in-memory databases, assign unique names and enable shared caching.",
    source=article("step 3, code block"),
    panes=(
        Pane(
            "sqlite+pysqlite:///file:db1?mode=memory&cache=shared&uri=true", sql="CREATE TABLE t (x);", connections=2
        ),
        Pane("sqlite+pysqlite:///file:db2?mode=memory&cache=shared&uri=true", connections=2),
    ),
)


def code() -> None:
    """The code block, and a table in one of them."""
    from sqlalchemy import create_engine

    # Database 1
    engine1 = create_engine("sqlite+pysqlite:///file:db1?mode=memory&cache=shared&uri=true")

    # Database 2
    engine2 = create_engine("sqlite+pysqlite:///file:db2?mode=memory&cache=shared&uri=true")

    with engine1.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE made_in_db1 (x)")
    with engine2.connect() as connection:
        seen_by_the_other = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()


def judge(seen: Observed) -> Judgement:
    """Two databases, each in memory and shared."""
    if seen["seen_by_the_other"] != 0:
        return fails("The second database shows the table of the first.")
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
