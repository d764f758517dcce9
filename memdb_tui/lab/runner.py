"""Runs entries, each in a process of its own in an empty folder.

The processes are forked by a helper (`memdb_tui.lab.nursery`) that runs under the interpreter asked for. The package
need not be installed there: it is loaded from where it lies, and nothing else of this environment goes along.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from pathlib import Path

from memdb_tui.lab.order import Order
from memdb_tui.lab.result import Result, lost, result_of
from memdb_tui.lab.shelf import Entry

DEADLINE_SECONDS = 20.0
"""How long one entry may take before it is stopped."""

_PATIENCE_SECONDS = 60.0
"""How much longer than that the helper may be silent, the imports at its start included."""

_PACKAGE = Path(__file__).parents[1]

_ANSWER_BYTES = 64 * 1024 * 1024
"""No answer is longer."""

_LOAD = """\
import sys
sys.path[:] = [folder for folder in sys.path if folder]
if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or later is needed, this is %d.%d." % sys.version_info[:2])
import importlib.util, pathlib
init = pathlib.Path(sys.argv[1], "__init__.py")
spec = importlib.util.spec_from_file_location("memdb_tui", init, submodule_search_locations=[sys.argv[1]])
sys.modules["memdb_tui"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["memdb_tui"])
from memdb_tui.lab.nursery import main
main()
"""


async def stream(
    entries: Sequence[Entry],
    python: str = sys.executable,
    *,
    at_once: int | None = None,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> AsyncGenerator[Result, None]:
    """Run entries and yield a result for each as it is there, not in their order.

    Closing the generator, or cancelling who waits for it, stops what still runs.

    Args:
        entries: What to run.
        python: The interpreter to run it with, Python 3.11 or later.
        at_once: How many processes may run at the same time; None: twice as many as the machine has cores, at most
            four, since many of them wait.
        deadline_seconds: How long each may take.
    """
    waiting = {entry.id: entry for entry in entries}
    if not waiting:
        return
    request = {
        "orders": [Order(entry.id, entry.code, entry.recipe.needs).to_json() for entry in entries],
        "at_once": at_once or min(4, 2 * (os.cpu_count() or 1)),
        "deadline_seconds": deadline_seconds,
    }
    with tempfile.TemporaryFile() as complaints:
        try:
            helper = await asyncio.create_subprocess_exec(
                python,
                *("-c", _LOAD, str(_PACKAGE)),
                stdin=PIPE,
                stdout=PIPE,
                stderr=complaints,
                env=_environment(python),
                limit=_ANSWER_BYTES,
            )
        except OSError as error:
            reason = f"{python} could not be started: {error}."
        else:
            async with aclosing(_answers(helper, request, deadline_seconds + _PATIENCE_SECONDS)) as answers:
                async for answer in answers:
                    yield result_of(waiting.pop(str(answer["id"])), answer)
            complaints.seek(0)
            said = complaints.read().decode(errors="replace").strip() or "it gave no reason."
            reason = f"The process that runs recipes with {python} ended early: {said[-500:]}"
    for entry in waiting.values():
        yield lost(entry, reason)


def _environment(python: str) -> dict[str, str]:
    """Return this process's environment; for another interpreter without what is said about this one's packages."""
    own = python == sys.executable
    return {name: value for name, value in os.environ.items() if own or name not in {"PYTHONPATH", "PYTHONHOME"}}


def run(
    entries: Sequence[Entry],
    python: str = sys.executable,
    *,
    at_once: int | None = None,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> list[Result]:
    """Run entries and return their results in their order; what `stream` takes, for where no event loop runs."""

    async def collect() -> dict[str, Result]:
        results = stream(entries, python, at_once=at_once, deadline_seconds=deadline_seconds)
        async with aclosing(results):
            return {result.entry.id: result async for result in results}

    found = asyncio.run(collect())
    return [found[entry.id] for entry in entries]


async def _answers(
    helper: Process, request: Mapping[str, object], patience_seconds: float
) -> AsyncGenerator[dict[str, object], None]:
    """Yield the helper's answers until it ends; a helper that is silent for too long is ended."""
    if helper.stdin is None or helper.stdout is None:
        raise ValueError("the helper has to be started with pipes")
    try:
        with suppress(ConnectionError):
            helper.stdin.write(json.dumps(request).encode() + b"\n")
            await helper.stdin.drain()
        with suppress(TimeoutError):
            while line := await asyncio.wait_for(helper.stdout.readline(), patience_seconds):
                yield json.loads(line)
    finally:
        # Without its standard input the helper stops what runs, and ends.
        helper.stdin.close()
        try:
            await asyncio.wait_for(helper.wait(), _PATIENCE_SECONDS)
        except TimeoutError:
            helper.kill()
            await helper.wait()
