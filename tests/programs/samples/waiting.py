"""Opens a database, says so, and waits for a line or a signal."""

import signal
import sqlite3
import sys


class Ended(SystemExit):
    """A signal came."""


def end(number: int, frame: object) -> None:
    print("got", signal.Signals(number).name, flush=True)
    raise Ended(40 + number)


for each in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(each, end)
connection = sqlite3.connect("file:m1?mode=memory&cache=shared", uri=True)
connection.execute("CREATE TABLE t (a)")
print("ready", flush=True)
sys.stdin.readline()
