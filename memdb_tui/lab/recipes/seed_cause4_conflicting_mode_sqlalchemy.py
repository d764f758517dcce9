"""Cause 4: two modes in a SQLAlchemy URL."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="Two modes in a SQLAlchemy URL",
    group=Group.CAUSES,
    claim="If mode=memory appears after conflicting parameters (e.g., mode=rw), it may be ignored.",
    source=article("cause 4"),
    works_instead="seed-step1-correct-uri",
    panes=(Pane("sqlite:///file:testdb?mode=rw&mode=memory&cache=shared&uri=true"),),
)


def code() -> None:
    """The same through SQLAlchemy."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file:testdb?mode=rw&mode=memory&cache=shared&uri=true")
    engine.connect()


def judge(seen: Observed) -> Judgement:
    """It is not ignored if it is refused."""
    if seen.error is not None:
        return fails(f"Not ignored but refused, both modes at once: {seen.error}.")
    if seen.files:
        return holds(f"It was ignored: {list(seen.files)}.")
    return fails("It counts.")


if __name__ == "__main__":
    show(__file__)
