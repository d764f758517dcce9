"""pysqlite3 without a dialect of its own: module=."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import SQLALCHEMY, Group, Package, Pane, Recipe

RECIPE = Recipe(
    title="pysqlite3 through module=",
    group=Group.WORKS,
    claim=(
        "Reference to a Python module object (the module itself, not its string name). Specifies an alternate "
        "DBAPI module to be used by the engine’s dialect."
    ),
    source="https://docs.sqlalchemy.org/en/20/core/engines.html#sqlalchemy.create_engine.params.module",
    needs=(Package("pysqlite3", "pysqlite3-binary"), SQLALCHEMY),
    panes=(
        Pane(
            "sqlite:///file:testdb?mode=memory&cache=shared&uri=true", sql="SELECT sqlite_version();", connections=2
        ),
    ),
)


def code() -> None:
    """Which SQLite answers?"""
    import pysqlite3.dbapi2
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:testdb?mode=memory&cache=shared&uri=true", module=pysqlite3.dbapi2)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        answered_by = connection.exec_driver_sql("SELECT sqlite_version()").scalar()
    wanted = pysqlite3.sqlite_version


def judge(seen: Observed) -> Judgement:
    """pysqlite3's SQLite has to answer, in memory and shared."""
    if seen["answered_by"] != seen["wanted"]:
        return fails(f"SQLite {seen['answered_by']} answered, pysqlite3 has {seen['wanted']}.")
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
