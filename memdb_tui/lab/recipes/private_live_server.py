"""A server in a process of its own."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="A live server in another process",
    fix_title="A file for both processes",
    group=Group.PRIVATE_OR_EMPTY,
    claim="There is no reason not to use an in-memory database with a live server.",
    source="https://github.com/django/channels/issues/961",
    needs=(),
    panes=(Pane("file:test?mode=memory&cache=shared", connections=2),),
)


def bug() -> None:
    """The server is another process and has a memory of its own."""
    import sqlite3
    import subprocess
    import sys

    test = sqlite3.connect("file:test?mode=memory&cache=shared", uri=True)
    with test:
        test.execute("CREATE TABLE t (x)")
        test.execute("INSERT INTO t VALUES (1)")

    answer = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import sqlite3; connection = sqlite3.connect('file:test?mode=memory&cache=shared', uri=True); "
                "print(*connection.execute('SELECT x FROM t').fetchone())"
            ),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    said = (answer.stdout or answer.stderr).strip().splitlines()[-1]


def fix() -> None:
    """What two processes share is a file; in a temporary folder it goes with the test."""
    import sqlite3
    import subprocess
    import sys
    import tempfile

    folder = tempfile.mkdtemp()
    test = sqlite3.connect(f"{folder}/test.db")
    with test:
        test.execute("CREATE TABLE t (x)")
        test.execute("INSERT INTO t VALUES (1)")

    answer = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import sqlite3; connection = sqlite3.connect('test.db'); "
                "print(*connection.execute('SELECT x FROM t').fetchone())"
            ),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    said = (answer.stdout or answer.stderr).strip().splitlines()[-1]


def judge(seen: Observed) -> Judgement:
    """The server has to find the row."""
    if seen["said"] != "1":
        return fails(f"The server said {seen['said']!r}.")
    return holds("The server found the row.")


if __name__ == "__main__":
    show(__file__)
