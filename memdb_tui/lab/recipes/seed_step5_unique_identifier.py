"""Step 5: the identifier that is the same twice."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Append a unique identifier",
    group=Group.STEPS,
    claim=(
        "To create multiple distinct databases, append a unique identifier: engine1 = "
        "create_engine('sqlite+pysqlite:///:memory:?cache=shared'), engine2 = "
        "create_engine('sqlite+pysqlite:///:memory:?cache=shared')"
    ),
    source=article("step 5, code block"),
    works_instead="seed-step3-two-databases",
    panes=(Pane("sqlite+pysqlite:///:memory:?cache=shared", sql="CREATE TABLE t (x);", connections=2),),
)


def code() -> None:
    """The code block; and the same with nothing appended."""
    from sqlalchemy import create_engine

    engine1 = create_engine("sqlite+pysqlite:///:memory:?cache=shared")
    engine2 = create_engine("sqlite+pysqlite:///:memory:?cache=shared")
    engine3 = create_engine("sqlite+pysqlite:///:memory:")
    with engine1.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE made_in_1 (x)")
    seen_by_2, seen_by_3 = (
        engine.connect().exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
        for engine in (engine2, engine3)
    )
    identifiers_differ = engine1.url != engine2.url


def judge(seen: Observed) -> Judgement:
    """What is appended has to differ, and to be what makes them distinct."""
    if seen.files:
        return made_a_file(seen)
    if seen["seen_by_2"]:
        return fails("The two engines have one database.")
    if seen["identifiers_differ"] and seen["seen_by_3"]:
        return holds("Each has a database of its own, by its identifier.")
    return fails(
        "The two URLs are the same, nothing in them is unique. The databases are distinct because every :memory: is, "
        "also with nothing appended."
    )


if __name__ == "__main__":
    show(__file__)
