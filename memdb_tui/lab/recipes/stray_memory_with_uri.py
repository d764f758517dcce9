"""`:memory:` with a query and `uri=true`, but without `file:`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title=":memory: with uri=true",
    fix_title="file::memory: with uri=true",
    group=Group.STRAY_FILE,
    claim=":memory:?cache=shared&uri=true makes the ordinary :memory: database a shared one.",
    source="https://github.com/sqlalchemy/sqlalchemy/issues/6949",
    panes=(Pane("sqlite:///:memory:?cache=shared&uri=true", sql="CREATE TABLE t (x);"),),
    fix_panes=(Pane("sqlite:///file::memory:?cache=shared&uri=true", sql="CREATE TABLE t (x);", connections=2),),
)


def bug() -> None:
    """Only what begins with file: is a URI to SQLite; all else is a path, its question mark included."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///:memory:?cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def fix() -> None:
    """With file: before it, it is a URI."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file::memory:?cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
