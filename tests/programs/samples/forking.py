"""A worker that was forked while a connection was open: it opens one of its own, closes none, and ends."""

import os
import sqlite3
import sys


def load(name: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{name}?mode=memory&cache=shared", uri=True)


kept = load("kept")
if (pid := os.fork()) == 0:
    mine = load("mine")
    sys.exit(0)
assert os.waitpid(pid, 0)[1] == 0
kept.close()
