"""Step 5's `:memory:` URL."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title=":memory: in a SQLAlchemy URL",
    group=Group.STEPS,
    claim=(
        "For unnamed, transient databases, use the :memory: keyword instead of mode=memory: engine = "
        "create_engine('sqlite+pysqlite:///:memory:')"
    ),
    source=article("step 5, code block"),
    panes=(Pane("sqlite+pysqlite:///:memory:", sql="CREATE TABLE t (x);"),),
)


def code() -> None:
    """The line, and a table made through it."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite+pysqlite:///:memory:")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, unnamed and so unshared."""
    return stays_in_memory(seen, shared=False)


if __name__ == "__main__":
    show(__file__)
