"""peewee with a private database, and with a shared one that a thread leaves open."""

import threading

import openings  # noqa: F401 - its account begins here
from peewee import CharField, Model, SqliteDatabase

private = SqliteDatabase(":memory:")
shared = SqliteDatabase("file:books?mode=memory&cache=shared", uri=True, pragmas={"foreign_keys": 1})
kept: list[object] = []


class Book(Model):  # type: ignore[misc]  # peewee is not there for mypy
    title = CharField()


def explicit() -> None:
    private.connect()
    with private.bind_ctx([Book]):
        private.create_tables([Book])
        Book.create(title="Emma")
        print("private:", Book.select().count())
    private.close()


def by_first_use() -> None:
    shared.create_tables([Book])
    Book.create(title="Persuasion")


def forget() -> None:
    print("shared:", [book.title for book in Book.select()])
    # Held as a program may hold what it forgets: peewee's own hold ends with the thread.
    kept.append(shared.connection())


explicit()
with shared.bind_ctx([Book]):
    by_first_use()
    thread = threading.Thread(target=forget, name="forgetful")
    thread.start()
    thread.join()
shared.close()
