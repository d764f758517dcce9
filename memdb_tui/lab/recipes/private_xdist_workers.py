"""Test workers are processes; a name does not reach across."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="One name in two processes",
    fix_title="Every worker sets up its own",
    group=Group.PRIVATE_OR_EMPTY,
    claim="As the name is the same for all workers of pytest-xdist, they share the test database.",
    source="https://github.com/pytest-dev/pytest-django/issues/602",
    needs=(),
    panes=(
        Pane(
            "file:memorydb_default?mode=memory&cache=shared",
            connections=2,
        ),
    ),
    fix_panes=(
        Pane(
            "file:memorydb_default?mode=memory&cache=shared",
            connections=2,
        ),
    ),
)


def bug() -> None:
    """Set up once by the controller: the worker, a process of its own, finds nothing under that name."""
    import sqlite3
    import subprocess
    import sys

    name = "file:memorydb_default?mode=memory&cache=shared"
    controller = sqlite3.connect(name, uri=True)
    controller.execute("CREATE TABLE t (x)")

    worker = """
    import sqlite3, sys
    connection = sqlite3.connect(sys.argv[1], uri=True)
    print(*[table for (table,) in connection.execute("SELECT name FROM sqlite_master")])
    """
    script = "\n".join(map(str.strip, worker.splitlines()))
    found = subprocess.run([sys.executable, "-c", script, name], capture_output=True, text=True, check=True)
    tables = found.stdout.split()


def fix() -> None:
    """The set-up runs in each worker, as a session fixture does."""
    import subprocess
    import sys

    name = "file:memorydb_default?mode=memory&cache=shared"
    worker = """
    import sqlite3, sys
    keeper = sqlite3.connect(sys.argv[1], uri=True)
    keeper.execute("CREATE TABLE t (x)")
    connection = sqlite3.connect(sys.argv[1], uri=True)
    print(*[table for (table,) in connection.execute("SELECT name FROM sqlite_master")])
    """
    script = "\n".join(map(str.strip, worker.splitlines()))
    found = subprocess.run([sys.executable, "-c", script, name], capture_output=True, text=True, check=True)
    tables = found.stdout.split()


def judge(seen: Observed) -> Judgement:
    """The worker has to find the table."""
    if seen["tables"] != ["t"]:
        return fails(
            f"The worker found the tables {seen['tables']}: the database of that name is another in each process."
        )
    return holds("The worker found the table.")


if __name__ == "__main__":
    show(__file__)
