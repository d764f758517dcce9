"""File names that are connection strings: SQLite took for a path what was meant as memory."""

from __future__ import annotations

_WORDS = (":memory:", "mode=memory", "vfs=memdb")
_SCHEME = "file:"


def means_memory(path: str) -> bool:
    """The file's name says memory in so many words."""
    name = path.rpartition("/")[2]
    return any(words in name for words in _WORDS)


def may_mean_memory(path: str) -> bool:
    """The same, or the name is that of a URI, whose query may have said so."""
    return means_memory(path) or _SCHEME in path.rpartition("/")[2]
