"""SQLModel's own Session and engine, in FastAPI's worker threads."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import SQLALCHEMY, Group, Package, Pane, Recipe

RECIPE = Recipe(
    title="SQLModel: sqlite:// in worker threads",
    fix_title="SQLModel: StaticPool",
    group=Group.THREADS_AND_POOLS,
    claim="Anyone who learns FastAPI with SQLModel can begin with an in-memory database.",
    source="https://github.com/fastapi/sqlmodel/pull/506",
    needs=(Package("sqlmodel", "sqlmodel"), SQLALCHEMY),
    panes=(Pane("sqlite://"),),
    fix_panes=(Pane("sqlite://"),),
)


def bug() -> None:
    """The thread that answers has an empty database."""
    from concurrent.futures import ThreadPoolExecutor

    from sqlmodel import Session, create_engine, text

    engine = create_engine("sqlite://")
    with Session(engine) as session:
        session.execute(text("CREATE TABLE hero (x)"))
        session.execute(text("INSERT INTO hero VALUES (1)"))
        session.commit()

    def read_heroes() -> list[int]:
        with Session(engine) as session:
            return [x for (x,) in session.execute(text("SELECT x FROM hero"))]

    with ThreadPoolExecutor(max_workers=1) as workers:
        heroes = workers.submit(read_heroes).result()


def fix() -> None:
    """One connection for all threads."""
    from concurrent.futures import ThreadPoolExecutor

    from sqlalchemy.pool import StaticPool
    from sqlmodel import Session, create_engine, text

    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    with Session(engine) as session:
        session.execute(text("CREATE TABLE hero (x)"))
        session.execute(text("INSERT INTO hero VALUES (1)"))
        session.commit()

    def read_heroes() -> list[int]:
        with Session(engine) as session:
            return [x for (x,) in session.execute(text("SELECT x FROM hero"))]

    with ThreadPoolExecutor(max_workers=1) as workers:
        heroes = workers.submit(read_heroes).result()


def judge(seen: Observed) -> Judgement:
    """The worker thread has to find the hero."""
    if seen.error is not None:
        return fails(f"The worker thread raised {seen.error}.")
    if seen["heroes"] != [1]:
        return fails(f"The worker thread found {seen['heroes']}, where [1] was put in.")
    return holds(f"The worker thread found the hero; the pool is a {seen.pool}.")


if __name__ == "__main__":
    show(__file__)
