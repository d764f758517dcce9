"""The memdb VFS: shared in memory, with the locks of a file."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="vfs=memdb with a slash",
    group=Group.WORKS,
    claim=(
        'The "memdb" VFS now allows the same in-memory database to be shared among multiple database '
        'connections in the same process as long as the database name begins with "/".'
    ),
    source="https://www.sqlite.org/releaselog/3_36_0.html",
    panes=(Pane("sqlite:///file:/db1?vfs=memdb&uri=true", sql="CREATE TABLE t (x);", connections=2),),
)


def code() -> None:
    """The slash makes the name a shared one."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:/db1?vfs=memdb&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
