"""Every warning is an error here: from Python 3.12 on, a fork beside a thread is one."""

import gc
import os
import sqlite3
import sys
import warnings

warnings.simplefilter("error")
connection = sqlite3.connect("file:strict?mode=memory&cache=shared", uri=True)
for _ in range(5):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        print("child", sqlite3.connect(":memory:").execute("SELECT 1").fetchone(), flush=True)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
connection.close()
# Since Python 3.13 one that is never closed is warned of, where it is lost.
sqlite3.connect(":memory:")
gc.collect()
try:
    sqlite3.connect(":memory:", 5.0, 0)
except DeprecationWarning as warning:
    print(warning)
