"""More threads than SingletonThreadPool has places."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="SingletonThreadPool and the sixth thread",
    fix_title="pool_size for all threads",
    group=Group.THREADS_AND_POOLS,
    claim="SingletonThreadPool keeps one connection for each thread, so each thread keeps its :memory: database.",
    source="https://docs.sqlalchemy.org/en/20/core/pooling.html#sqlalchemy.pool.SingletonThreadPool",
    panes=(Pane("sqlite://"),),
    fix_panes=(Pane("sqlite://"),),
)


def bug() -> None:
    """It keeps five: from the sixth on, some other thread's connection is given up, with its database."""
    import threading
    from concurrent.futures import ThreadPoolExecutor

    from sqlalchemy import create_engine
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.pool import SingletonThreadPool

    engine = create_engine("sqlite://", poolclass=SingletonThreadPool)
    all_have_a_table = threading.Barrier(8, timeout=10)

    def work() -> bool:
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (x)")
        all_have_a_table.wait()
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("SELECT * FROM t")
        except OperationalError:
            return False
        return True

    with ThreadPoolExecutor(max_workers=8) as workers:
        kept = [workers.submit(work) for _ in range(8)]
    lost = [each.result() for each in kept].count(False)


def fix() -> None:
    """As many places as there are threads."""
    import threading
    from concurrent.futures import ThreadPoolExecutor

    from sqlalchemy import create_engine
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.pool import SingletonThreadPool

    engine = create_engine("sqlite://", poolclass=SingletonThreadPool, pool_size=8)
    all_have_a_table = threading.Barrier(8, timeout=10)

    def work() -> bool:
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (x)")
        all_have_a_table.wait()
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("SELECT * FROM t")
        except OperationalError:
            return False
        return True

    with ThreadPoolExecutor(max_workers=8) as workers:
        kept = [workers.submit(work) for _ in range(8)]
    lost = [each.result() for each in kept].count(False)


def judge(seen: Observed) -> Judgement:
    """No thread may lose its table."""
    if seen["lost"]:
        return fails(f"Of 8 threads {seen['lost']} lost the table they had made.")
    return holds("All 8 threads still had the table they had made.")


if __name__ == "__main__":
    show(__file__)
