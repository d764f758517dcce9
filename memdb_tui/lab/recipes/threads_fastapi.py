"""A web framework that answers in worker threads."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title=":memory: in worker threads",
    fix_title="StaticPool and check_same_thread=False",
    group=Group.THREADS_AND_POOLS,
    claim="For tests, SQLALCHEMY_DATABASE_URL can be sqlite://, all other things being the same.",
    source="https://github.com/fastapi/fastapi/issues/3906",
    panes=(Pane("sqlite://"),),
    fix_panes=(Pane("sqlite://"),),
)


def bug() -> None:
    """SingletonThreadPool gives every thread a connection of its own: an empty database."""
    from concurrent.futures import ThreadPoolExecutor

    from sqlalchemy import create_engine

    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE hero (x)")
        connection.exec_driver_sql("INSERT INTO hero VALUES (1)")

    def handle_request() -> int | None:
        with engine.connect() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM hero").scalar()

    with ThreadPoolExecutor(max_workers=1) as workers:
        rows = workers.submit(handle_request).result()


def fix() -> None:
    """One connection for all threads."""
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
