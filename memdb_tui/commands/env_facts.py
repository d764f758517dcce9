"""What of this machine decides what a connection string does."""

from __future__ import annotations

import os
import sqlite3
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from memdb_tui import __version__
from memdb_tui.explain.build_facts import BuildFacts, build_facts, vfs_exists

VFSES = ("unix", "unix-dotfile", "unix-excl", "unix-none", "memdb", "win32", "win32-longpath")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact and what it changes.

    Attributes:
        name: For example `USE_URI`.
        value: As text.
        consequence: What it changes, a whole sentence.
    """

    name: str
    value: str
    consequence: str


@dataclass(frozen=True, slots=True)
class TemporaryFolder:
    """A folder SQLite tries for temporary files (https://sqlite.org/tempfiles.html).

    Attributes:
        source: Where it comes from: an environment variable, or SQLite's own list.
        path: The folder; empty if the variable is not set.
        usable: Whether it is there and can be written.
        chosen: Whether it is the one SQLite takes.
    """

    source: str
    path: str
    usable: bool
    chosen: bool


def versions() -> tuple[tuple[str, str], ...]:
    """Return the versions of everything that has a say."""
    return (
        ("memdb-tui", __version__),
        ("Python", ".".join(str(part) for part in sys.version_info[:3])),
        ("SQLite", sqlite3.sqlite_version),
        ("SQLAlchemy", _version("SQLAlchemy")),
        ("aiosqlite", _version("aiosqlite")),
        ("Django", _version("Django")),
    )


def build() -> tuple[Fact, ...]:
    """Return the compile options that matter, as they stand here, and what each changes."""
    facts = build_facts()
    return (
        Fact(
            "USE_URI",
            _on(facts.use_uri),
            "sqlite3.connect('file:…') without uri=True is a URI here, and makes a file of that name elsewhere."
            if facts.use_uri
            else "sqlite3.connect('file:…') without uri=True makes a file of that name here.",
        ),
        Fact(
            "OMIT_SHARED_CACHE",
            _on(not facts.shared_cache),
            "cache=shared shares: one database for every connection that gives the same name."
            if facts.shared_cache
            else "cache=shared does nothing: every connection has a database of its own.",
        ),
        _temp_store(facts),
        Fact("THREADSAFE", str(facts.thread_safe), _THREADS.get(facts.thread_safe, "Not known.")),
        Fact(
            "VFS",
            ", ".join(name for name in VFSES if vfs_exists(name.encode())),
            "memdb is there: file:/NAME?vfs=memdb is a shared in-memory database."
            if vfs_exists(b"memdb")
            else "memdb is missing: file:/NAME?vfs=memdb cannot be opened.",
        ),
    )


_THREADS = {
    0: "One thread only may use SQLite in this process.",
    1: "Connections may be used by several threads, one at a time.",
    2: "A connection may be used by one thread at a time, which the program has to see to.",
}


def temporary_folders() -> tuple[TemporaryFolder, ...]:
    """Return the folders SQLite tries for temporary files, in its order, and which one it takes."""
    tried = [(name, os.environ.get(name, "")) for name in ("SQLITE_TMPDIR", "TMPDIR")]
    tried += [("SQLite", path) for path in ("/var/tmp", "/usr/tmp", "/tmp", ".")]  # noqa: S108 -- SQLite's list
    found: list[TemporaryFolder] = []
    taken = False
    for source, path in tried:
        usable = bool(path) and Path(path).is_dir() and os.access(path, os.W_OK | os.X_OK)
        found.append(TemporaryFolder(source, path, usable=usable, chosen=usable and not taken))
        taken = taken or usable
    return tuple(found)


def _temp_store(facts: BuildFacts) -> Fact:
    where = {
        0: "Temporary tables and nameless databases are always on disk.",
        1: "Temporary tables and nameless databases spill to disk; PRAGMA temp_store=MEMORY keeps them in memory.",
        2: "Temporary tables and nameless databases stay in memory; PRAGMA temp_store=FILE puts them on disk.",
        3: "Temporary tables and nameless databases always stay in memory.",
    }
    return Fact("TEMP_STORE", str(facts.temp_store), where.get(facts.temp_store, "Not known."))


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def _on(value: bool) -> str:  # noqa: FBT001 -- a value to show, not a switch
    return "yes" if value else "no"
