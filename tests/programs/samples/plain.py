"""Plain sqlite3: shared memory by two connections, a private one, a file, a transaction left open."""

import sqlite3
import sys

SHARED = "file:m1?mode=memory&cache=shared"


def load() -> sqlite3.Connection:
    return sqlite3.connect(SHARED, uri=True)


first = load()
first.execute("CREATE TABLE t (a)")
first.commit()
second = sqlite3.connect(SHARED, uri=True, isolation_level=None)
private = sqlite3.connect(":memory:")
file = sqlite3.connect("real.db")
file.execute("CREATE TABLE t (a)")
file.close()
first.execute("INSERT INTO t VALUES (1)")
print("out", *sys.argv[1:], flush=True)
print("err", file=sys.stderr, flush=True)
