"""Look into SQLite's in-memory databases: SQL side by side, who shares a cache, which files appear."""

from __future__ import annotations

__version__ = "0.1.0"
