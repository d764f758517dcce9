"""The URL of an AsyncEngine in `create_engine`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import SQLALCHEMY, Group, Package, Recipe

RECIPE = Recipe(
    title="sqlite+aiosqlite:// in create_engine",
    fix_title="sqlite+aiosqlite:// in create_async_engine",
    group=Group.DRIVERS,
    claim="sqlite+aiosqlite:// is a URL like others, so create_engine takes it.",
    source="https://docs.sqlalchemy.org/en/20/errors.html#missinggreenlet",
    needs=(Package("aiosqlite", "aiosqlite"), Package("greenlet", "greenlet"), SQLALCHEMY),
)


def bug() -> None:
    """It takes it, and fails when it connects."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite+aiosqlite://")
    with engine.connect() as connection:
        answer = connection.exec_driver_sql("SELECT 1").scalar()


def fix() -> None:
    """An asynchronous driver needs an AsyncEngine."""
    import asyncio

    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine("sqlite+aiosqlite://")

    async def main() -> int | None:
        async with engine.connect() as connection:
            found = (await connection.exec_driver_sql("SELECT 1")).scalar()
        await engine.dispose()
        return found

    answer = asyncio.run(main())


def judge(seen: Observed) -> Judgement:
    """The query has to be answered."""
    if seen.error is not None:
        return fails(f"It raised {seen.error.splitlines()[0]}")
    if seen["answer"] != 1:
        return fails(f"It answered {seen['answer']!r}.")
    return holds("The query was answered.")


if __name__ == "__main__":
    show(__file__)
