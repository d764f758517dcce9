"""Two connections of an engine, on one thread."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="SingletonThreadPool: two connections are one",
    fix_title="QueuePool: two connections are two",
    group=Group.THREADS_AND_POOLS,
    claim="Two connections of an engine are two transactions.",
    source="https://github.com/sqlalchemy/sqlalchemy/issues/4585",
    panes=(Pane("sqlite:///file:logs?mode=memory&cache=shared&uri=true"),),
    fix_panes=(Pane("sqlite:///file:logs?mode=memory&cache=shared&uri=true", connections=2),),
)


def bug() -> None:
    """On one thread every checkout gets the same sqlite3 connection."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import SingletonThreadPool

    engine = create_engine("sqlite:///file:logs?mode=memory&cache=shared&uri=true", poolclass=SingletonThreadPool)
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
    """QueuePool hands out a connection for each."""
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
