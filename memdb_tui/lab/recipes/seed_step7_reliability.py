"""Step 7: pysqlite3 beside sqlite3."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, depends, fails
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Package, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="pysqlite3 handles URIs more reliably",
    group=Group.STEPS,
    claim="The modern pysqlite3 driver handles URIs more reliably.",
    source=article("step 7"),
    needs=(Package("pysqlite3", "pysqlite3-binary"),),
    works_instead="works-pysqlite3-creator",
)


def code() -> None:
    """The same URIs to both, a folder each."""
    import os
    import sqlite3

    import pysqlite3

    uris = (
        "file:a?mode=memory&cache=shared",
        "file:a?mode=memory",
        "file::memory:?cache=shared",
        ":memory:?cache=shared",
        "file:a%3Fmode=memory",
        "file:a#b?mode=memory",
        "file:a?mode=Memory",
        "file:a?mode=memory&mode=rwc",
    )
    files: dict[str, list[str]] = {}
    for driver in (sqlite3, pysqlite3):
        os.mkdir(driver.__name__)
        os.chdir(driver.__name__)
        for uri in uris:
            try:
                driver.connect(uri, uri=True).execute("CREATE TABLE IF NOT EXISTS t (x)")
            except driver.OperationalError as error:
                files.setdefault(driver.__name__, []).append(str(error))
        files.setdefault(driver.__name__, []).extend(sorted(os.listdir()))
        os.chdir("..")


def judge(seen: Observed) -> Judgement:
    """It is more reliable if it makes fewer files."""
    files = seen["files"]
    if not isinstance(files, dict):
        return fails("Nothing could be opened.")
    if files["sqlite3"] == files["pysqlite3"]:
        return fails(f"Both do the same with the same URIs: {files['sqlite3']}.")
    return depends(f"on the URI: {files}.")


if __name__ == "__main__":
    show(__file__)
