"""Removing a stray that the session made, and only that."""

from __future__ import annotations

import os
from collections.abc import Sequence

from memdb_tui.errors import MemdbError
from memdb_tui.files.probe import FileFacts, holds_inode, look_at
from memdb_tui.frozen import dataclass
from memdb_tui.model import ConnectionId, FileEntry, FileKind, FileRole

_DATABASE_FILES = {FileKind.DATABASE, FileKind.JOURNAL, FileKind.WAL, FileKind.SHARED_MEMORY}


class RemovalError(MemdbError):
    """A file was not removed, for a reason that is said."""


@dataclass(frozen=True, slots=True)
class SideFile:
    """A journal, WAL or shm beside the file to remove."""

    path: str
    is_sessions: bool
    """It came while the session had the database, and was not there before."""
    facts: FileFacts
    """The newest look at it."""


@dataclass(frozen=True, slots=True)
class Removal:
    """All that must be known to remove a stray safely."""

    entry: FileEntry
    is_sessions: bool
    """A connection of this session made the file that lies there now."""
    facts: FileFacts
    """The newest look at it: by this it is recognised."""
    open_in: tuple[ConnectionId, ...]
    host_pid: int | None
    sides: tuple[SideFile, ...] = ()


def refuse_unless_allowed(removal: Removal) -> None:
    """Return where the file may be removed.

    Raises:
        RemovalError: It is no stray, not made by the session, or another file took its place.
    """
    _refuse_unless_stray(removal)
    _refuse_unless_same_file(removal)


def remove(removal: Removal) -> str:
    """Remove a stray file with its journals, and say what was done in a sentence or two.

    Raises:
        RemovalError: Nothing was removed: no stray, not made by the session, or another file took its place.
    """
    entry = removal.entry
    refuse_unless_allowed(removal)
    try:
        os.unlink(entry.path)  # noqa: PTH108 one system call on exactly this name
    except OSError as error:
        raise RemovalError(
            f"{entry.path} was not removed: {error.strerror or error}.",
            hint="Close the connections that have it open, then remove it again.",
        ) from error
    # The database first: SQLite discards a journal or WAL that it finds beside a database that is not there, while a
    # database that lost its hot journal is damaged (https://www.sqlite.org/howtocorrupt.html, section 1.3).
    removed, left = _remove_sides(removal.sides)
    sentences = [f"Removed {_listed((entry.path, *removed))}."]
    if left:
        sentences.append(f"Left {_listed(left)}, which this session did not make.")
    if removal.open_in:
        sentences.append(open_words(removal.open_in))
    return " ".join(sentences)


def open_words(open_in: Sequence[ConnectionId]) -> str:
    """What becomes of a database whose file is removed while connections have it open, as a sentence."""
    has = "has" if len(open_in) == 1 else "have"
    return f"{_listed(open_in)} still {has} it open: it lives on without a name until closed, and is lost then."


def _refuse_unless_stray(removal: Removal) -> None:
    entry = removal.entry
    if entry.role is not FileRole.STRAY or entry.kind not in _DATABASE_FILES:
        raise RemovalError(
            f"{entry.path} is not a stray file, so it is not removed from here.",
            hint="Only files of connections that were meant to be in memory are.",
        )
    if entry.kind is not FileKind.DATABASE:
        raise RemovalError(
            f"{entry.path} belongs to a database and is not removed alone: that can damage the database.",
            hint="Remove the database file; what lies beside it goes with it.",
        )
    if entry.was_there or not removal.is_sessions:
        raise RemovalError(
            f"{entry.path} was not made by this session, so it is not removed from here.",
            hint="If it is not needed, remove it in a shell.",
        )


def _refuse_unless_same_file(removal: Removal) -> None:
    path = removal.entry.path
    now = look_at(path)
    if not now.exists:
        raise RemovalError(f"{path} is no longer there.", hint="There is nothing to remove.")
    if not now.is_regular:
        raise RemovalError(
            f"{path} is now a folder, a link or a device, not the file this session made.",
            hint="Look at it in a shell.",
        )
    is_known = removal.facts.exists and now.is_same_file(removal.facts)
    # An inode number is given out again soon after a removal. That nothing was written since we looked, or that the
    # host has this very inode open, says that it is still the same file.
    is_untouched = (now.modified_ns, now.size_bytes) == (removal.facts.modified_ns, removal.facts.size_bytes)
    if is_known and (is_untouched or (removal.host_pid is not None and holds_inode(removal.host_pid, now))):
        return
    raise RemovalError(
        f"{path} is not as it was when the session made it: it was written, or another file took its name.",
        hint="Look at the entry again; if it is still the session's file, remove it again.",
    )


def _remove_sides(sides: Sequence[SideFile]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    removed, left = [], []
    for side in sides:
        now = look_at(side.path)
        if not now.exists:
            continue
        if side.is_sessions and now.is_regular and now.is_same_file(side.facts):
            try:
                os.unlink(side.path)  # noqa: PTH108 one system call on exactly this name
            except OSError:
                left.append(side.path)
            else:
                removed.append(side.path)
        else:
            left.append(side.path)
    return tuple(removed), tuple(left)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
