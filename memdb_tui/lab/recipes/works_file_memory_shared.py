"""`:memory:` as the name in a URI."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="file::memory:?cache=shared with uri=true",
    group=Group.WORKS,
    claim=(
        "The same in-memory database can be opened by two or more database connections as follows: "
        "file::memory:?cache=shared"
    ),
    source="https://www.sqlite.org/inmemorydb.html",
    panes=(Pane("sqlite:///file::memory:?cache=shared&uri=true", sql="CREATE TABLE t (x);", connections=2),),
)


def code() -> None:
    """One database for the whole process."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file::memory:?cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
