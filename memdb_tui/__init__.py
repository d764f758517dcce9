"""Look into SQLite's in-memory databases: SQL side by side, who shares a cache, which files appear.

`memdb_tui.explain(string)` says what a connection string will do, before it does it. `memdb_tui.inspect()` opens the
UI on the process that calls it. `memdb_tui.listen()` lets `memdb-tui attach` open the UI from another terminal.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from memdb_tui.doors.inspecting import inspect as inspect
    from memdb_tui.doors.listening import listen as listen
    from memdb_tui.explain import explain as explain

__all__ = ["__version__", "explain", "inspect", "listen"]
__version__ = "0.1.0"

_LAZY = {
    "inspect": "memdb_tui.doors.inspecting",
    "listen": "memdb_tui.doors.listening",
}
"""Where names are, imported when they are first used: importing memdb_tui imports no Textual and no SQLAlchemy."""


def __getattr__(name: str) -> object:
    """Imports a public name when it is asked for."""
    if name == "explain":
        # The package is the function: it can be called.
        return importlib.import_module("memdb_tui.explain")
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
