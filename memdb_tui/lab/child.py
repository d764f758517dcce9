"""Runs one piece of code in this process and writes down what was observed.

The process is the recipe's own: it works in an empty folder and ends when the code has ended.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
import shutil
import sqlite3
import traceback
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import CodeType

from memdb_tui.lab.recipe import Need, Package
from memdb_tui.lab.watch import Watch, plain_variables, pools, words_of

DRIVERS = frozenset({"pysqlite3"})
"""Packages that are made like sqlite3: `connect` stands in the package and in its `dbapi2`."""

FOLDER = "<folder>"
"""What stands in a result for the path of the folder the code worked in, which is another each time."""


def missing(needs: tuple[Need, ...]) -> str:
    """Return which of the needs is not there, and how it can be had; empty if all are."""
    for need in needs:
        if isinstance(need, Package):
            if not _is_installed(need.module):
                return f"{need.install} is not installed (pip install {need.install})."
        elif shutil.which(need.name) is None:
            return f"The program {need.name} is not installed."
    return ""


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        # The package that a dotted name begins with is missing.
        return False


def versions() -> dict[str, str]:
    """Return the versions of Python, SQLite and, where it is installed, SQLAlchemy."""
    found = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    with suppress(importlib.metadata.PackageNotFoundError):
        found["sqlalchemy"] = importlib.metadata.version("sqlalchemy")
    return found


def observe(code: CodeType, needs: tuple[Need, ...]) -> dict[str, object]:
    """Run code as a script and return what was observed, in JSON's types.

    A driver that is needed is watched like sqlite3. The code's variables stay alive until everything is looked at, so
    that a database in memory does too.
    """
    variables: dict[str, object] = {"__name__": "__main__"}
    watch = Watch()
    watch.begin({"sqlite3", *(need.module for need in needs if isinstance(need, Package) and need.module in DRIVERS)})
    error = None
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            exec(code, variables)  # noqa: S102 - a recipe of ours, the very text that is shown
        except BaseException as raised:  # noqa: BLE001 - SystemExit too is an observation
            # The first frame is this one.
            own = raised.__traceback__.tb_next if raised.__traceback__ is not None else None
            traceback.print_exception(type(raised), raised, own)
            error = words_of(raised)
        files = files_below(Path.cwd())
        engines = pools(variables)
        outcome, shared = watch.sharing()
        said = variables.get("shared")
        return {
            "connect_args": [{"database": call.database, "keywords": dict(call.keywords)} for call in watch.calls],
            "outcome": outcome,
            "files": files,
            "shared": said if isinstance(said, bool) else shared,
            "error": error,
            "pool": engines,
            "warnings": list(dict.fromkeys(_words(warning) for warning in warned)),
            "values": plain_variables(variables),
            "versions": versions(),
        }


def _words(warning: warnings.WarningMessage) -> str:
    first_line = str(warning.message).strip().partition("\n")[0]
    return f"{warning.category.__name__}: {first_line}"


def files_below(folder: Path) -> list[str]:
    """Return the files below a folder, relative to it."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def write(result: Mapping[str, object], path: Path) -> None:
    """Write a result so that it is there whole or not at all."""
    unfinished = path.with_suffix(".part")
    here = json.dumps(str(Path.cwd()))[1:-1]
    unfinished.write_text(json.dumps(result).replace(here, FOLDER), encoding="utf-8")
    unfinished.replace(path)
