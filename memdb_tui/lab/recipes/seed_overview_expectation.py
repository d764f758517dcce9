"""The article's opening: the expectation that is not met."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="mode=memory alone keeps SQLAlchemy off the disk",
    group=Group.OVERVIEW,
    claim=(
        "When configuring an SQLite database connection using a URI with the mode=memory parameter, the "
        "expectation is that the database will reside entirely in memory without creating a physical file."
    ),
    source=article("issue overview"),
    works_instead="seed-step1-correct-uri",
    panes=(Pane("sqlite:///file:should-not-exist?mode=memory&cache=shared"),),
)


def code() -> None:
    """The URL people write first."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:should-not-exist?mode=memory&cache=shared")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory."""
    return stays_in_memory(seen)


if __name__ == "__main__":
    show(__file__)
