"""Children of every kind, with SQLite in them; two of them fail, each in its way."""

import multiprocessing
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import Never


def count(number: int) -> int:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t(x)")
    connection.executemany("INSERT INTO t VALUES(?)", [(k,) for k in range(number)])
    found: int = connection.execute("SELECT count(*) FROM t").fetchone()[0]
    connection.close()
    return found


def fail() -> Never:
    raise ValueError("on purpose")


def main() -> None:
    for method in ("fork", "spawn", "forkserver"):
        context = multiprocessing.get_context(method)
        with context.Pool(2) as pool:
            print(method, pool.map(count, range(5)))
        # typeshed has Process on the three kinds of context alone.
        child = context.Process(target=os._exit, args=(7,))  # type: ignore[attr-defined]
        child.start()
        child.join()
        print(method, child.exitcode)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        try:
            executor.submit(fail).result()
        except ValueError as error:
            print(error)
    for options in ([], ["-I"], ["-E"], ["-S"], ["-X", "dev"]):
        code = "import sqlite3; c = sqlite3.connect(':memory:'); print(c.execute('SELECT 1').fetchone()); c.close()"
        done = subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, check=False)
        print(options, done)
    bare = subprocess.run(
        [sys.executable, "-c", "import os; print(len(os.environ))"], env={}, capture_output=True, check=False
    )
    print(bare)
    print(subprocess.run(["sh", "-c", "echo from a shell; exit 3"], check=False).returncode)
    print(os.system("exit 4"))
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        connection = sqlite3.connect("child.db")
        connection.execute("CREATE TABLE t(x)")
        connection.close()
        sys.exit(5)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


if __name__ == "__main__":
    main()
