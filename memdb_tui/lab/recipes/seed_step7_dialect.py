"""Step 7: the dialect `pysqlite3`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="sqlite+pysqlite3://",
    group=Group.STEPS,
    claim=(
        "The modern pysqlite3 driver handles URIs more reliably. Install it and update the connection string: "
        "engine = create_engine('sqlite+pysqlite3:///file:testdb?mode=memory&uri=true')"
    ),
    source=article("step 7, code block"),
    works_instead="seed-step1-correct-uri",
    panes=(Pane("sqlite+pysqlite3:///file:testdb?mode=memory&uri=true"),),
)


def code() -> None:
    """The line."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite+pysqlite3:///file:testdb?mode=memory&uri=true")
    engine.connect()


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory."""
    return stays_in_memory(seen)


if __name__ == "__main__":
    show(__file__)
