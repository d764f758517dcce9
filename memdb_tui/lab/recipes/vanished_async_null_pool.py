"""An AsyncEngine in tests."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import SQLALCHEMY, Group, Package, Recipe

RECIPE = Recipe(
    title="aiosqlite with NullPool",
    fix_title="aiosqlite with StaticPool",
    group=Group.VANISHED,
    claim=(
        "NullPool is the pool for tests: all sessions of the engine still see the same sqlite+aiosqlite:// database."
    ),
    source="https://github.com/gizmax/Sandcastle/pull/223",
    needs=(Package("aiosqlite", "aiosqlite"), Package("greenlet", "greenlet"), SQLALCHEMY),
)


def bug() -> None:
    """Every session opens a connection, and so a database, of its own."""
    import asyncio

    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    engine = create_async_engine("sqlite+aiosqlite://", poolclass=NullPool)

    async def main() -> int | None:
        try:
            async with engine.begin() as connection:
                await connection.exec_driver_sql("CREATE TABLE runs (x)")
                await connection.exec_driver_sql("INSERT INTO runs VALUES (1)")
            async with engine.connect() as connection:
                return (await connection.exec_driver_sql("SELECT count(*) FROM runs")).scalar()
        finally:
            await engine.dispose()

    rows = asyncio.run(main())


def fix() -> None:
    """One connection for all of them."""
    import asyncio

    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import StaticPool

    engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)

    async def main() -> int | None:
        try:
            async with engine.begin() as connection:
                await connection.exec_driver_sql("CREATE TABLE runs (x)")
                await connection.exec_driver_sql("INSERT INTO runs VALUES (1)")
            async with engine.connect() as connection:
                return (await connection.exec_driver_sql("SELECT count(*) FROM runs")).scalar()
        finally:
            await engine.dispose()

    rows = asyncio.run(main())


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
