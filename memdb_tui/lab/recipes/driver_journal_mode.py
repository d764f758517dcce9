"""A PRAGMA as an argument of the connection."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="journal_mode in connect_args",
    fix_title="journal_mode as a PRAGMA, on connect",
    group=Group.DRIVERS,
    claim='connect_args={"journal_mode": "OFF"} sets the journal mode.',
    source="https://docs.sqlalchemy.org/en/20/core/engines.html#custom-dbapi-args",
    panes=(Pane("sqlite://"),),
    fix_panes=(Pane("sqlite://", sql="PRAGMA journal_mode;"),),
)


def bug() -> None:
    """connect_args are the keywords of sqlite3.connect, and that is none."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite://", connect_args={"journal_mode": "OFF"})
    with engine.connect() as connection:
        journal_mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()


def fix() -> None:
    """An event sends the PRAGMA on each new connection."""
    import sqlite3

    from sqlalchemy import create_engine, event

    engine = create_engine("sqlite://")

    @event.listens_for(engine, "connect")
    def set_journal_mode(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA journal_mode = OFF")

    with engine.connect() as connection:
        journal_mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()


def judge(seen: Observed) -> Judgement:
    """The journal mode has to be off."""
    if seen.error is not None:
        return fails(f"It raised {seen.error}.")
    if seen["journal_mode"] != "off":
        return fails(f"The journal mode is {seen['journal_mode']!r}.")
    return holds("The journal mode is 'off'.")


if __name__ == "__main__":
    show(__file__)
