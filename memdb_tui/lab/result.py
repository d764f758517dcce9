"""What became of an entry, made from the answer of the process that ran it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from memdb_tui.lab.judgement import Judgement, Verdict, fails, not_run
from memdb_tui.lab.observed import NOTHING, ConnectCall, Observed
from memdb_tui.lab.shelf import Entry
from memdb_tui.model import Outcome


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


def lost(entry: Entry, reason: str) -> Result:
    """Return the result of an entry that nobody could run."""
    return Result(entry, not_run(reason), NOTHING, "", 0.0, is_broken=True)
