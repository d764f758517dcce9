"""A database made on the main thread, a server that has others."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="Made on one thread, asked for on another",
    fix_title="A shared URI instead of :memory:",
    group=Group.THREADS_AND_POOLS,
    claim="What create_all() made when the application was started is there for every request.",
    source="https://github.com/spec-first/connexion/issues/706",
    panes=(Pane("sqlite:///:memory:"),),
    fix_panes=(Pane("sqlite:///file::memory:?cache=shared&uri=true", connections=2),),
)


def bug() -> None:
    """Each thread has a :memory: of its own."""
    from concurrent.futures import ThreadPoolExecutor

    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///:memory:")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE pets (x)")
        connection.exec_driver_sql("INSERT INTO pets VALUES (1)")

    def handle_request() -> int | None:
        with engine.connect() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM pets").scalar()

    with ThreadPoolExecutor(max_workers=1) as workers:
        rows = workers.submit(handle_request).result()


def fix() -> None:
    """All connections of the process are in one database, each thread has its own connection."""
    from concurrent.futures import ThreadPoolExecutor

    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file::memory:?cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE pets (x)")
        connection.exec_driver_sql("INSERT INTO pets VALUES (1)")

    def handle_request() -> int | None:
        with engine.connect() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM pets").scalar()

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
