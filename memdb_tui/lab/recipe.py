"""What a recipe file defines: the claim, and how it can be opened in the workbench.

A file of `memdb_tui.lab.recipes` has
    `RECIPE`, a `Recipe`;
    `code()`, the code of the claim, or `bug()` and `fix()`, the code that goes wrong and the code that does not;
    `judge(seen)`, which decides from what was observed. With `bug` and `fix` the same `judge` is asked about both.
The bodies of the code functions are shown and run as scripts of their own, so each imports what it uses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """The shelves of the lab, in the order they are listed."""

    OVERVIEW = "overview"
    CAUSES = "causes"
    STEPS = "steps"
    FINAL_SOLUTION = "final solution"
    WORKS = "what works"
    STRAY_FILE = "stray file"
    PRIVATE_OR_EMPTY = "private or empty"
    LOCKED = "locked"
    VANISHED = "vanished"
    THREADS_AND_POOLS = "threads and pools"
    DRIVERS = "drivers"


@dataclass(frozen=True, slots=True)
class Package:
    """A package that may be missing.

    Attributes:
        module: The name that is imported.
        install: The name that is installed.
    """

    module: str
    install: str


@dataclass(frozen=True, slots=True)
class Program:
    """A program that may be missing from the search path."""

    name: str


Need = Package | Program

SQLALCHEMY = Package("sqlalchemy", "SQLAlchemy")


@dataclass(frozen=True, slots=True)
class Pane:
    """A database to open in the workbench.

    Attributes:
        string: The connection string, as it stands in the code.
        sql: What to put into the editor.
        connections: How many connections to open.
    """

    string: str
    sql: str = ""
    connections: int = 1


@dataclass(frozen=True, slots=True)
class Recipe:
    """A claim and what is known about it before it is run.

    Attributes:
        title: A few words.
        group: The shelf it stands on.
        claim: What is claimed, in the words of its source.
        source: Where that is written: the title and place of a document, or a link.
        needs: What has to be installed; where one is missing the recipe is not run, and says so.
        works_instead: The id of the recipe that does what the claim promises; empty where the claim holds, and where
            the file itself has a `fix`, which is it then.
        panes: The databases of `code` or `bug` for the workbench.
        fix_panes: The databases of `fix`.
        fix_title: A few words for `fix`.
    """

    title: str
    group: Group
    claim: str
    source: str
    needs: tuple[Need, ...] = (SQLALCHEMY,)
    works_instead: str = ""
    panes: tuple[Pane, ...] = ()
    fix_panes: tuple[Pane, ...] = ()
    fix_title: str = ""
