"""A file's event on the screen, short statements, and doing nothing.

python tests/bench/latency.py [--files N] [--statements N] [--idle SECONDS]
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections import defaultdict
from pathlib import Path

from timed_pty import PROGRAM, READY, median, percentile, table, timed

from memdb_tui.client.launch import spawn_host
from memdb_tui.client.session import HostSession
from memdb_tui.model import Run, RunId

SQLITE_HEADER = b"SQLite format 3\0" + bytes(84)
SETTLE_SECONDS = 5.0
QUIET_SECONDS = 0.25
SCRIPT_STATEMENTS = 1000
TARGET_FILE_MS, TARGET_STATEMENT_MS, TARGET_SCRIPT_MS, TARGET_IDLE = 100.0, 1.0, 0.1, 0.5


def file_seconds(count: int) -> list[float]:
    """Seconds from making a SQLite file to its name on the screen."""
    took = []
    with timed([PROGRAM, "db1", "db2"]) as terminal:
        terminal.wait_for(READY)
        terminal.wait_for(r"0 stray")
        terminal.wait_for(r"and below")
        folder = Path(f"/proc/{terminal.pid}/cwd").resolve()
        for number in range(count):
            terminal.wait_quiet(QUIET_SECONDS)
            since = time.perf_counter()
            (folder / f"f{number:04}.db").write_bytes(SQLITE_HEADER)
            took.append(terminal.seconds_until(rf"f{number:04}\.db", since))
    return took


def idle_percent(seconds: float) -> float:
    """Processor time of both processes while nothing happens, in percent of one core."""
    with timed([PROGRAM, "db1", "db2"]) as terminal:
        terminal.wait_for(READY)
        terminal.wait_quiet(SETTLE_SECONDS)
        before, began = terminal.cpu_seconds(), time.perf_counter()
        terminal.wait_quiet(seconds)
        return (terminal.cpu_seconds() - before) / (time.perf_counter() - began) * 100


async def statement_seconds(count: int) -> tuple[list[float], float]:
    """Seconds of each round trip of a short statement, and of each of a thousand in one script."""
    host = spawn_host(preload=False)
    ended: dict[RunId, asyncio.Event] = defaultdict(asyncio.Event)

    def take_run(run: Run) -> None:
        if run.state.is_over:
            ended[run.id].set()

    async def seconds(sql: str) -> float:
        number = session.new_run()
        began = time.perf_counter()
        answer = await session.execute(number, connection, sql)
        if not answer.run.state.is_over:
            await ended[number].wait()
        took = time.perf_counter() - began
        await session.release(number)
        return took

    session = HostSession(host.sock, on_snapshot=_ignore, on_run=take_run, on_gone=lambda: None)
    try:
        await session.start()
        connection = (await session.open("file:bench?mode=memory&cache=shared")).connection
        assert connection is not None
        await seconds("SELECT 1")
        single = [await seconds("SELECT 1") for _ in range(count)]
        whole = await seconds("SELECT 1;\n" * SCRIPT_STATEMENTS)
    finally:
        await session.close()
        await asyncio.to_thread(host.close)
    return single, whole / SCRIPT_STATEMENTS


def _ignore(_event: object) -> None:
    """What the connections look like is another measure's."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--statements", type=int, default=500)
    parser.add_argument("--idle", type=float, default=20.0)
    wanted = parser.parse_args()
    files = [1000 * seconds for seconds in file_seconds(wanted.files)]
    single, in_script = asyncio.run(statement_seconds(wanted.statements))
    round_trips = [1000 * seconds for seconds in single]
    print(
        table(
            [
                ("", "median", "p99", "target"),
                (
                    "file event to screen, ms",
                    f"{median(files):.0f}",
                    f"{percentile(files, 99):.0f}",
                    f"{TARGET_FILE_MS}",
                ),
                (
                    "short statement, ms",
                    f"{median(round_trips):.2f}",
                    f"{percentile(round_trips, 99):.2f}",
                    f"{TARGET_STATEMENT_MS}",
                ),
                ("one of 1,000 in a script, ms", f"{in_script * 1000:.3f}", "", f"{TARGET_SCRIPT_MS}"),
                ("idle, % of a core", f"{idle_percent(wanted.idle):.2f}", "", f"{TARGET_IDLE}"),
            ]
        )
    )


if __name__ == "__main__":
    main()
