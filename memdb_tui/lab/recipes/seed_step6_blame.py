"""Step 6: whom the test blames."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, depends, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="No file from raw sqlite3, so SQLAlchemy is to blame",
    group=Group.STEPS,
    claim=(
        "If this creates a file, the problem lies in the URI or SQLite version. If not, the issue is with "
        "SQLAlchemy or pysqlite."
    ),
    source=article("step 6"),
    works_instead="seed-step1-correct-uri",
    panes=(
        Pane("sqlite:///file:faulty?mode=memory&cache=shared"),
        Pane("sqlite:///file:corrected?mode=memory&cache=shared&uri=true"),
    ),
)


def code() -> None:
    """A URL that makes a file; raw, as step 6 has it; and with its fault corrected."""
    import os
    import sqlite3

    from sqlalchemy import create_engine

    create_engine("sqlite:///file:faulty?mode=memory&cache=shared").connect()
    files_of_faulty_url = os.listdir()

    sqlite3.connect("file:raw?mode=memory&cache=shared", uri=True).execute("CREATE TABLE t (x)")
    create_engine("sqlite:///file:corrected?mode=memory&cache=shared&uri=true").connect()
    more_files = sorted(set(os.listdir()) - set(files_of_faulty_url))


def judge(seen: Observed) -> Judgement:
    """It is SQLAlchemy's fault if no URL given to it would do."""
    if not seen["files_of_faulty_url"]:
        return fails("The URL makes no file to begin with.")
    if seen["more_files"]:
        return holds(f"Raw or corrected, there are files too: {seen['more_files']}.")
    return depends(
        "on the URL: raw made no file, yet nothing is wrong with SQLAlchemy, for with uri=true it makes none."
    )


if __name__ == "__main__":
    show(__file__)
