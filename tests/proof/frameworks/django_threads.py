"""Django with the name of its test database: a thread has a connection of its own to the same database."""

import gc
import sqlite3
import threading

import django
import openings  # noqa: F401 - its account begins here
from django.conf import settings

NAME = "file:memorydb_default?mode=memory&cache=shared"

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": NAME}})
django.setup()

from django.db import connection  # noqa: E402 - it wants the settings


def fill() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE book (title)")
        cursor.execute("INSERT INTO book VALUES ('Emma')")


def view() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT title FROM book")
        print("in a thread:", cursor.fetchall())
    # Of a database in memory Django closes nothing here.
    connection.close()


fill()
thread = threading.Thread(target=view, name="view")
thread.start()
thread.join()
del thread
gc.collect()
connection.close()
print("open at the end:", sum(isinstance(each, sqlite3.Connection) for each in gc.get_objects()))
