"""What lies in `memdb_tui.lab.recipes`: finding a recipe is importing its file, there is no register."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from memdb_tui.errors import UsageError
from memdb_tui.lab import recipes
from memdb_tui.lab.judgement import Judge
from memdb_tui.lab.recipe import Group, Pane, Recipe
from memdb_tui.lab.source import CodeSource, functions_in

FIX_SUFFIX = ".fix"
"""What follows a recipe's id to name its fix."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of code of a recipe, that can be run.

    Attributes:
        id: The file's name with hyphens; a fix has `.fix` behind it.
        recipe: The claim it belongs to.
        code: The code, as it is shown and run.
        judge: What decides on its observation.
        works_instead: The id of the entry that does what the claim promises; empty where there is none to name.
        is_fix: Whether this is the code that does not go wrong.
    """

    id: str
    recipe: Recipe
    code: CodeSource
    judge: Judge
    works_instead: str
    is_fix: bool

    @property
    def title(self) -> str:
        """A few words for lists."""
        if not self.is_fix:
            return self.recipe.title
        return self.recipe.fix_title or f"{self.recipe.title}: fixed"

    @property
    def panes(self) -> tuple[Pane, ...]:
        """The databases to open in the workbench."""
        return self.recipe.fix_panes if self.is_fix else self.recipe.panes


def entries() -> tuple[Entry, ...]:
    """Return everything that can be run, shelf by shelf; a fix comes after its bug."""
    found = [
        entry
        for module in pkgutil.iter_modules(recipes.__path__)
        for entry in entries_of(f"{recipes.__name__}.{module.name}")
    ]
    shelves = list(Group)
    return tuple(sorted(found, key=lambda entry: shelves.index(entry.recipe.group)))


def entries_of(module_name: str) -> tuple[Entry, ...]:
    """Return what one recipe file defines.

    Raises:
        TypeError: The file defines neither `code` nor both `bug` and `fix`.
    """
    module = importlib.import_module(module_name)
    recipe: Recipe = module.RECIPE
    judge: Judge = module.judge
    functions = functions_in(Path(str(module.__file__)))
    name = module_name.rpartition(".")[2].replace("_", "-")
    if "code" in functions and not {"bug", "fix"} & functions.keys():
        return (Entry(name, recipe, functions["code"], judge, recipe.works_instead, is_fix=False),)
    if "code" in functions or not {"bug", "fix"} <= functions.keys():
        raise TypeError(f"{module_name} has to define either code() or bug() and fix()")
    fix = name + FIX_SUFFIX
    return (
        Entry(name, recipe, functions["bug"], judge, fix, is_fix=False),
        Entry(fix, recipe, functions["fix"], judge, "", is_fix=True),
    )


def chosen(among: Sequence[Entry], ids: Iterable[str]) -> tuple[Entry, ...]:
    """Return the entries of these ids, in the order of the shelves; all of them without an id.

    Raises:
        UsageError: There is no such id; the hint lists the near ones.
    """
    wanted = tuple(ids)
    known = {entry.id for entry in among}
    for unknown in (each for each in wanted if each not in known):
        raise UsageError(f"There is no recipe {unknown!r}.", hint=_near(unknown, known))
    return tuple(entry for entry in among if not wanted or entry.id in wanted)


def _near(unknown: str, known: set[str]) -> str:
    near = difflib.get_close_matches(unknown, sorted(known), n=5, cutoff=0.4)
    near += sorted(name for name in known if unknown in name and name not in near)[:5]
    return f"Near it: {', '.join(near)}." if near else "“memdb-tui lab” lists all of them."
