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
    panes=(Pane("file:memorydb_default?mode=memory&cache=shared", connections=2),),
    fix_panes=(Pane("file:memorydb_default?mode=memory&cache=shared", connections=2),),
)


def bug() -> None:
    """Set up once by the controller: the worker, a process of its own, finds nothing under that name."""
    import sqlite3
    import subprocess
    import sys

    controller = sqlite3.connect("file:memorydb_default?mode=memory&cache=shared", uri=True)
    controller.execute("CREATE TABLE t (x)")

    tables = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import sqlite3; "
                "connection = sqlite3.connect('file:memorydb_default?mode=memory&cache=shared', uri=True); "
                "print(*[table for (table,) in connection.execute('SELECT name FROM sqlite_master')])"
            ),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()


def fix() -> None:
    """The set-up runs in each worker, as a fixture of the session does."""
    import sqlite3
    import subprocess
    import sys

    controller = sqlite3.connect("file:memorydb_default?mode=memory&cache=shared", uri=True)

    tables = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import sqlite3; "
                "connection = sqlite3.connect('file:memorydb_default?mode=memory&cache=shared', uri=True); "
                "connection.execute('CREATE TABLE t (x)'); "
                "print(*[table for (table,) in connection.execute('SELECT name FROM sqlite_master')])"
            ),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()


def judge(seen: Observed) -> Judgement:
    """The worker has to find the table."""
    if seen["tables"] != ["t"]:
        return fails(
            f"The worker found the tables {seen['tables']}: the name means another database in each process."
        )
    return holds("The worker found the table.")


if __name__ == "__main__":
    show(__file__)
