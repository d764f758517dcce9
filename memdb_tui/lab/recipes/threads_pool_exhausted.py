"""Connections that are not given back."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="The sixteenth connection",
    fix_title="Connections are given back",
    group=Group.THREADS_AND_POOLS,
    claim="Connections to memory cost nothing; they need not be given back.",
    source="https://docs.sqlalchemy.org/en/20/errors.html#queuepool-limit-of-size-x-overflow-y-reached-connection-timed-out-timeout-z",
    panes=(Pane("sqlite:///file::memory:?cache=shared&uri=true"),),
    fix_panes=(Pane("sqlite:///file::memory:?cache=shared&uri=true"),),
)


def bug() -> None:
    """QueuePool has five places and ten more; then it waits, 30 seconds unless told otherwise."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file::memory:?cache=shared&uri=true", pool_timeout=0.1)
    in_use, wanted = [], 20
    for _ in range(wanted):
        in_use.append(engine.connect())
        served = len(in_use)


def fix() -> None:
    """At the end of with each one is given back."""
    from sqlalchemy import create_engine

    engine = create_engine("sqlite:///file::memory:?cache=shared&uri=true", pool_timeout=0.1)
    served, wanted = 0, 20
    for _ in range(wanted):
        with engine.connect():
            served += 1


def judge(seen: Observed) -> Judgement:
    """All have to be served."""
    if seen.error is not None:
        return fails(f"After {seen['served']} connections it raised {seen.error}.")
    if seen["served"] != seen["wanted"]:
        return fails(f"{seen['served']} of {seen['wanted']} were served.")
    return holds(f"All {seen['served']} were served.")


if __name__ == "__main__":
    show(__file__)
