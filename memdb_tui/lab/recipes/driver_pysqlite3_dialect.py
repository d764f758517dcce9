"""A newer SQLite through pysqlite3."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="sqlite+pysqlite3://",
    fix_title="sqlite:// with module=pysqlite3",
    group=Group.DRIVERS,
    claim="With pysqlite3 installed, the URL is sqlite+pysqlite3:///:memory:.",
    source="https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#module-sqlalchemy.dialects.sqlite.pysqlite",
    panes=(Pane("sqlite+pysqlite3:///:memory:"),),
    fix_panes=(Pane("sqlite:///:memory:"),),
)


def bug() -> None:
    """SQLAlchemy has no such dialect; it is in a package of its own."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite+pysqlite3:///:memory:")
    with engine.connect() as connection:
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar()


def fix() -> None:
    """The driver is handed over as a module; where pysqlite3 is missing, sqlite3 takes its place."""
    from sqlalchemy import create_engine

    try:
        import pysqlite3 as driver
    except ImportError:
        import sqlite3 as driver

    engine = create_engine("sqlite:///:memory:", module=driver)
    with engine.connect() as connection:
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar()
    version_of_driver = driver.sqlite_version


def judge(seen: Observed) -> Judgement:
    """The engine has to run on the driver's SQLite."""
    if seen.error is not None:
        return fails(f"It raised {seen.error}.")
    if seen["version"] != seen["version_of_driver"]:
        return fails(f"It runs on SQLite {seen['version']}, the driver has {seen['version_of_driver']}.")
    return holds(f"It runs on the SQLite of the driver, {seen['version']}.")


if __name__ == "__main__":
    show(__file__)
