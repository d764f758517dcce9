"""`engine.dispose()` between two uses."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="engine.dispose()",
    fix_title="A connection beside the engine keeps it",
    group=Group.VANISHED,
    claim="An engine can be used as before after dispose(), since it connects anew.",
    source="https://docs.sqlalchemy.org/en/20/core/connections.html#engine-disposal",
    panes=(Pane("sqlite:///file:db1?mode=memory&cache=shared&uri=true"),),
    fix_panes=(Pane("sqlite:///file:db1?mode=memory&cache=shared&uri=true", connections=2),),
)


def bug() -> None:
    """It does connect anew: to an empty database."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:db1?mode=memory&cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")

    engine.dispose()
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM t").scalar()


def fix() -> None:
    """A connection that is not the engine's survives dispose()."""
    import sqlite3

    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:db1?mode=memory&cache=shared&uri=true")
    keeper = sqlite3.connect("file:db1?mode=memory&cache=shared", uri=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")

    engine.dispose()
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
