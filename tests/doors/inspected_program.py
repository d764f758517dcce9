"""Inspects itself: `python inspected_program.py [private|unfinished|breakpoint|coroutine|interrupt|threads]`."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading

import memdb_tui


def work() -> None:
    private = sqlite3.connect(":memory:")
    private.execute("CREATE TABLE secrets (answer)")
    private.execute("INSERT INTO secrets VALUES (42)")
    if "unfinished" not in sys.argv:
        private.commit()
    # Threads have one each.
    name = f"file:ledger{threading.get_ident()}?mode=memory&cache=shared"
    shared = None if "private" in sys.argv else sqlite3.connect(name, uri=True)
    if shared is not None:
        shared.execute("CREATE TABLE bookings (amount)")
    print("before", flush=True)
    if "breakpoint" in sys.argv:
        breakpoint()  # noqa: T100 - it is what is tried
    else:
        memdb_tui.inspect()
    print("after", private.execute("SELECT answer FROM secrets").fetchall(), flush=True)
    if shared is not None:
        shared.close()
    private.close()


async def twice() -> None:
    work()
    work()


if "coroutine" in sys.argv:
    asyncio.run(twice())
elif "threads" in sys.argv:
    threads = [threading.Thread(target=work, name=f"worker {n}") for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
else:
    try:
        work()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    if "interrupt" in sys.argv:
        print(f"{threading.active_count()} threads", flush=True)
print("the end", flush=True)
