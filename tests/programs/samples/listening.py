"""Listens under a name, has a shared, a private and a stray database open, and waits for a line."""

import sqlite3
import sys

import memdb_tui

memdb_tui.listen("shop")
shared = sqlite3.connect("file:m1?mode=memory&cache=shared", uri=True)
shared.execute("CREATE TABLE t (a)")
private = sqlite3.connect(":memory:")
stray = sqlite3.connect(f"{sys.argv[1]}/file:db3?mode=memory") if len(sys.argv) > 1 else None
print("ready", flush=True)
sys.stdin.readline()
