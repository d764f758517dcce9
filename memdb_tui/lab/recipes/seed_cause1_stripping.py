"""Cause 1: parameters that do not arrive."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, depends, fails, holds
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="SQLAlchemy strips the parameters",
    group=Group.CAUSES,
    claim=(
        "SQLAlchemy or its underlying database driver (e.g., pysqlite) might process the connection URI before "
        "passing it to SQLite. … reconstruct them, potentially omitting query parameters like mode=memory."
    ),
    source=article("cause 1"),
    works_instead="seed-step1-correct-uri",
    panes=(
        Pane("sqlite:///file:without?mode=memory&cache=shared"),
        Pane("sqlite:///file:with?mode=memory&cache=shared&uri=true"),
    ),
)


def code() -> None:
    """The same URL without and with uri=true."""
    from sqlalchemy import create_engine

    create_engine("sqlite:///file:without?mode=memory&cache=shared").connect().close()
    create_engine("sqlite:///file:with?mode=memory&cache=shared&uri=true").connect().close()


def judge(seen: Observed) -> Judgement:
    """What reached sqlite3 says whether something was stripped."""
    without, with_uri = (call.database for call in seen.connect_args)
    stripped = [name for name in ("mode=memory", "cache=shared") if name not in without]
    kept = all(name in with_uri for name in ("mode=memory", "cache=shared"))
    if stripped and kept:
        return depends(f"on uri=true: without it {' and '.join(stripped)} did not reach sqlite3, with it all did.")
    return holds(f"sqlite3 got {with_uri!r}.") if stripped else fails(f"sqlite3 got {without!r}.")


if __name__ == "__main__":
    show(__file__)
