"""Opens a database, says so, and waits for a line or a signal."""

import os
import select
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
# A signal between the last look for one and the wait would otherwise wait for the line: Python 3.14 looks less often.
heard, told = os.pipe()
os.set_blocking(told, False)
signal.set_wakeup_fd(told)
print("ready", flush=True)
if sys.stdin in select.select([sys.stdin, heard], [], [])[0]:
    sys.stdin.readline()
