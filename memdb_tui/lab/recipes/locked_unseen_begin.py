"""An INSERT through an Engine, without a COMMIT."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="The BEGIN nobody wrote",
    fix_title="engine.begin() commits",
    group=Group.LOCKED,
    claim="A single INSERT, without BEGIN, is done when execute() returns.",
    source="https://docs.python.org/3/library/sqlite3.html#transaction-control-via-the-isolation-level-attribute",
    panes=(
        Pane(
            "sqlite:///file::memory:?cache=shared&uri=true",
            sql="CREATE TABLE t (x); INSERT INTO t VALUES (1);",
            connections=2,
        ),
    ),
    fix_panes=(Pane("sqlite:///file::memory:?cache=shared&uri=true", connections=2),),
)


def bug() -> None:
    """sqlite3 sends BEGIN before it, and SQLAlchemy waits for a commit()."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file::memory:?cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")

    writer = engine.connect()
    writer.exec_driver_sql("INSERT INTO t VALUES (1)")

    with engine.connect() as reader:
        rows = reader.exec_driver_sql("SELECT count(*) FROM t").scalar()


def fix() -> None:
    """begin() commits at its end."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file::memory:?cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")

    with engine.begin() as writer:
        writer.exec_driver_sql("INSERT INTO t VALUES (1)")

    with engine.connect() as reader:
        rows = reader.exec_driver_sql("SELECT count(*) FROM t").scalar()


def judge(seen: Observed) -> Judgement:
    """The reader has to find the row."""
    if seen.error is not None:
        return fails(f"The reader raised {seen.error}.")
    if seen["rows"] != 1:
        return fails(f"The reader found {seen['rows']} rows.")
    return holds("The reader found the row.")


if __name__ == "__main__":
    show(__file__)
