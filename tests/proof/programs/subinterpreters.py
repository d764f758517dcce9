"""Other interpreters in one process, each with databases of its own; only the main one is looked into."""

import sqlite3

try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

INNER = """
import sqlite3
with sqlite3.connect(":memory:") as connection:
    print("inner", connection.execute("SELECT 40 + 2").fetchone(), flush=True)
connection.close()
"""

run = getattr(interpreters, "exec", None) or interpreters.run_string
outer = sqlite3.connect("file:outer?mode=memory&cache=shared", uri=True)
for _ in range(2):
    inner = interpreters.create()
    print("went wrong:", run(inner, INNER), flush=True)
    interpreters.destroy(inner)
print("outer", outer.execute("SELECT 1").fetchone())
outer.close()
