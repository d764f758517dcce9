"""`vfs=memdb` without `file:`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="vfs=memdb without file:",
    fix_title="file:/ before the name",
    group=Group.STRAY_FILE,
    claim=(
        "vfs=memdb in the URL puts the database into memory. (With a fourth slash the file lies in the root folder.)"
    ),
    source="https://github.com/rogerbinns/apsw/issues/553",
    panes=(Pane("sqlite:///shared-db?vfs=memdb&uri=true", sql="CREATE TABLE t (x);"),),
    fix_panes=(Pane("sqlite:///file:/shared-db?vfs=memdb&uri=true", sql="CREATE TABLE t (x);", connections=2),),
)


def bug() -> None:
    """It is no URI, so it has no vfs."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///shared-db?vfs=memdb&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def fix() -> None:
    """file: makes a URI of it; the slash makes it shared."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:/shared-db?vfs=memdb&uri=true")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
