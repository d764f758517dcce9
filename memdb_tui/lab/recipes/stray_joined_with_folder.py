"""A framework that makes every name relative to a folder of its own."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe

RECIPE = Recipe(
    title=":memory: joined to a folder",
    fix_title=":memory: left alone",
    group=Group.STRAY_FILE,
    claim="A name that says memory stays in memory, whatever the framework does with relative names.",
    source="https://github.com/pallets-eco/flask-sqlalchemy/issues/1314",
)


def bug() -> None:
    """What Flask-SQLAlchemy did in the thread: instance/:memory: is a file."""
    from pathlib import Path

    from sqlalchemy import create_engine

    instance_folder = Path.cwd()
    name = instance_folder / ":memory:"
    engine = create_engine(f"sqlite:///{name}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def fix() -> None:
    """Only names of files are made absolute."""
    from pathlib import Path

    from sqlalchemy import create_engine

    instance_folder = Path.cwd()
    wanted = ":memory:"
    name = wanted if wanted == ":memory:" else instance_folder / wanted
    engine = create_engine(f"sqlite:///{name}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory."""
    return stays_in_memory(seen)


if __name__ == "__main__":
    show(__file__)
