"""A test and the server it starts in a thread."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="The live server meets the test's transaction",
    fix_title="The server gets the test's connection",
    group=Group.LOCKED,
    claim=(
        "A live server in a thread and the test that talks to it can each have a connection to the in-memory "
        "database."
    ),
    source="https://github.com/django/django/pull/16309",
    needs=(),
    panes=(Pane("file:memorydb_default?mode=memory&cache=shared", connections=2),),
    fix_panes=(Pane("file:memorydb_default?mode=memory&cache=shared"),),
)


def bug() -> None:
    """The open transaction of the test locks the server out, at once."""
    import sqlite3
    import threading

    uri = "file:memorydb_default?mode=memory&cache=shared"
    test_case = sqlite3.connect(uri, uri=True, check_same_thread=False)
    test_case.execute("CREATE TABLE t (x)")
    test_case.execute("INSERT INTO t VALUES (1)")  # TestCase leaves its transaction open until the test is over
    answers = []

    def answer_a_request() -> None:
        connection = sqlite3.connect(uri, uri=True)
        try:
            answers.append(connection.execute("SELECT count(*) FROM t").fetchone()[0])
        except sqlite3.OperationalError as error:
            answers.append(str(error))

    server = threading.Thread(target=answer_a_request)
    server.start()
    server.join()


def fix() -> None:
    """As Django does it: the thread of the server uses the connection of the test."""
    import sqlite3
    import threading

    uri = "file:memorydb_default?mode=memory&cache=shared"
    test_case = sqlite3.connect(uri, uri=True, check_same_thread=False)
    test_case.execute("CREATE TABLE t (x)")
    test_case.execute("INSERT INTO t VALUES (1)")  # TestCase leaves its transaction open until the test is over
    answers = []

    def answer_a_request() -> None:
        connection = test_case
        try:
            answers.append(connection.execute("SELECT count(*) FROM t").fetchone()[0])
        except sqlite3.OperationalError as error:
            answers.append(str(error))

    server = threading.Thread(target=answer_a_request)
    server.start()
    server.join()


def judge(seen: Observed) -> Judgement:
    """The server has to find the row of the test."""
    if seen["answers"] != [1]:
        return fails(f"The server answered {seen['answers']}.")
    return holds("The server found the row of the test.")


if __name__ == "__main__":
    show(__file__)
