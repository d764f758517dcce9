"""StaticPool without its second half."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="StaticPool alone",
    fix_title="StaticPool with check_same_thread=False",
    group=Group.THREADS_AND_POOLS,
    claim="poolclass=StaticPool is all that worker threads need.",
    source="https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#using-a-memory-database-in-multiple-threads",
    panes=(Pane("sqlite://"),),
    fix_panes=(Pane("sqlite://"),),
)


def bug() -> None:
    """sqlite3 refuses a connection that was made in another thread."""
    from concurrent.futures import ThreadPoolExecutor

    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE hero (x)")
        connection.exec_driver_sql("INSERT INTO hero VALUES (1)")

    def handle_request() -> int | None:
        with engine.connect() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM hero").scalar()

    with ThreadPoolExecutor(max_workers=1) as workers:
        rows = workers.submit(handle_request).result()


def fix() -> None:
    """check_same_thread=False tells it that this is meant."""
    from concurrent.futures import ThreadPoolExecutor

    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE hero (x)")
        connection.exec_driver_sql("INSERT INTO hero VALUES (1)")

    def handle_request() -> int | None:
        with engine.connect() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM hero").scalar()

    with ThreadPoolExecutor(max_workers=1) as workers:
        rows = workers.submit(handle_request).result()


def judge(seen: Observed) -> Judgement:
    """The worker thread has to find the row."""
    if seen.files:
        return made_a_file(seen)
    if seen.error is not None:
        return fails(f"The worker thread raised {seen.error}.")
    if seen["rows"] != 1:
        return fails(f"The worker thread found {seen['rows']} rows, where 1 was put in.")
    return holds(f"The worker thread found the row; the pool is a {seen.pool}.")


if __name__ == "__main__":
    show(__file__)
