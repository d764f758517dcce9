"""A named database that is not shared."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="mode=memory without cache=shared",
    fix_title="mode=memory with cache=shared",
    group=Group.PRIVATE_OR_EMPTY,
    claim="Two engines with the same name and mode=memory share one database.",
    source="https://www.sqlite.org/inmemorydb.html#sharedmemdb",
    panes=(Pane("sqlite:///file:db1?mode=memory&uri=true", connections=2),),
    fix_panes=(Pane("sqlite:///file:db1?mode=memory&cache=shared&uri=true", connections=2),),
)


def bug() -> None:
    """Without cache=shared the name means nothing."""
    from sqlalchemy import create_engine

    url = "sqlite:///file:db1?mode=memory&uri=true"
    first, second = create_engine(url), create_engine(url)
    with first.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    with second.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM t").scalar()


def fix() -> None:
    """With it, the name is the database."""
    from sqlalchemy import create_engine

    url = "sqlite:///file:db1?mode=memory&cache=shared&uri=true"
    first, second = create_engine(url), create_engine(url)
    with first.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    with second.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM t").scalar()


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
