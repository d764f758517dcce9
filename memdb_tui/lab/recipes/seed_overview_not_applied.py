"""The overview's conclusion from a file."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="A file means mode=memory was not applied",
    group=Group.OVERVIEW,
    claim=(
        "When this approach inadvertently creates files, it indicates that the mode=memory parameter is either "
        "not being applied or is being overridden by other configuration details."
    ),
    source=article("issue overview"),
    works_instead="seed-step3-two-databases",
    panes=(Pane("sqlite:///file:db1?mode=memory"), Pane("sqlite:///file:db2?mode=memory")),
)


def code() -> None:
    """Two names, and what arrives at sqlite3."""
    from sqlalchemy import create_engine

    for url in ("sqlite:///file:db1?mode=memory", "sqlite:///file:db2?mode=memory"):
        create_engine(url).connect()


def judge(seen: Observed) -> Judgement:
    """It is so if there are files and the parameter did not arrive."""
    arrived = [call.database for call in seen.connect_args if "mode=memory" in call.database]
    if not seen.files:
        return fails("This approach made no files.")
    if arrived:
        return fails(f"mode=memory arrived, and yet there are {list(seen.files)}.")
    return holds(f"mode=memory did not arrive at sqlite3, and {list(seen.files)} were made.")


if __name__ == "__main__":
    show(__file__)
