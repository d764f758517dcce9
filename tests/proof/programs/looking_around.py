"""What a program can see of its own surroundings: nothing of it may differ."""

import atexit
import gc
import importlib.util
import inspect
import os
import pickle
import signal
import sqlite3
import sys
import threading
from pathlib import Path

import __main__

connection = sqlite3.connect(":memory:", check_same_thread=False)
print(sys.argv, sys.orig_argv[1:], sys.flags, __name__, __file__, sys.path)
print([name for name in ("memdb_tui", "sitecustomize", "usercustomize") if name in sys.modules])
print([importlib.util.find_spec(name) for name in ("sitecustomize", "usercustomize")])
print(sorted(name for name in vars(__main__) if name.startswith("_")))
print([thread.name for thread in threading.enumerate()], threading.active_count())
print(signal.pthread_sigmask(signal.SIG_BLOCK, []), [signal.getsignal(number) for number in signal.valid_signals()])
print(sqlite3.connect is sqlite3.dbapi2.connect, sqlite3.connect.__name__, sqlite3.connect.__qualname__)
print(sqlite3.connect.__module__, sqlite3.connect.__doc__, callable(sqlite3.connect))
try:
    print(inspect.signature(sqlite3.connect))
except ValueError as error:
    print(error)
print(pickle.loads(pickle.dumps(sqlite3.connect)) is sqlite3.connect)
print(type(connection), type(connection).__mro__, connection.isolation_level, connection.total_changes)
print(
    connection.row_factory, connection.text_factory, [len(gc.get_referrers(connection)), sys.getrefcount(connection)]
)
print(Path.cwd(), sorted(Path().iterdir()), os.isatty(0), sys.gettrace(), sys.getprofile(), sys.getswitchinterval())
# The first threshold is another while the probe works.
print(gc.isenabled(), gc.get_threshold()[1:], gc.callbacks, gc.get_freeze_count())
print(connection.execute("PRAGMA database_list").fetchall(), connection.execute("PRAGMA temp_store").fetchall())
atexit.register(lambda: print("at exit", [thread.name for thread in threading.enumerate()]))
