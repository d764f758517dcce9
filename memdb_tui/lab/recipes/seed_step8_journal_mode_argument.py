"""Step 8's code block: a journal mode as a connect argument."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="connect_args={'journal_mode': 'MEMORY'}",
    group=Group.STEPS,
    claim=(
        "Disable WAL and temporary storage in memory: engine = "
        "create_engine('sqlite+pysqlite:///file:testdb?mode=memory&uri=true', connect_args={'journal_mode': "
        "'MEMORY'})"
    ),
    source=article("step 8, code block"),
    works_instead="works-pragmas-on-connect",
    panes=(Pane("sqlite+pysqlite:///file:testdb?mode=memory&uri=true", sql="PRAGMA journal_mode;"),),
)


def code() -> None:
    """The code block."""
    from sqlalchemy import create_engine

    engine = create_engine(
        "sqlite+pysqlite:///file:testdb?mode=memory&uri=true",
        connect_args={"journal_mode": "MEMORY"},
    )
    engine.connect()


def judge(seen: Observed) -> Judgement:
    """It has to open, in memory."""
    return stays_in_memory(seen)


if __name__ == "__main__":
    show(__file__)
