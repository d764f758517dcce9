"""A pool that replaces connections after a time."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe

RECIPE = Recipe(
    title="pool_recycle",
    fix_title="No pool_recycle",
    group=Group.VANISHED,
    claim="A pool may replace a connection that is idle or old without the program noticing.",
    source="https://github.com/launchbadge/sqlx/issues/1647",
)


def bug() -> None:
    """The old one is closed before the new one opens. It is 0 here, so that nobody has to wait."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite://", pool_recycle=0)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE leases (x)")
        connection.exec_driver_sql("INSERT INTO leases VALUES (1)")
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM leases").scalar()


def fix() -> None:
    """A database in memory needs connections that do not age."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE leases (x)")
        connection.exec_driver_sql("INSERT INTO leases VALUES (1)")
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM leases").scalar()


def judge(seen: Observed) -> Judgement:
    """The row has to be there still."""
    if seen.files:
        return made_a_file(seen)
    if seen.error is not None:
        return fails(f"The database was gone: {seen.error}.")
    if seen["rows"] != 1:
        return fails(f"{seen['rows']} rows were found, where 1 was put in.")
    return holds("The row was still there.")


if __name__ == "__main__":
    show(__file__)
