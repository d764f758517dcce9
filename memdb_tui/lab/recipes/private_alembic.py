"""Alembic migrates a memory database of its own."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import SQLALCHEMY, Group, Package, Recipe

RECIPE = Recipe(
    title="Alembic migrates another database",
    fix_title="Alembic gets the connection",
    group=Group.PRIVATE_OR_EMPTY,
    claim="With sqlite:// as the URL, upgrade() creates the tables in the application's database.",
    source="https://github.com/miguelgrinberg/Flask-Migrate/issues/153",
    needs=(Package("alembic", "alembic"), SQLALCHEMY),
)


def bug() -> None:
    """env.py makes an engine of its own from the same URL."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from sqlalchemy import Column, Integer, create_engine

    application = create_engine("sqlite://")

    engine_of_env_py = create_engine(application.url)
    with engine_of_env_py.begin() as connection:
        Operations(MigrationContext.configure(connection)).create_table("t", Column("x", Integer))

    with application.begin() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        rows = connection.exec_driver_sql("SELECT count(*) FROM t").scalar()


def fix() -> None:
    """The connection is passed, as Alembic's cookbook shows with config.attributes."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from sqlalchemy import Column, Integer, create_engine

    application = create_engine("sqlite://")

    with application.begin() as connection:
        Operations(MigrationContext.configure(connection)).create_table("t", Column("x", Integer))

    with application.begin() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        rows = connection.exec_driver_sql("SELECT count(*) FROM t").scalar()


def judge(seen: Observed) -> Judgement:
    """The application has to find the table."""
    if seen.error is not None:
        return fails(f"The application raised {seen.error}.")
    return holds(f"The application found the table and has {seen['rows']} row in it.")


if __name__ == "__main__":
    show(__file__)
