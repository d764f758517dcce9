"""Step 8's URL by itself, which is step 7's with a dialect that exists."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="The URL of steps 7 and 8 lacks cache=shared",
    group=Group.STEPS,
    claim="create_engine('sqlite+pysqlite:///file:testdb?mode=memory&uri=true', …)",
    source=article("step 8, code block"),
    works_instead="seed-step1-correct-uri",
    panes=(Pane("sqlite+pysqlite:///file:testdb?mode=memory&uri=true", sql="CREATE TABLE t (x);", connections=2),),
)


def code() -> None:
    """mode=memory without cache=shared."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite+pysqlite:///file:testdb?mode=memory&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """A name in a URI promises that others can join."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
