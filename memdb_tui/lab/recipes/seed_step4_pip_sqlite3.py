"""Step 4: `sqlite3` as a package to upgrade."""

from __future__ import annotations

from memdb_tui.lab.alone import show
from memdb_tui.lab.judgement import Judgement, fails, holds, not_run
from memdb_tui.lab.observed import Observed
from memdb_tui.lab.recipe import Group, Recipe
from memdb_tui.lab.sources import article

RECIPE = Recipe(
    title="pip install --upgrade … sqlite3",
    group=Group.STEPS,
    claim=(
        "Outdated drivers may lack support for URI parameters. Upgrade pysqlite and SQLite: pip install --upgrade "
        "pysqlite3 sqlite3"
    ),
    source=article("step 4, code block"),
    needs=(),
    works_instead="works-pysqlite3-module",
)


def code() -> None:
    """A package named sqlite3 lies where pip puts packages; which one is imported?"""
    import subprocess
    import sys
    import tempfile
    from pathlib import Path

    which = "import site, sys; site.addsitedir(sys.argv[1]); import sqlite3; print(sqlite3.__file__)"
    with tempfile.TemporaryDirectory() as packages:
        Path(packages, "sqlite3.py").write_text("sqlite_version = '99.0'")
        command = [sys.executable, "-I", "-c", which, packages]
        imported = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        imported_the_package = imported.startswith(packages)
    in_standard_library = "sqlite3" in sys.stdlib_module_names


def judge(seen: Observed) -> Judgement:
    """An upgrade by pip reaches sqlite3 if what it installs is what is imported."""
    if seen["imported_the_package"]:
        return holds("A package of that name is what gets imported.")
    if not seen["in_standard_library"]:
        return not_run("This Python's standard library has no sqlite3.")
    return fails("sqlite3 belongs to Python: a package of that name, installed by pip, is never imported.")


if __name__ == "__main__":
    show(__file__)
