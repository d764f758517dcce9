"""A database filled through one engine and looked for through another."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="sqlite:// in two engines",
    fix_title="One engine for both",
    group=Group.PRIVATE_OR_EMPTY,
    claim="Whoever opens :memory: later in the same program finds what was put into it before.",
    source="https://github.com/blaze/blaze/issues/1326",
    panes=(Pane("sqlite://", connections=2),),
)


def bug() -> None:
    """The second engine has a connection of its own, and so a database of its own."""
    from sqlalchemy import create_engine

    filler = create_engine("sqlite://")
    with filler.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE test (x)")
        connection.exec_driver_sql("INSERT INTO test VALUES (1)")

    reader = create_engine("sqlite://")
    with reader.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM test").scalar()


def fix() -> None:
    """The engine is handed on, not the URL."""
    from sqlalchemy import create_engine

    filler = create_engine("sqlite://")
    with filler.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE test (x)")
        connection.exec_driver_sql("INSERT INTO test VALUES (1)")

    reader = filler
    with reader.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM test").scalar()


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
