"""`:memory:` with a query that nobody reads."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title=":memory:?cache=shared",
    fix_title="file::memory:?cache=shared&uri=true",
    group=Group.PRIVATE_OR_EMPTY,
    claim="Sharing is had by passing :memory:?cache=shared as the connection string.",
    source="https://github.com/elixir-sqlite/ecto_sqlite3/issues/176",
    panes=(Pane("sqlite:///:memory:?cache=shared"),),
    fix_panes=(Pane("sqlite:///file::memory:?cache=shared&uri=true", connections=2),),
)


def bug() -> None:
    """SQLAlchemy drops the query; each engine has a database of its own."""
    from sqlalchemy import create_engine

    url = "sqlite:///:memory:?cache=shared"
    first, second = create_engine(url), create_engine(url)
    with first.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    with second.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM t").scalar()


def fix() -> None:
    """A URI reaches SQLite as it is."""
    from sqlalchemy import create_engine

    url = "sqlite:///file::memory:?cache=shared&uri=true"
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
