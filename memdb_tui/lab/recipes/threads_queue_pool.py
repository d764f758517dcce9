"""QueuePool, which is to be the default for `mode=memory`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="QueuePool without cache=shared",
    fix_title="QueuePool with cache=shared",
    group=Group.THREADS_AND_POOLS,
    claim="mode=memory alone is enough for a pool of several connections.",
    source="https://github.com/sqlalchemy/sqlalchemy/issues/13433",
    panes=(Pane("sqlite:///file:db1?mode=memory&uri=true", connections=2),),
    fix_panes=(Pane("sqlite:///file:db1?mode=memory&cache=shared&uri=true", connections=2),),
)


def bug() -> None:
    """The second connection out of the pool is to an empty database."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import QueuePool

    engine = create_engine("sqlite:///file:db1?mode=memory&uri=true", poolclass=QueuePool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")

    with engine.connect() as first, engine.connect() as second:
        rows = [each.exec_driver_sql("SELECT count(*) FROM t").scalar() for each in (first, second)]


def fix() -> None:
    """With cache=shared all of them are in one."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import QueuePool

    engine = create_engine("sqlite:///file:db1?mode=memory&cache=shared&uri=true", poolclass=QueuePool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")

    with engine.connect() as first, engine.connect() as second:
        rows = [each.exec_driver_sql("SELECT count(*) FROM t").scalar() for each in (first, second)]


def judge(seen: Observed) -> Judgement:
    """Both connections have to find the row."""
    if seen.error is not None:
        return fails(f"A connection out of the pool raised {seen.error}.")
    if seen["rows"] != [1, 1]:
        return fails(f"The connections found {seen['rows']} rows, where 1 was put in.")
    return holds("Both connections found the row.")


if __name__ == "__main__":
    show(__file__)
