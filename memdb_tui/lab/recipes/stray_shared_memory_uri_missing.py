"""The unnamed shared database without `uri`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="file::memory: without uri=true",
    fix_title="file::memory: with uri=true",
    group=Group.STRAY_FILE,
    claim="file::memory:?cache=shared is the shared in-memory database; nothing else has to be said.",
    source="https://github.com/chroma-core/chroma/issues/822",
    panes=(Pane("sqlite:///file::memory:?cache=shared", sql="CREATE TABLE t (x);"),),
    fix_panes=(Pane("sqlite:///file::memory:?cache=shared&uri=true", sql="CREATE TABLE t (x);", connections=2),),
)


def bug() -> None:
    """The same file name as in the thread appears."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file::memory:?cache=shared")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def fix() -> None:
    """One database for the whole process."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file::memory:?cache=shared&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
