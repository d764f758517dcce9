"""What this build of SQLite does, asked of SQLite itself."""

from __future__ import annotations

import functools
import sqlite3
from contextlib import closing

from memdb_tui.frozen import dataclass


@dataclass(frozen=True, slots=True)
class BuildFacts:
    """The compile-time choices that change what a connection string does.

    See https://sqlite.org/compile.html.

    Attributes:
        sqlite_version: The version of the SQLite library in use.
        use_uri: Whether `file:` names are read as URIs even when the caller does not ask for it.
        shared_cache: Whether `cache=shared` has an effect.
        temp_store: 0 always file, 1 file by default, 2 memory by default, 3 always memory.
        thread_safe: 0 single-thread, 1 serialized, 2 multi-thread.
        refuses_nul: Whether `%00` in a URI is an error and not the end of that part.
        options: Every compile option, as SQLite reports it.
    """

    sqlite_version: str
    use_uri: bool
    shared_cache: bool
    temp_store: int
    thread_safe: int
    refuses_nul: bool
    options: tuple[str, ...]

    @property
    def temporary_in_memory(self) -> bool:
        """Whether a database without a name stays in memory (https://sqlite.org/tempfiles.html)."""
        return self.temp_store >= 2  # noqa: PLR2004 -- the value's meaning stands in the attribute


@functools.cache
def build_facts() -> BuildFacts:
    """Return what the SQLite library in this process was compiled with."""
    with closing(sqlite3.connect(":memory:")) as connection:
        options = tuple(row[0] for row in connection.execute("PRAGMA compile_options"))
    return BuildFacts(
        sqlite_version=sqlite3.sqlite_version,
        use_uri=_switched_on(options, "USE_URI"),
        shared_cache=not _switched_on(options, "OMIT_SHARED_CACHE"),
        temp_store=_number(options, "TEMP_STORE", default=1),
        thread_safe=_number(options, "THREADSAFE", default=1),
        refuses_nul=_switched_on(options, "ENABLE_URI_00_ERROR"),
        options=options,
    )


def vfs_exists(name: bytes) -> bool:
    """Return whether SQLite knows a VFS of this name now.

    An in-memory database is opened through it, which reaches no file. A VFS can be registered at any
    time, so the answer is not kept.
    """
    quoted = "".join(f"%{octet:02X}" for octet in name)
    try:
        with closing(sqlite3.connect(f"file::memory:?vfs={quoted}", uri=True)):
            return True
    except (sqlite3.Error, UnicodeDecodeError):
        # sqlite3 decodes the message, which quotes the name, as UTF-8.
        return False


def _switched_on(options: tuple[str, ...], name: str) -> bool:
    return name in options or f"{name}=1" in options


def _number(options: tuple[str, ...], name: str, *, default: int) -> int:
    for option in options:
        key, _, value = option.partition("=")
        if key == name and value.isdigit():
            return int(value)
    return default
