"""Opens a database and ends as it is told: a status, a signal, a crash, os._exit, closing its standard streams."""

import os
import sqlite3
import sys

connection = sqlite3.connect("file:m1?mode=memory&cache=shared", uri=True)
connection.execute("CREATE TABLE t (a)")
how, what = sys.argv[1:]
if how == "signal":
    os.kill(os.getpid(), int(what))
elif how == "crash":
    raise RuntimeError(what)
elif how == "leave":
    os._exit(int(what))
sys.exit(int(what))
