"""Look into SQLite's in-memory databases: SQL side by side, who shares a cache, which files appear.

`memdb_tui.explain(string)` says what a connection string will do, before it does it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memdb_tui.explain import explain as explain

__all__ = ["__version__", "explain"]
__version__ = "0.1.0"

_LAZY = frozenset({"explain"})
"""Public names, imported when they are first used: importing memdb_tui imports no Textual and no SQLAlchemy."""


def __getattr__(name: str) -> object:
    """Imports a public name when it is asked for."""
    if name in _LAZY:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
