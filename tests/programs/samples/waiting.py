"""Opens a database, says so, and waits for a line or a signal."""

import os
import signal
import sqlite3
import sys


class Ended(SystemExit):
    """A signal came."""


def end(number: int, frame: object) -> None:
    # Not print(): the signal may come while “ready” is still being flushed.
    os.write(1, f"got {signal.Signals(number).name}\n".encode())
    raise Ended(40 + number)


for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(each, end)
connection = sqlite3.connect("file:m1?mode=memory&cache=shared", uri=True)
connection.execute("CREATE TABLE t (a)")
print("ready", flush=True)
sys.stdin.readline()
