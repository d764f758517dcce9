"""Step 2: the URI as the value of `uri`."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, made_a_file, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="connect_args={'uri': 'file:…'}",
    group=Group.STEPS,
    claim=(
        "engine = create_engine('sqlite+pysqlite://', connect_args={'uri': "
        "'file:testdb?mode=memory&cache=shared'}) … avoids URI manipulation by SQLAlchemy and ensures all "
        "parameters reach SQLite."
    ),
    source=article("step 2, code block"),
    works_instead="works-creator",
)


def code() -> None:
    """The code block, and a table made through it."""
    from sqlalchemy import create_engine

    engine = create_engine(
        "sqlite+pysqlite://",
        connect_args={"uri": "file:testdb?mode=memory&cache=shared"},
    )
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """All parameters reach SQLite if they stand in the name it is given."""
    if seen.files:
        return made_a_file(seen)
    if not seen.connect_args:
        return fails(f"Nothing reached sqlite3: {seen.error}.")
    (call,) = seen.connect_args
    if "mode=memory" in call.database:
        return stays_in_memory(seen, shared=True)
    return fails(
        f"SQLite was given {call.database!r}: sqlite3 takes uri for a yes or no, so the string counts as a yes and "
        "its parameters reach nobody; the database is private."
    )


if __name__ == "__main__":
    show(__file__)
