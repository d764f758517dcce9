"""The final solution of the article."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="The final solution",
    group=Group.FINAL_SOLUTION,
    claim=(
        "For two distinct in-memory databases in SQLAlchemy, use: … This configuration ensures that both "
        "databases reside in memory without file creation, leveraging unique names and shared caching for "
        "isolation."
    ),
    source=article("final solution, code block"),
    works_instead="seed-step3-two-databases",
    panes=(
        Pane("sqlite+pysqlite3:///file:db1?mode=memory&cache=shared&uri=true"),
        Pane("sqlite+pysqlite3:///file:db2?mode=memory&cache=shared&uri=true"),
    ),
)


def code() -> None:
    """The code block, and a table in one of them."""
    from sqlalchemy import create_engine

    # Database 1
    engine1 = create_engine("sqlite+pysqlite3:///file:db1?mode=memory&cache=shared&uri=true")

    # Database 2
    engine2 = create_engine("sqlite+pysqlite3:///file:db2?mode=memory&cache=shared&uri=true")

    with engine1.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE made_in_db1 (x)")
    with engine2.connect() as connection:
        seen_by_the_other = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()


def judge(seen: Observed) -> Judgement:
    """Two databases, each in memory and shared."""
    if seen.error is not None:
        return fails(f"It raised {seen.error}.")

    if seen["seen_by_the_other"] != 0:
        return fails("The second database shows the table of the first.")
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
