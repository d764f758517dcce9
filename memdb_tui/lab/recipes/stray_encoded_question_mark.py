"""A URL encoded once too often."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe

RECIPE = Recipe(
    title="%3F instead of ?",
    fix_title="? as it is",
    group=Group.STRAY_FILE,
    claim="Encoding the whole name, its question mark too, is the safe way to put it into a URL.",
    source="https://docs.sqlalchemy.org/en/20/core/engines.html#escaping-special-characters-such-as-signs-in-passwords",
)


def bug() -> None:
    """Without a question mark there are no parameters: all of it is the name of a file."""
    from urllib.parse import quote

    from sqlalchemy import create_engine

    name = quote("file:db1?mode=memory", safe=":=")
    engine = create_engine(f"sqlite:///{name}&cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def fix() -> None:
    """Only the name is encoded, not what separates."""
    from urllib.parse import quote

    from sqlalchemy import create_engine

    name = quote("db1")
    engine = create_engine(f"sqlite:///file:{name}?mode=memory&cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared; SQLAlchemy 2.1 decodes the file's name, 2.0 does not."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
