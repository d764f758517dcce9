"""A name with all parameters, but without `file:`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="file: is missing",
    fix_title="file: before the name",
    group=Group.STRAY_FILE,
    claim="temp-db?mode=memory with uri switched on is an in-memory database named temp-db.",
    source="https://github.com/launchbadge/sqlx/issues/2442",
    panes=(Pane("sqlite:///temp-db?mode=memory&cache=shared&uri=true", sql="CREATE TABLE t (x);"),),
    fix_panes=(
        Pane("sqlite:///file:temp-db?mode=memory&cache=shared&uri=true", sql="CREATE TABLE t (x);", connections=2),
    ),
)


def bug() -> None:
    """Without file: SQLite takes everything for the name of a file."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///temp-db?mode=memory&cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def fix() -> None:
    """file: makes a URI of it."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:temp-db?mode=memory&cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
