"""A fork, a multiprocessing child, and Python and other programs as subprocesses."""

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import warnings


def work(name: str) -> None:
    connection = sqlite3.connect(f"file:{name}?mode=memory&cache=shared", uri=True)
    connection.execute("CREATE TABLE t (a)")


if __name__ == "__main__":
    # Python 3.12 and later warn of a fork beside threads; there are none here.
    warnings.simplefilter("error")
    mine = sqlite3.connect("file:parent?mode=memory&cache=shared", uri=True)
    if (pid := os.fork()) == 0:
        work("forked")
        sys.exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    process = multiprocessing.get_context("spawn").Process(target=work, args=("spawned",))
    process.start()
    process.join()
    assert process.exitcode == 0
    code = "import sqlite3; c = sqlite3.connect('file:run?mode=memory&cache=shared', uri=True); print(c)"
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([sys.executable, "-I", "-c", code], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["true"], check=True)
