"""Greenlets in the place of threads, a child process, a fork: after `patch_all` even `_thread` starts no thread."""

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import sqlite3  # noqa: E402
import subprocess  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402

import openings  # noqa: E402, F401 - its account begins here

SHARED = "file:pages?mode=memory&cache=shared"


def write(number: int) -> None:
    """Open a connection of its own, and let the others come to theirs."""
    connection = sqlite3.connect(SHARED, uri=True)
    time.sleep(0.01)
    connection.execute("INSERT INTO page VALUES(?)", (number,))
    connection.commit()
    connection.close()


keeper = sqlite3.connect(SHARED, uri=True)
keeper.execute("CREATE TABLE page(number)")
greenlets = [threading.Thread(target=write, args=(number,)) for number in range(3)]
for greenlet in greenlets:
    greenlet.start()
for greenlet in greenlets:
    greenlet.join()
print("written:", keeper.execute("SELECT count(*), sum(number) FROM page").fetchone())
print("a child:", subprocess.run(["true"], check=False).returncode)
child = os.fork()
if not child:
    os._exit(7)
print("forked:", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
keeper.close()
