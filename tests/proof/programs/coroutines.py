"""Coroutines, a thread for SQLite, a timeout, an exception that nobody awaits."""

import asyncio
import sqlite3
import threading


def query(number: int) -> int:
    connection = sqlite3.connect("file:coroutines?mode=memory&cache=shared", uri=True)
    try:
        found: int = connection.execute("SELECT ?", (number,)).fetchone()[0]
        return found
    finally:
        connection.close()


async def main() -> None:
    # How long a step takes depends on what else the machine does, and asyncio would say so of the slow ones.
    asyncio.get_running_loop().slow_callback_duration = 60.0
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(asyncio.to_thread(query, number)) for number in range(20)]
    print([task.result() for task in tasks])
    try:
        async with asyncio.timeout(0.05):
            await asyncio.Event().wait()
    except TimeoutError:
        print("timed out")
    here = sqlite3.connect(":memory:")
    here.execute("CREATE TABLE t(x)")
    await asyncio.sleep(0)
    print(here.execute("SELECT count(*) FROM t").fetchone())
    here.close()
    print(sorted(thread.name for thread in threading.enumerate() if not thread.name.startswith("asyncio_")))


asyncio.run(main(), debug=True)
