"""A URL copied from the source of a page."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Pane, Recipe

RECIPE = Recipe(
    title="&amp; instead of &",
    fix_title="The URL unescaped",
    group=Group.STRAY_FILE,
    claim="A URL that came through HTML or XML, &amp; and all, is still the same URL.",
    source="https://www.sqlite.org/uri.html",
    panes=(Pane("sqlite:///file:db1?mode=memory&amp;cache=shared&amp;uri=true", sql="CREATE TABLE t (x);"),),
)


def bug() -> None:
    """The parameters are called amp;cache and amp;uri now, and nobody knows those."""
    from sqlalchemy import create_engine

    copied = "sqlite:///file:db1?mode=memory&amp;cache=shared&amp;uri=true"
    engine = create_engine(copied)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def fix() -> None:
    """html.unescape gives the URL back that was meant."""
    from html import unescape

    from sqlalchemy import create_engine

    copied = "sqlite:///file:db1?mode=memory&amp;cache=shared&amp;uri=true"
    engine = create_engine(unescape(copied))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")


def judge(seen: Observed) -> Judgement:
    """It has to stay in memory, and be shared."""
    return stays_in_memory(seen, shared=True)


if __name__ == "__main__":
    show(__file__)
