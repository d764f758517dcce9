"""Step 2, as many correct it: `uri` as a truth value beside the URL."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="connect_args={'uri': True}",
    group=Group.STEPS,
    claim="If SQLAlchemy or pysqlite strips parameters, use create_engine’s connect_args to pass the URI directly.",
    source=article("step 2"),
    works_instead="works-creator",
    panes=(Pane("sqlite+pysqlite:///file:testdb?mode=memory&cache=shared"),),
)


def code() -> None:
    """The keyword where sqlite3 wants it, the parameters in the URL."""
    from sqlalchemy import create_engine

    engine = create_engine(
        "sqlite+pysqlite:///file:testdb?mode=memory&cache=shared",
        connect_args={"uri": True},
    )
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
