"""A connection that nobody closes: the garbage collector ends it, and its database, while another line runs."""

import sqlite3

NAME = "file:orders?mode=memory&cache=shared"


def load() -> None:
    sqlite3.connect(NAME, uri=True).execute("CREATE TABLE t (a)")


def innocent() -> int:
    return len([[number] for number in range(100_000)])


load()
innocent()
again = sqlite3.connect(NAME, uri=True)
again.close()
once_more = sqlite3.connect(NAME, uri=True)
once_more.close()
