"""What `python -m memdb_tui.lab.recipes.NAME` does: run that recipe, print what was observed."""

from __future__ import annotations

import sys
from pathlib import Path

from memdb_tui.lab import recipes
from memdb_tui.lab.report import as_lines
from memdb_tui.lab.runner import run
from memdb_tui.lab.shelf import entries_of


def show(file: str) -> None:
    """Run the recipe of a file, its fix included, and print what was observed."""
    for result in run(entries_of(f"{recipes.__name__}.{Path(file).stem}"), at_once=1):
        sys.stdout.write("\n".join(as_lines(result)) + "\n")
