"""How recipes are found: a file is enough."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path

import pytest

from memdb_tui.errors import UsageError
from memdb_tui.lab import recipes
from memdb_tui.lab.judgement import Verdict
from memdb_tui.lab.recipe import Group
from memdb_tui.lab.runner import run
from memdb_tui.lab.shelf import chosen, entries, entries_of

HEAD = """
from memdb_tui.lab.judgement import holds
from memdb_tui.lab.recipe import Group, Recipe

RECIPE = Recipe(title="New", group=Group.LOCKED, claim="c", source="s", works_instead="seed-step1-correct-uri")


def judge(seen):
    return holds("It does.")
"""

Add = Callable[[str, str], str]


@pytest.fixture
def add(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Add]:
    monkeypatch.setattr(recipes, "__path__", [*recipes.__path__, str(tmp_path)])
    added = []

    def write(name: str, text: str) -> str:
        (tmp_path / f"{name}.py").write_text(HEAD + text)
        importlib.invalidate_caches()
        added.append(f"{recipes.__name__}.{name}")
        return added[-1]

    yield write
    for module in added:
        sys.modules.pop(module, None)


def test_adding_a_file_adds_a_recipe(add: Add) -> None:
    before = {entry.id for entry in entries()}
    add("a_new_one", "\n\ndef code():\n    x = 1\n")
    assert {entry.id for entry in entries()} - before == {"a-new-one"}


def test_a_pair_is_two_entries_and_the_bug_names_the_fix(add: Add) -> None:
    bug, fix = entries_of(add("a_pair", "\n\ndef bug():\n    x = 1\n\n\ndef fix():\n    x = 2\n"))
    assert (bug.id, bug.works_instead, bug.code.text, bug.title) == ("a-pair", "a-pair.fix", "x = 1\n", "New")
    assert (fix.id, fix.works_instead, fix.code.text, fix.title) == ("a-pair.fix", "", "x = 2\n", "New: fixed")


@pytest.mark.parametrize("name", ["nothing", "bug", "fix", "code and bug"])
def test_a_file_without_its_code_is_refused(add: Add, name: str) -> None:
    functions = "".join(f"\n\ndef {each}():\n    x = 1\n" for each in name.split(" and ") if each != "nothing")
    with pytest.raises(TypeError, match=r"either code\(\) or bug\(\) and fix\(\)"):
        entries_of(add("incomplete", functions))


def test_entries_stand_shelf_by_shelf() -> None:
    shelves = list(Group)
    places = [shelves.index(entry.recipe.group) for entry in entries()]
    assert places == sorted(places)


def test_without_an_id_all_are_chosen_with_one_only_that() -> None:
    all_of_them = entries()
    assert chosen(all_of_them, ()) == all_of_them
    assert [entry.id for entry in chosen(all_of_them, ["works-memdb"])] == ["works-memdb"]


def test_an_unknown_id_names_the_near_ones() -> None:
    with pytest.raises(UsageError, match="'seed-step7-dialec'") as raised:
        chosen(entries(), ["seed-step7-dialec"])
    assert "seed-step7-dialect" in raised.value.hint


def test_part_of_an_id_names_those_it_is_part_of() -> None:
    with pytest.raises(UsageError) as raised:
        chosen(entries(), ["pysqlite3"])
    assert "works-pysqlite3-module" in raised.value.hint


def test_an_id_near_to_nothing_says_how_to_list_all() -> None:
    with pytest.raises(UsageError) as raised:
        chosen(entries(), ["§§§"])
    assert "memdb-tui lab" in raised.value.hint


def test_the_recipe_of_the_documentation_can_be_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = resources.files("memdb_tui.docs").joinpath("lab.md").read_text("utf-8")
    (tmp_path / "from_the_docs.py").write_text(page.partition("```python\n")[2].partition("```")[0])
    monkeypatch.setattr(recipes, "__path__", [str(tmp_path)])
    importlib.invalidate_caches()
    try:
        results = run(entries())
    finally:
        sys.modules.pop(f"{recipes.__name__}.from_the_docs", None)
    assert [(result.entry.id, result.verdict) for result in results] == [
        ("from-the-docs", Verdict.MADE_A_FILE),
        ("from-the-docs.fix", Verdict.HOLDS),
    ]
