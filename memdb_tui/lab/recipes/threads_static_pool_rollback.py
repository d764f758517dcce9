"""One connection for all has one transaction for all."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="StaticPool: another's rollback",
    fix_title="QueuePool: a transaction for each",
    group=Group.THREADS_AND_POOLS,
    claim="With StaticPool several requests can use the database at once, each with its own transaction.",
    source="https://github.com/marketcalls/openalgo/pull/1250",
    panes=(Pane("sqlite://"),),
    fix_panes=(Pane("sqlite:///file:logs?mode=memory&cache=shared&uri=true", connections=2),),
)


def bug() -> None:
    """There is one sqlite3 connection, and a rollback is for all that was done on it."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE traffic_logs (x)")

    first = engine.connect()
    first.exec_driver_sql("INSERT INTO traffic_logs VALUES (1)")

    second = engine.connect()
    second.exec_driver_sql("SELECT 1")
    second.rollback()

    first.commit()
    rows = first.exec_driver_sql("SELECT count(*) FROM traffic_logs").scalar()


def fix() -> None:
    """A database that connections can share; each has a transaction of its own."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import QueuePool

    engine = create_engine("sqlite:///file:logs?mode=memory&cache=shared&uri=true", poolclass=QueuePool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE traffic_logs (x)")

    first = engine.connect()
    first.exec_driver_sql("INSERT INTO traffic_logs VALUES (1)")

    second = engine.connect()
    second.exec_driver_sql("SELECT 1")
    second.rollback()

    first.commit()
    rows = first.exec_driver_sql("SELECT count(*) FROM traffic_logs").scalar()


def judge(seen: Observed) -> Judgement:
    """What the first has committed has to be there."""
    if seen.error is not None:
        return fails(f"It raised {seen.error}.")
    if seen["rows"] != 1:
        return fails("The row that the first committed is lost: the rollback of the second took it along.")
    return holds(f"The row that the first committed is there; the pool is a {seen.pool}.")


if __name__ == "__main__":
    show(__file__)
