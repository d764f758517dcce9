"""`URL.create` with the query inside the database's name."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe

RECIPE = Recipe(
    title="URL.create with everything in database=",
    fix_title="URL.create with query=",
    group=Group.STRAY_FILE,
    claim="URL.create(database=…) takes the whole file: URI, its parameters included.",
    source="https://docs.sqlalchemy.org/en/20/core/engines.html#creating-urls-programmatically",
)


def bug() -> None:
    """database= is a name, whatever question marks it has."""
    from sqlalchemy import URL, create_engine

    url = URL.create("sqlite", database="file:db1?mode=memory&cache=shared&uri=true")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def fix() -> None:
    """The parameters have a place of their own."""
    from sqlalchemy import URL, create_engine

    url = URL.create("sqlite", database="file:db1", query={"mode": "memory", "cache": "shared", "uri": "true"})
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
