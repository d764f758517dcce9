"""Verdicts on claims, and how an observation becomes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from memdb_tui.lab.observed import Observed
from memdb_tui.model import Outcome


class Verdict(StrEnum):
    """What became of a claim here."""

    HOLDS = "holds"
    FAILS = "fails"
    DEPENDS = "depends"
    MADE_A_FILE = "made-a-file"
    NOT_RUN = "not-run"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and the sentence that gives its reason: on what it depends, why it was not run."""

    verdict: Verdict
    reason: str


Judge = Callable[[Observed], Judgement]


def holds(reason: str) -> Judgement:
    """Return the verdict that the claim is true here."""
    return Judgement(Verdict.HOLDS, reason)


def fails(reason: str) -> Judgement:
    """Return the verdict that the claim is false here."""
    return Judgement(Verdict.FAILS, reason)


def depends(on: str) -> Judgement:
    """Return the verdict that the claim is true for some cases; `on` says on what that depends: “on the version”."""
    return Judgement(Verdict.DEPENDS, f"It depends {on}")


def made_a_file(seen: Observed) -> Judgement:
    """Return the verdict that the code left files, which are named."""
    names = ", ".join(repr(name) for name in seen.files)
    return Judgement(Verdict.MADE_A_FILE, f"It left {names} in the folder.")


def not_run(reason: str) -> Judgement:
    """Return the verdict that nothing can be said."""
    return Judgement(Verdict.NOT_RUN, reason)


def stays_in_memory(seen: Observed, *, shared: bool | None = None) -> Judgement:
    """Judge the claim that the code's databases are in memory.

    Args:
        seen: What was observed.
        shared: Whether the claim also says that a second connection sees the same database, or does not; None if it
            says neither.
    """
    if seen.files:
        return made_a_file(seen)
    if seen.error is not None:
        return fails(f"It raised {seen.error}.")
    if seen.outcome not in {Outcome.MEMORY_SHARED, Outcome.MEMORY_PRIVATE}:
        return fails(f"The outcome is {seen.outcome.words if seen.outcome else 'not known'}.")
    if shared is not None and seen.shared is not shared:
        return fails(f"No file, but {_SHARING[seen.shared]}.")
    return holds(f"No file; {_SHARING[seen.shared]}.")


_SHARING = {
    True: "a second connection sees the same tables",
    False: "a second connection gets an empty database of its own",
    None: "whether a second connection sees the same tables is not known",
}
