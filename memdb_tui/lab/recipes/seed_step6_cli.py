"""Step 6: SQLite's command line."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Program, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="SQLite’s CLI",
    group=Group.STEPS,
    claim="Isolate the issue by connecting directly via SQLite’s CLI",
    source=article("step 6"),
    needs=(Program("sqlite3"),),
)


def code() -> None:
    """The URI as the argument of the command."""
    import subprocess

    sql = "CREATE TABLE t1 (id INTEGER PRIMARY KEY); SELECT name FROM sqlite_master; PRAGMA database_list;"
    command = ["sqlite3", "-batch", "file:testdb?mode=memory&cache=shared", sql]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


def judge(seen: Observed) -> Judgement:
    """The table has to be there, without a file."""
    if seen.files:
        return made_a_file(seen)
    if seen["answer"] != ["t1", "0|main|"]:
        return fails(f"The command answered {seen['answer']}.")
    return holds("The command opened the URI in memory and made its table, without a file.")


if __name__ == "__main__":
    show(__file__)
