"""The same parameter twice, in a SQLAlchemy URL."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="mode twice in a URL",
    fix_title="mode once in a URL",
    group=Group.DRIVERS,
    claim="Of a parameter given twice the last one wins, as SQLite documents it.",
    source="https://www.sqlite.org/uri.html",
    panes=(Pane("sqlite:///file:db1?mode=rw&mode=memory&cache=shared&uri=true"),),
    fix_panes=(
        Pane("sqlite:///file:db1?mode=memory&cache=shared&uri=true", sql="CREATE TABLE t (x);", connections=2),
    ),
)


def bug() -> None:
    """SQLAlchemy makes a tuple of both and hands on its repr()."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:db1?mode=rw&mode=memory&cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def fix() -> None:
    """One mode."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:db1?mode=memory&cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to open, in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
