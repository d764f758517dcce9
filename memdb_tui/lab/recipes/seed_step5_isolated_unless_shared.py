"""Step 5: `:memory:?cache=shared`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title=":memory: is isolated unless cache=shared is added",
    group=Group.STEPS,
    claim="Note that :memory: databases are isolated by default unless cache=shared is added.",
    source=article("step 5"),
    works_instead="works-file-memory-shared",
    panes=(
        Pane("sqlite+pysqlite:///:memory:?cache=shared", connections=2),
        Pane("sqlite+pysqlite:///:memory:", connections=2),
    ),
)


def code() -> None:
    """Two connections of their own without it, and with it."""
    from sqlalchemy import NullPool, create_engine

    found = {}
    for url in ("sqlite+pysqlite:///:memory:", "sqlite+pysqlite:///:memory:?cache=shared"):
        engine = create_engine(url, poolclass=NullPool)
        with engine.connect() as first, engine.connect() as second:
            first.exec_driver_sql("CREATE TABLE t (x)")
            found[url] = second.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
    by_default, with_cache_shared = found.values()


def judge(seen: Observed) -> Judgement:
    """With it added they must not be isolated."""
    if seen.files:
        return made_a_file(seen)
    if seen["by_default"]:
        return fails("They are not isolated by default.")
    if seen["with_cache_shared"]:
        return holds("Isolated by default, shared with cache=shared.")
    databases = sorted({call.database for call in seen.connect_args})
    return fails(f"They stay isolated: cache=shared is dropped on the way, sqlite3 got {databases}.")


if __name__ == "__main__":
    show(__file__)
