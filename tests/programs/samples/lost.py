"""A shared database whose last connection closes, and is then looked for; a connection nobody closes."""

import sqlite3

SHARED = "file:m1?mode=memory&cache=shared"


def fill() -> None:
    connection = sqlite3.connect(SHARED, uri=True)
    connection.execute("CREATE TABLE t (a)")
    connection.close()


def keep() -> sqlite3.Connection:
    return sqlite3.connect(":memory:")


fill()
again = sqlite3.connect(SHARED, uri=True)
assert again.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,)
kept = keep()
again.close()
