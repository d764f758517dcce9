"""Runs entries, each in a process of its own in an empty folder, and judges what was observed.

The processes are forked by a helper (`memdb_tui.lab.nursery`) that runs under the interpreter asked for. The package
need not be installed there: it is loaded from where it lies, and nothing else of this environment goes along.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import memdb_tui
from memdb_tui.lab.judgement import Judgement, Verdict, fails, not_run
from memdb_tui.lab.nursery import Order
from memdb_tui.lab.observed import NOTHING, ConnectCall, Observed
from memdb_tui.lab.shelf import Entry
from memdb_tui.model import Outcome

DEADLINE_SECONDS = 20.0
"""How long one entry may take before it is stopped."""

_PATIENCE_SECONDS = 60.0
"""How much longer than that the helper may be silent, the imports at its start included."""

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


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an entry.

    Attributes:
        entry: What was run.
        judgement: The verdict and its reason.
        observed: What was seen.
        output: What the code printed, tracebacks included; at most 16 KiB of it.
        seconds: How long its process lived.
        is_broken: Whether its process crashed or had to be stopped.
    """

    entry: Entry
    judgement: Judgement
    observed: Observed
    output: str
    seconds: float
    is_broken: bool = False

    @property
    def verdict(self) -> Verdict:
        """What became of the claim."""
        return self.judgement.verdict


def run(
    entries: Sequence[Entry],
    python: str = sys.executable,
    *,
    at_once: int | None = None,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Generator[Result, None, None]:
    """Run entries and yield a result for each as it is there, not in their order.

    Closing the iterator stops what still runs.

    Args:
        entries: What to run.
        python: The interpreter to run it with, Python 3.11 or later.
        at_once: How many processes may run at the same time; None: as the machine has cores, from two to four.
        deadline_seconds: How long each may take.
    """
    request = {
        "orders": [Order(entry.id, entry.code, entry.recipe.needs).to_json() for entry in entries],
        "at_once": at_once or max(2, min(4, os.cpu_count() or 2)),
        "deadline_seconds": deadline_seconds,
    }
    waiting = {entry.id: entry for entry in entries}
    if not waiting:
        return
    with tempfile.TemporaryFile() as complaints:
        try:
            helper = subprocess.Popen(  # noqa: S603 - the interpreter the caller names, with a script of ours
                [python, "-c", _LOAD, str(Path(memdb_tui.__file__).parent)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
            )
        except OSError as error:
            yield from _lost(waiting, f"{python} could not be started: {error}.")
            return
        with helper:
            for answer in _answers(helper, request, deadline_seconds + _PATIENCE_SECONDS):
                yield result_of(waiting.pop(str(answer["id"])), answer)
        complaints.seek(0)
        said = complaints.read().decode(errors="replace").strip() or "it gave no reason"
    yield from _lost(waiting, f"The process that runs recipes with {python} ended early: {said[-500:]}")


def _answers(
    helper: subprocess.Popen[bytes], request: Mapping[str, object], patience_seconds: float
) -> Iterator[dict[str, object]]:
    """Yield the helper's answers until it ends; a helper that is silent for too long is ended."""
    if helper.stdin is None or helper.stdout is None:
        raise ValueError("the helper has to be started with pipes")
    try:
        with suppress(BrokenPipeError):
            helper.stdin.write(json.dumps(request).encode() + b"\n")
            helper.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(helper.stdout, selectors.EVENT_READ)
            rest = b""
            while selector.select(patience_seconds):
                received = os.read(helper.stdout.fileno(), 1 << 16)
                if not received:
                    return
                *lines, rest = (rest + received).split(b"\n")
                yield from map(json.loads, lines)
            helper.kill()
    finally:
        # Without its standard input the helper stops what runs, and ends.
        with suppress(BrokenPipeError):
            helper.stdin.close()


def result_of(entry: Entry, answer: Mapping[str, object]) -> Result:
    """Return the result that the helper's answer about an entry stands for."""
    output = str(answer["output"])
    found = answer["observed"]
    observed = NOTHING
    is_broken = False
    if isinstance(found, dict) and "missing" in found:
        judgement = not_run(found["missing"])
    elif isinstance(found, dict):
        observed = observed_from(found)
        judgement = judged(entry, observed)
    else:
        is_broken = True
        how = answer["signal"] or f"exit code {answer['exit']}"
        what = "stopped: it did not end in time" if answer["stopped"] else f"crashed: {how}"
        observed = Observed(error=what)
        judgement = not_run(f"It {'was ' if answer['stopped'] else ''}{what}. Its output: {output.strip() or 'none'}")
    return Result(entry, judgement, observed, output, float(str(answer["seconds"])), is_broken)


def judged(entry: Entry, observed: Observed) -> Judgement:
    """Return the recipe's judgement; code that ended in an error before it set what is judged fails."""
    try:
        return entry.judge(observed)
    except KeyError as unset:
        return fails(f"It ended before it set {unset}: {observed.error or 'the value is not a plain one'}.")


def observed_from(form: Mapping[str, Any]) -> Observed:
    """Return the observation that a child wrote down."""
    return Observed(
        connect_args=tuple(ConnectCall(call["database"], call["keywords"]) for call in form["connect_args"]),
        outcome=None if form["outcome"] is None else Outcome(form["outcome"]),
        files=tuple(form["files"]),
        shared=form["shared"],
        error=form["error"],
        pool=form["pool"],
        warnings=tuple(form["warnings"]),
        values=form["values"],
        versions=form["versions"],
    )


def _lost(waiting: Mapping[str, Entry], reason: str) -> Iterator[Result]:
    for entry in waiting.values():
        yield Result(entry, not_run(reason), NOTHING, "", 0.0, is_broken=True)
