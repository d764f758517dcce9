"""Cause 4: two modes in one URI."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="mode=memory after mode=rw is ignored",
    group=Group.CAUSES,
    claim="If mode=memory appears after conflicting parameters (e.g., mode=rw), it may be ignored.",
    source=article("cause 4"),
    needs=(),
    works_instead="seed-step1-correct-uri",
    panes=(Pane("file:after?mode=rw&mode=memory"), Pane("file:before?mode=memory&mode=rwc")),
)


def code() -> None:
    """mode=memory after the other mode, and before it."""
    import os
    import sqlite3

    after = sqlite3.connect("file:after?mode=rw&mode=memory", uri=True)
    after.execute("CREATE TABLE t (x)")
    files_when_it_comes_after = os.listdir()

    before = sqlite3.connect("file:before?mode=memory&mode=rwc", uri=True)
    before.execute("CREATE TABLE t (x)")
    files_when_it_comes_before = os.listdir()


def judge(seen: Observed) -> Judgement:
    """It is ignored if there is a file."""
    after, before = seen["files_when_it_comes_after"], seen["files_when_it_comes_before"]
    if after:
        return holds(f"After mode=rw it was ignored: {after}.")
    if before:
        return fails(f"The last mode wins: after mode=rw it counts; before mode=rwc it is ignored and {before} made.")
    return fails("It counts in both places.")


if __name__ == "__main__":
    show(__file__)
