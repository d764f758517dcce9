"""A colon in a string, inside `text()`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="text() and a colon in a string",
    fix_title="exec_driver_sql takes it as it is",
    group=Group.DRIVERS,
    claim="SQL that runs in SQLite runs in text().",
    source="https://github.com/sqlalchemy/alembic/issues/522",
    panes=(Pane("sqlite://"),),
    fix_panes=(Pane("sqlite://"),),
)


def bug() -> None:
    """text() reads :true as a parameter, also between quotes."""
    from sqlalchemy import create_engine, text

    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        flags = connection.execute(text("""SELECT '{"private":true}'""")).scalar()


def fix() -> None:
    """Through exec_driver_sql the text goes untouched; in text() a backslash before the colon would do."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        flags = connection.exec_driver_sql("""SELECT '{"private":true}'""").scalar()


def judge(seen: Observed) -> Judgement:
    """The string has to come back whole."""
    if seen.error is not None:
        return fails(f"It raised {seen.error.splitlines()[0]}.")
    if seen["flags"] != '{"private":true}':
        return fails(f"It gave {seen['flags']!r}.")
    return holds(f"It gave {seen['flags']!r}.")


if __name__ == "__main__":
    show(__file__)
