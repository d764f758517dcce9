"""From the name `sqlite3.connect` receives to the database SQLite opens.

The rules are those of `sqlite3BtreeOpen` (https://sqlite.org/sharedcache.html,
https://sqlite.org/inmemorydb.html), of `memdbOpen` in SQLite's `memdb.c` and of the unix VFS.
"""

from __future__ import annotations

import os

from memdb_tui.explain.build_facts import BuildFacts, vfs_exists
from memdb_tui.explain.explanation import Outcome
from memdb_tui.explain.sqlite_path import CANNOT_OPEN, MAX_MEMDB_BYTES, SUFFIX_BYTES, file_facts
from memdb_tui.explain.sqlite_uri import OpenFlags, ParsedName, parse
from memdb_tui.frozen import dataclass

MEMORY_NAME = b":memory:"


@dataclass(frozen=True, slots=True)
class Opening:
    """What SQLite does with the name it is given.

    Attributes:
        parsed: What SQLite's URI rules make of the name.
        outcome: Where the database lives.
        database: The name of a shared database, decoded; None for every other.
        path: The absolute path of a file, or where an error of the file system comes from.
        path_exists: Whether something is at that path now.
        error: SQLite's words where it refuses; bytes, since they can quote the name.
    """

    parsed: ParsedName
    outcome: Outcome
    database: str | None = None
    path: str | None = None
    path_exists: bool = False
    error: bytes | None = None

    @property
    def read_only(self) -> bool:
        """Whether the name itself asks for a database that cannot be written."""
        return bool(self.parsed.flags & OpenFlags.READONLY)


def predict(name: bytes, *, uri: bool, cwd: str | None, build: BuildFacts) -> Opening:
    """Return what SQLite does with a name, without opening it.

    Args:
        name: The name as bytes, as `sqlite3.connect` passes it on.
        uri: The `uri` argument of that call.
        cwd: The folder relative names start from; None for the process's own.
        build: What this SQLite was compiled with.
    """
    parsed = parse(name, read_as_uri=uri or build.use_uri, refuses_nul=build.refuses_nul)
    error = parsed.error
    if error is None and parsed.vfs is not None and not vfs_exists(parsed.vfs):
        error = b"no such vfs: " + parsed.vfs
    if error is not None:
        return Opening(parsed, Outcome.ERROR, error=error)
    filename, flags = parsed.filename, parsed.flags
    nameless = not filename
    memdb = parsed.vfs == b"memdb"
    in_memory = (
        filename == MEMORY_NAME
        or bool(flags & OpenFlags.MEMORY)
        or (nameless and (build.temporary_in_memory or memdb))
    )
    may_share = not nameless and parsed.is_uri and bool(flags & OpenFlags.SHARED_CACHE) and build.shared_cache
    if in_memory:
        return _in_memory(parsed, filename if may_share else None)
    if nameless:
        return Opening(parsed, Outcome.TEMPORARY)
    if memdb:
        return _in_store(parsed, may_share=may_share)
    modeof = parsed.values(b"modeof")
    facts = file_facts(filename, flags, cwd=cwd, modeof=modeof[0] if modeof else None)
    return Opening(
        parsed,
        Outcome.FILE if facts.error is None else Outcome.ERROR,
        path=facts.path,
        path_exists=facts.exists,
        error=None if facts.error is None else facts.error.encode(),
    )


def _in_store(parsed: ParsedName, *, may_share: bool) -> Opening:
    """Follow `memdbOpen`: a name of more than one character that begins with a slash is a shared store."""
    filename = parsed.filename
    if len(filename) + SUFFIX_BYTES > MAX_MEMDB_BYTES:
        return Opening(parsed, Outcome.ERROR, error=CANNOT_OPEN.encode())
    named_store = len(filename) > 1 and filename[:1] in {b"/", b"\\"}
    return _in_memory(parsed, filename if named_store or may_share else None)


def _in_memory(parsed: ParsedName, shared_name: bytes | None) -> Opening:
    if shared_name is None:
        return Opening(parsed, Outcome.MEMORY_PRIVATE)
    return Opening(parsed, Outcome.MEMORY_SHARED, database=os.fsdecode(shared_name))
