"""A sort too big for the cache."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="A big sort opens a temporary file",
    fix_title="temp_store=MEMORY",
    group=Group.STRAY_FILE,
    claim="A connection to :memory: never opens a file.",
    source="https://www.sqlite.org/tempfiles.html",
    needs=(),
    panes=(Pane(":memory:"),),
    fix_panes=(Pane(":memory:", sql="PRAGMA temp_store = MEMORY;"),),
)


def bug() -> None:
    """The file is unlinked as soon as it is open: only its descriptor shows it."""
    import os
    import sqlite3
    import stat

    connection = sqlite3.connect(":memory:")
    cursor = connection.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
        "SELECT i, randomblob(400) AS wide FROM n ORDER BY wide"
    )
    first_row = cursor.fetchone() is not None
    unlinked_files = 0
    for descriptor in range(3, 100):
        try:
            status = os.fstat(descriptor)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
            unlinked_files += 1


def fix() -> None:
    """What is temporary stays in memory too."""
    import os
    import sqlite3
    import stat

    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA temp_store = MEMORY")
    cursor = connection.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
        "SELECT i, randomblob(400) AS wide FROM n ORDER BY wide"
    )
    first_row = cursor.fetchone() is not None
    unlinked_files = 0
    for descriptor in range(3, 100):
        try:
            status = os.fstat(descriptor)
        except OSError:
            continue
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
            unlinked_files += 1


def judge(seen: Observed) -> Judgement:
    """No descriptor may lead to a file without a name."""
    if not seen["first_row"]:
        return fails("The sort gave no row.")
    if seen["unlinked_files"]:
        return fails(
            f"While the rows are read, {seen['unlinked_files']} unlinked file is open in the temporary folder."
        )
    return holds("While the rows are read, no unlinked file is open.")


if __name__ == "__main__":
    show(__file__)
