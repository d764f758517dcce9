"""Django itself, with `:memory:` and a second thread."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, made_a_file
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Package, Pane, Recipe

RECIPE = Recipe(
    title="Django: :memory: in a second thread",
    fix_title="Django: the name its test runner uses",
    group=Group.PRIVATE_OR_EMPTY,
    claim='A view that runs in another thread sees the tables of NAME=":memory:".',
    source="https://github.com/django/django/pull/3677",
    needs=(Package("django", "Django"),),
    fix_panes=(Pane("file:memorydb_default?mode=memory&cache=shared", connections=2),),
)


def bug() -> None:
    """Django has a connection for each thread, and each connection a database."""
    import threading

    from django.conf import settings

    settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (x)")
        cursor.execute("INSERT INTO t VALUES (1)")
    answers = []

    def view() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM t")
                answers.append(cursor.fetchone()[0])
        except Exception as error:
            answers.append(str(error))
        finally:
            connection.close()

    server = threading.Thread(target=view)
    server.start()
    server.join()


def fix() -> None:
    """With a shared name all threads are in one database; Django passes uri=True."""
    import threading

    from django.conf import settings

    name = "file:memorydb_default?mode=memory&cache=shared"
    settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": name}})

    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (x)")
        cursor.execute("INSERT INTO t VALUES (1)")
    answers = []

    def view() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM t")
                answers.append(cursor.fetchone()[0])
        except Exception as error:
            answers.append(str(error))
        finally:
            connection.close()

    server = threading.Thread(target=view)
    server.start()
    server.join()


def judge(seen: Observed) -> Judgement:
    """The view has to find the row."""
    if seen.files:
        return made_a_file(seen)
    if seen["answers"] != [1]:
        return fails(f"The view answered {seen['answers']}.")
    return holds("The view found the row.")


if __name__ == "__main__":
    show(__file__)
