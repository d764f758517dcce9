"""Cause 2: where mode=memory stands."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="mode=memory must follow the filename",
    group=Group.CAUSES,
    claim="The mode=memory parameter must follow the filename component without conflicting with other directives.",
    source=article("cause 2"),
    needs=(),
    works_instead="seed-cause2-valid-uri",
    panes=(Pane("file:mode=memory&before?cache=shared"), Pane("file:after?mode=memory&cache=shared")),
)


def code() -> None:
    """Before the name, and behind it."""
    import os
    import sqlite3

    after = sqlite3.connect("file:after?mode=memory&cache=shared", uri=True)
    after.execute("CREATE TABLE t (x)")
    files_when_it_follows = os.listdir()

    before = sqlite3.connect("file:mode=memory&before?cache=shared", uri=True)
    before.execute("CREATE TABLE t (x)")
    files_when_it_leads = os.listdir()


def judge(seen: Observed) -> Judgement:
    """It must follow if it works only there."""
    if seen["files_when_it_follows"]:
        return fails(f"Behind the name it makes {seen['files_when_it_follows']}.")
    if not seen["files_when_it_leads"]:
        return fails("Before the name it works as well.")
    return holds(f"Before the name it is part of the name: {seen['files_when_it_leads']} was made.")


if __name__ == "__main__":
    show(__file__)
