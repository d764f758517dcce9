"""pysqlite3 without a dialect of its own: creator=."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import SQLALCHEMY, Group, Package, Recipe

RECIPE = Recipe(
    title="pysqlite3 through creator=",
    group=Group.WORKS,
    claim=(
        "A callable which returns a DBAPI connection. This creation function … will be used to create all new "
        "database connections."
    ),
    source="https://docs.sqlalchemy.org/en/20/core/engines.html#sqlalchemy.create_engine.params.creator",
    needs=(Package("pysqlite3", "pysqlite3-binary"), SQLALCHEMY),
)


def code() -> None:
    """Which SQLite answers?"""
    import pysqlite3
    from sqlalchemy import create_engine

    engine = create_engine(
        "sqlite://",
        creator=lambda: pysqlite3.connect("file:testdb?mode=memory&cache=shared", uri=True),
    )
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        answered_by = connection.exec_driver_sql("SELECT sqlite_version()").scalar()
    wanted = pysqlite3.sqlite_version


def judge(seen: Observed) -> Judgement:
    """pysqlite3's SQLite has to answer, in memory and shared."""
    if seen["answered_by"] != seen["wanted"]:
        return fails(f"SQLite {seen['answered_by']} answered, pysqlite3 has {seen['wanted']}.")
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
