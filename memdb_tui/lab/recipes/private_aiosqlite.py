"""aiosqlite, a connection for each task."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Package, Pane, Recipe

RECIPE = Recipe(
    title="aiosqlite: :memory: in every task",
    fix_title="aiosqlite: a shared name",
    group=Group.PRIVATE_OR_EMPTY,
    claim="Within one session of Python, tables made in an in-memory database can be found again.",
    source="https://github.com/encode/databases/issues/75",
    needs=(Package("aiosqlite", "aiosqlite"),),
    panes=(Pane(":memory:", connections=2),),
    fix_panes=(Pane("file:db1?mode=memory&cache=shared", connections=2),),
)


def bug() -> None:
    """Every connection has a database of its own."""
    import asyncio

    import aiosqlite

    async def main() -> list[int]:
        async with aiosqlite.connect(":memory:") as first, aiosqlite.connect(":memory:") as second:
            await first.execute("CREATE TABLE t (x)")
            await first.execute("INSERT INTO t VALUES (1)")
            await first.commit()
            cursor = await second.execute("SELECT count(*) FROM t")
            return [count for (count,) in await cursor.fetchall()]

    rows = asyncio.run(main())[0]


def fix() -> None:
    """A shared name; aiosqlite hands uri on to sqlite3."""
    import asyncio

    import aiosqlite

    async def main() -> list[int]:
        name = "file:db1?mode=memory&cache=shared"
        async with aiosqlite.connect(name, uri=True) as first, aiosqlite.connect(name, uri=True) as second:
            await first.execute("CREATE TABLE t (x)")
            await first.execute("INSERT INTO t VALUES (1)")
            await first.commit()
            cursor = await second.execute("SELECT count(*) FROM t")
            return [count for (count,) in await cursor.fetchall()]

    rows = asyncio.run(main())[0]


def judge(seen: Observed) -> Judgement:
    """The second connection has to find the row."""
    if seen.files:
        return made_a_file(seen)
    if seen.error is not None:
        return fails(f"The second connection raised {seen.error}.")
    if seen["rows"] != 1:
        return fails(f"The second connection found {seen['rows']} rows, where 1 was put in.")
    return holds("The second connection found the row.")


if __name__ == "__main__":
    show(__file__)
