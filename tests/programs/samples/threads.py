"""Four named threads, a private database each, all open at once."""

import sqlite3
import threading

everybody = threading.Barrier(5)


def work() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a)")
    everybody.wait()
    everybody.wait()
    connection.close()


threads = [threading.Thread(target=work, name=f"worker-{number}") for number in range(4)]
for thread in threads:
    thread.start()
everybody.wait()
everybody.wait()
for thread in threads:
    thread.join()
