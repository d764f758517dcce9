"""A pool that keeps no connection."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="NullPool",
    fix_title="StaticPool",
    group=Group.VANISHED,
    claim="Whichever pool an engine has, it goes on with the same in-memory database.",
    source="https://github.com/sqlalchemy/sqlalchemy/issues/6379",
    panes=(Pane("sqlite:///file:foo.db?mode=memory&uri=true"),),
    fix_panes=(Pane("sqlite:///file:foo.db?mode=memory&uri=true"),),
)


def bug() -> None:
    """NullPool closes the connection when it is given back, and the database with it."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine("sqlite:///file:foo.db?mode=memory&uri=true", poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM t").scalar()


def fix() -> None:
    """StaticPool keeps the one it has."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    engine = create_engine("sqlite:///file:foo.db?mode=memory&uri=true", poolclass=StaticPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM t").scalar()


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
