"""How code is run: alone, in an empty folder, stopped when it hangs, reported when it crashes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest
from making_entries import entry_of, result_of_code

from memdb_tui.lab.judgement import Judgement, Verdict, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Package, Program
from memdb_tui.lab.runner import run, stream

_DEADLINE_SECONDS = 30.0


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of everything that is started, with nothing else in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def _is_gone(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"


def test_code_works_in_an_empty_folder_of_its_own() -> None:
    result = result_of_code("""
        import os
        here, before = os.getcwd(), os.listdir()
        open("left", "w").close()
    """)
    assert result.observed["before"] == []
    assert result.observed["here"] == "<folder>"
    assert result.observed.files == ("left",)


def test_each_entry_has_a_process_of_its_own_that_is_not_this_one() -> None:
    results = run([entry_of("import os\npid = os.getpid()", name=name) for name in ("a", "b", "c")])
    pids = [result.observed["pid"] for result in results]
    assert len({*pids, os.getpid()}) == 4


def test_what_one_entry_does_does_not_reach_the_next() -> None:
    leaking = entry_of(
        """
        import os, sqlite3, sys
        os.environ["LEAKED"] = "yes"
        sys.modules["leaked"] = os
        sqlite3.leaked = True
        kept = sqlite3.connect("file:db?mode=memory&cache=shared", uri=True)
        kept.execute("CREATE TABLE leaked (x)")
        """,
        name="leaking",
    )
    looking = entry_of(
        """
        import os, sqlite3, sys
        found = ["LEAKED" in os.environ, "leaked" in sys.modules, hasattr(sqlite3, "leaked")]
        connection = sqlite3.connect("file:db?mode=memory&cache=shared", uri=True)
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        """,
        name="looking",
    )
    _, looked = run([leaking, looking], at_once=1)
    assert looked.observed["found"] == [False, False, False]
    assert looked.observed["tables"] == 0


def test_an_exception_is_observed_and_its_traceback_names_the_own_lines() -> None:
    result = result_of_code("x = 1\nraise ValueError('no')\n")
    assert result.observed.error == "ValueError: no"
    assert "making_entries.py" in result.output
    assert "line 2" in result.output
    assert "child.py" not in result.output


def test_sqlalchemys_wrapping_is_taken_off_an_error() -> None:
    result = result_of_code("""
        from sqlalchemy import create_engine
        create_engine("sqlite://").connect().exec_driver_sql("SELECT * FROM nowhere")
    """)
    assert result.observed.error == "OperationalError: no such table: nowhere"


def test_exit_is_observed_too() -> None:
    assert result_of_code("raise SystemExit(3)").observed.error == "SystemExit: 3"


def test_code_that_hangs_is_stopped_and_says_so() -> None:
    result = result_of_code("print('waiting', flush=True)\nwhile True: pass", deadline_seconds=4.0)
    assert result.verdict is Verdict.NOT_RUN
    assert result.is_broken
    assert "stopped" in result.judgement.reason
    assert "waiting" in result.judgement.reason


def test_code_that_ignores_signals_is_stopped_all_the_same() -> None:
    result = result_of_code(
        """
        import signal
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        while True: pass
        """,
        deadline_seconds=1.0,
    )
    assert "stopped" in result.judgement.reason


async def test_a_hang_does_not_hold_up_the_others() -> None:
    entries = [entry_of("while True: pass", name="hangs"), *(entry_of("x = 1", name=name) for name in "abcd")]
    async with aclosing(stream(entries, at_once=2, deadline_seconds=600.0)) as results:
        others = [await anext(results) for _ in "abcd"]
    assert sorted(result.entry.id for result in others) == ["a", "b", "c", "d"]
    assert {result.verdict for result in others} == {Verdict.HOLDS}


def test_a_crash_is_reported_with_its_output() -> None:
    result = result_of_code("""
        import ctypes
        print("about to read address 0", flush=True)
        ctypes.string_at(0)
    """)
    assert result.verdict is Verdict.NOT_RUN
    assert result.is_broken
    assert "crashed: SIGSEGV" in result.judgement.reason
    assert "about to read address 0" in result.judgement.reason
    assert result.observed.error == "crashed: SIGSEGV"


def test_ending_the_process_is_a_crash_too() -> None:
    result = result_of_code("import os\nos._exit(7)")
    assert "crashed: exit code 7" in result.judgement.reason


def test_much_output_is_cut_at_the_front() -> None:
    output = result_of_code("print('x' * 100_000)\nprint('the end')").output
    assert len(output) <= 16 * 1024
    assert output.endswith("the end\n")


def test_processes_the_code_has_started_end_with_it() -> None:
    result = result_of_code("""
        import subprocess, sys
        pid = subprocess.Popen([sys.executable, "-c", "while True: pass"]).pid
    """)
    pid = result.observed["pid"]
    assert isinstance(pid, int)
    _wait_for(lambda: _is_gone(pid))


async def test_closing_the_results_stops_what_runs_and_leaves_no_folder(temporary: Path) -> None:
    entries = [entry_of("x = 1", name="short"), entry_of("while True: pass", name="long")]
    results = stream(entries, at_once=2, deadline_seconds=600.0)
    assert (await anext(results)).entry.id == "short"
    await results.aclose()
    assert list(temporary.iterdir()) == []


async def test_cancelling_who_waits_stops_what_runs_and_leaves_no_folder(temporary: Path) -> None:
    first_is_there = asyncio.Event()

    async def wait_for_all() -> None:
        async for _ in stream([entry_of("x = 1", name="short"), entry_of("while True: pass", name="long")]):
            first_is_there.set()

    waiting = asyncio.create_task(wait_for_all())
    async with asyncio.timeout(_DEADLINE_SECONDS):
        await first_is_there.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert list(temporary.iterdir()) == []


async def test_results_come_as_they_are_there() -> None:
    entries = [entry_of("import time\ntime.sleep(600)", name="never"), entry_of("x = 1", name="soon")]
    async with aclosing(stream(entries, at_once=2, deadline_seconds=600.0)) as results:
        assert (await anext(results)).entry.id == "soon"


def test_no_folder_is_left_after_a_crash_or_a_stop(temporary: Path) -> None:
    result_of_code("import os\nopen('left', 'w').close()\nos.abort()")
    result_of_code("open('left', 'w').close()\nwhile True: pass", deadline_seconds=0.5)
    assert list(temporary.iterdir()) == []


def test_a_missing_package_is_a_reason_not_a_failure() -> None:
    result = result_of_code("import nowhere_at_all", needs=(Package("nowhere_at_all", "nowhere-at-all"),))
    assert result.verdict is Verdict.NOT_RUN
    assert not result.is_broken
    assert result.judgement.reason == "nowhere-at-all is not installed (pip install nowhere-at-all)."


def test_a_module_of_a_missing_package_is_missing() -> None:
    assert result_of_code("", needs=(Package("nowhere_at_all.part", "nowhere"),)).verdict is Verdict.NOT_RUN


def test_a_missing_program_is_a_reason_not_a_failure() -> None:
    result = result_of_code("", needs=(Program("no-such-program-anywhere"),))
    assert result.judgement.reason == "The program no-such-program-anywhere is not installed."


def test_a_judge_that_misses_a_variable_fails_the_claim_with_the_error() -> None:
    def judge(seen: Observed) -> Judgement:
        return holds("It was set.") if seen["never_set"] else fails("It was set to nothing.")

    (result,) = run([entry_of("raise ValueError('early')\nnever_set = 1", judge=judge)])
    assert result.verdict is Verdict.FAILS
    assert "'never_set'" in result.judgement.reason
    assert "ValueError: early" in result.judgement.reason


def test_an_interpreter_that_is_not_there_is_a_reason() -> None:
    (result,) = run([entry_of("x = 1")], "/no/such/python")
    assert result.verdict is Verdict.NOT_RUN
    assert result.is_broken
    assert "/no/such/python could not be started" in result.judgement.reason


def test_an_interpreter_that_ends_early_is_a_reason(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho this is no python >&2\nexit 3\n")
    python.chmod(0o700)
    (result,) = run([entry_of("x = 1")], str(python))
    assert "this is no python" in result.judgement.reason


def test_the_package_need_not_be_installed_where_recipes_run(monkeypatch: pytest.MonkeyPatch) -> None:
    here = str(Path(__file__).parents[2])
    monkeypatch.setenv("PYTHONPATH", here)
    bare: str = sys._base_executable  # type: ignore[attr-defined]  # not in the stubs; the one a venv was made of
    script = "import importlib.util; print(importlib.util.find_spec('memdb_tui'))"
    has_package = subprocess.run([bare, "-I", "-c", script], capture_output=True, text=True, check=True).stdout
    assert has_package.strip() == "None"
    (result,) = run([entry_of("import sys\nfolders = sys.path")], bare)
    folders = result.observed["folders"]
    assert isinstance(folders, list)
    assert here not in folders
    assert "" not in folders


def test_when_who_asked_is_killed_what_runs_ends_too(tmp_path: Path, temporary: Path) -> None:
    told = tmp_path / "pid"
    hanging = f"import os\nopen({str(told)!r}, 'w').write(f'{{os.getpid()}} ')\nwhile True: pass"
    asking = f"from making_entries import result_of_code\nresult_of_code({hanging!r}, deadline_seconds=600)"
    folders = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    asker = subprocess.Popen([sys.executable, "-c", asking], env={**os.environ, "PYTHONPATH": folders})
    _wait_for(lambda: told.exists() and told.read_text().endswith(" "))
    asker.kill()
    asker.wait()
    _wait_for(lambda: _is_gone(int(told.read_text())))
    _wait_for(lambda: list(temporary.iterdir()) == [])


def test_without_entries_nothing_is_started() -> None:
    assert run([], "/no/such/python") == []
