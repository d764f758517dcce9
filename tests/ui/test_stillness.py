"""For recordings, clock, pids and durations stand still; without it nothing is touched."""

from __future__ import annotations

import time
from pathlib import Path

from driving import RAW_SHARED, program

from memdb_tui.ui.stillness import Stillness

AT = time.mktime((2026, 1, 5, 12, 0, 58, 0, 0, -1))
LASTING = AT - 12
"""When what lasts has begun."""
A = RAW_SHARED.format("a")


async def test_two_recordings_of_the_same_work_are_the_same(folder: Path) -> None:
    stills = []
    for _ in range(2):
        async with program(A, A, fixed_clock=AT) as it:
            await it.run("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1); VACUUM INTO 'never'")
            await it.shows("● writing", within=it.bar())
            await it.go(2)
            await it.run("SELECT * FROM t", key="ctrl+j")
            await it.shows("held by c1", "since 12:00:46", within=it.pane)
            await it.shows("writing", within=it.cache_map)
            await it.shows("idle", within=it.cache_map)
            if stills:
                await it.until(lambda: it.text() == stills[0], f"the same as\n{stills[0]}")
            stills.append(it.text())
    assert stills[0] == stills[1]


async def test_the_pid_stands_still_and_the_real_one_is_not_shown(folder: Path) -> None:
    async with program(A, fixed_clock=AT) as it:
        assert "pid 4242" in it.lines()[0]
        assert it.app._host.process.pid != 4242


async def test_without_it_everything_stays_as_it_is(folder: Path) -> None:
    async with program(A) as it:
        await it.run("SELECT 1")
        run = it.pane.run_shown
        assert run is not None
        still = Stillness()
        assert not still.is_still
        assert still.run(run) is run
        assert still.snapshot(it.snapshot) is it.snapshot
        assert still.files(it.files) == it.files


async def test_times_of_runs_files_and_transactions_are_the_fixed_moment(folder: Path) -> None:
    async with program(A) as it:
        await it.run("CREATE TABLE t (x); VACUUM INTO 'copy.db'; BEGIN; INSERT INTO t VALUES (1); SELECT * FROM t")
        await it.until(lambda: it.files.entries and it.connection.transaction_since)
        assert it.pane.run_shown is not None
        still = Stillness(AT)
        assert still.now() == AT
        run = still.run(it.pane.run_shown)
        assert (run.started_at, {result.elapsed_seconds for result in run.results}) == (
            LASTING,
            {run.elapsed_seconds},
        )
        assert still.snapshot(it.snapshot).connections[0].transaction_since == LASTING
        assert {entry.at for entry in still.files(it.files).entries} == {AT}
        assert it.pane.run_shown.started_at != AT
