"""The URI given as the value of `uri`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="The URI as the value of uri",
    fix_title="The URI in the URL",
    group=Group.PRIVATE_OR_EMPTY,
    claim='connect_args={"uri": "file:db1?mode=memory&cache=shared"} tells sqlite3 which database to open.',
    source="https://docs.python.org/3/library/sqlite3.html#sqlite3.connect",
    fix_panes=(Pane("sqlite:///file:db1?mode=memory&cache=shared&uri=true", connections=2),),
)


def bug() -> None:
    """What uri holds is taken for a yes; the database is :memory:, and private."""
    from sqlalchemy import create_engine

    connect_args = {"uri": "file:db1?mode=memory&cache=shared"}
    first = create_engine("sqlite://", connect_args=connect_args)
    second = create_engine("sqlite://", connect_args=connect_args)
    with first.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    with second.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM t").scalar()


def fix() -> None:
    """The database stands where databases stand."""
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
