"""What the host costs, as ratios and medians within one run: `python tests/bench/host_speed.py`.

Other work on the machine disturbs it: run it more than once, and quote the best.
"""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from memdb_tui.client.launch import HostProcess, spawn_host
from memdb_tui.client.session import HostSession
from memdb_tui.model import ConnectionId, Run, RunId, Snapshot

MILLION = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<{}) SELECT x, x*2, 'row '||x FROM c"
SHARED = "file:{}?mode=memory&cache=shared"


class Bench:
    """A session whose events can be awaited."""

    def __init__(self, process: HostProcess) -> None:
        self.process = process
        self.snapshot: Snapshot | None = None
        self.over: dict[RunId, Run] = {}
        self.changed = asyncio.Event()
        self.session = HostSession(
            process.sock, on_snapshot=self.take, on_run=self.moved, on_gone=lambda: sys.exit("the host is gone")
        )

    def take(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def moved(self, run: Run) -> None:
        if run.state.is_over:
            self.over[run.id] = run
            self.changed.set()

    async def open(self, string: str) -> ConnectionId:
        connection = (await self.session.open(string)).connection
        assert connection is not None
        return connection

    async def timed(self, connection: ConnectionId, sql: str) -> float:
        """Seconds from the call to the answer; the run is released."""
        run = self.session.new_run()
        began = time.perf_counter()
        await self.session.execute(run, connection, sql)
        seconds = time.perf_counter() - began
        await self.session.release(run)
        return seconds

    async def all_rows(self, connection: ConnectionId, sql: str) -> tuple[RunId, float, float]:
        """The run, seconds to its first rows, and to its last."""
        run = self.session.new_run()
        began = time.perf_counter()
        await self.session.execute(run, connection, sql)
        first = time.perf_counter() - began
        while run not in self.over:
            self.changed.clear()
            await self.changed.wait()
        return run, first, time.perf_counter() - began


def resident_mib(pid: int | str) -> float:
    """What a process holds in memory."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def fetch_all(rows: int) -> float:
    """Seconds of a plain `fetchall` in this interpreter."""
    raw = sqlite3.connect(":memory:")
    began = time.perf_counter()
    raw.execute(MILLION.format(rows)).fetchall()
    seconds = time.perf_counter() - began
    raw.close()
    return seconds


@contextmanager
def host(*, preload: bool) -> Iterator[HostProcess]:
    """A host for one measurement."""
    process = spawn_host(preload=preload)
    try:
        yield process
    finally:
        process.close()


async def short_statements() -> None:
    with host(preload=False) as process:
        bench = Bench(process)
        await bench.session.start()
        connection = await bench.open(SHARED.format("db1"))
        print(f"host without SQLAlchemy            {resident_mib(process.process.pid):8.1f} MiB resident")
        times = [await bench.timed(connection, "SELECT 1") for _ in range(1000)]
        median = statistics.median(times)
        print(f"a short statement, there and back  {median * 1e3:8.2f} ms (best {min(times) * 1e3:.2f})")
        await bench.timed(connection, "CREATE TABLE t(a, b)")
        best = min([await bench.timed(connection, "INSERT INTO t VALUES(1, 2);" * 1000) for _ in range(5)])
        print(f"a statement of a script of 1,000   {best:8.3f} ms")
        await bench.session.close()


async def million_rows() -> None:
    with host(preload=False) as process:
        bench = Bench(process)
        await bench.session.start()
        connection = await bench.open(":memory:")
        ratios = []
        for rows in (250_000, 500_000, 1_000_000, 1_000_000, 1_000_000):
            before = resident_mib(process.process.pid) + resident_mib(os.getpid())
            run, first, last = await bench.all_rows(connection, MILLION.format(rows))
            grown = resident_mib(process.process.pid) + resident_mib(os.getpid()) - before
            ends = []
            for _ in range(20):
                began = time.perf_counter()
                await bench.session.window(run, 1, first_row=rows - 60, row_count=60, first_column=0, column_count=9)
                ends.append(time.perf_counter() - began)
            await bench.session.release(run)
            plain = fetch_all(rows)
            ratios.append(last / plain)
            print(
                f"{rows:9,} rows: first {first * 1e3:6.1f} ms, all {last:5.2f} s = {last / plain:.2f} x fetchall, "
                f"grown {grown:5.1f} MiB, End {statistics.median(ends) * 1e3:.2f} ms"
            )
        median = statistics.median(ratios)
        print(f"all rows                           {min(ratios):8.2f} x fetchall at best, median {median:.2f}")
        await bench.session.close()


async def many_connections() -> None:
    for caches in (25, 50, 100):
        with host(preload=False) as process:
            bench = Bench(process)
            await bench.session.start()
            first = await bench.open(SHARED.format("many0"))
            for number in range(1, 10 * caches):
                await bench.open(SHARED.format(f"many{number % caches}"))
            times = []
            for number in range(60):
                began = time.perf_counter()
                run = bench.session.new_run()
                await bench.session.execute(run, first, "BEGIN" if number % 2 == 0 else "COMMIT")
                assert bench.snapshot is not None
                shown = bench.snapshot.connection(first)
                assert shown is not None
                assert (shown.transaction_since is not None) == (number % 2 == 0)
                times.append(time.perf_counter() - began)
            print(
                f"{10 * caches:5,} connections in {caches:3} caches: picture after a statement "
                f"{statistics.median(times) * 1e3:6.1f} ms (best {min(times) * 1e3:.1f})"
            )
            await bench.session.close()


async def main() -> None:
    await short_statements()
    await million_rows()
    await many_connections()


if __name__ == "__main__":
    asyncio.run(main())
