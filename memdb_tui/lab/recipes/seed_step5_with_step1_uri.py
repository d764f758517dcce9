"""Step 5's URL with step 1's `uri=true`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title=":memory:?cache=shared with uri=true",
    group=Group.STEPS,
    claim=(
        "Prepend uri=true to enforce URI parsing … Note that :memory: databases are isolated by default unless "
        "cache=shared is added."
    ),
    source=article("steps 5 and 1"),
    works_instead="works-file-memory-shared",
    panes=(Pane("sqlite+pysqlite:///:memory:?cache=shared&uri=true"),),
)


def code() -> None:
    """Both pieces of advice at once."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite+pysqlite:///:memory:?cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
