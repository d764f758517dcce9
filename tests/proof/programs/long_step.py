"""One SQL step that lasts, then one that is interrupted by the program itself."""

import sqlite3
import threading

connection = sqlite3.connect("file:long?mode=memory&cache=shared", uri=True, check_same_thread=False)
count = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<{}) SELECT count(*) FROM c"
print(connection.execute(count.format(3_000_000)).fetchone())
is_over = threading.Event()


def interrupt() -> None:
    """Again and again: SQLite forgets what comes before the step has begun."""
    while not is_over.wait(0.3):
        connection.interrupt()


interrupting = threading.Thread(target=interrupt)
interrupting.start()
try:
    connection.execute(count.format(10**12)).fetchone()
except sqlite3.OperationalError as error:
    print(error)
is_over.set()
interrupting.join()
