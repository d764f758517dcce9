"""Step 5: its headline."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Avoid filenames in in-memory URIs",
    group=Group.STEPS,
    claim="Avoid Filenames in In-Memory URIs",
    source=article("step 5, headline"),
    works_instead="seed-step1-correct-uri",
    panes=(
        Pane("sqlite:///file:testdb?mode=memory&cache=shared&uri=true"),
        Pane("sqlite:///:memory:?cache=shared&uri=true"),
    ),
)


def code() -> None:
    """With a filename, and without one."""
    import os

    from sqlalchemy import create_engine

    create_engine("sqlite:///file:testdb?mode=memory&cache=shared&uri=true").connect()
    files_with_a_name = os.listdir()
    create_engine("sqlite:///:memory:?cache=shared&uri=true").connect()
    files_without_a_name = os.listdir()


def judge(seen: Observed) -> Judgement:
    """A name is to be avoided if it makes a file that its absence does not."""
    named, unnamed = seen["files_with_a_name"], seen["files_without_a_name"]
    if named and not unnamed:
        return holds(f"The name made {named}.")
    if unnamed and not named:
        return fails(f"It is the URL without a name that made {unnamed}, the one with a name made nothing.")
    return fails("The name makes no difference to the files.")


if __name__ == "__main__":
    show(__file__)
