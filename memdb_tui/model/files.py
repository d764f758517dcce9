"""Files of the session, who made them and how that is known."""

from __future__ import annotations

from enum import StrEnum

from memdb_tui.frozen import dataclass
from memdb_tui.model.names import ConnectionId, Evidence
from memdb_tui.model.programs import CodePlace


class FileKind(StrEnum):
    """What a file is, by its header or by what a connection does with it."""

    DATABASE = "database"
    JOURNAL = "journal"
    WAL = "wal"
    SHARED_MEMORY = "shm"
    TEMPORARY = "temporary"
    OTHER = "other"


class FileRole(StrEnum):
    """What the file is to the session."""

    STRAY = "stray"
    ASKED_FOR = "asked for"
    TEMPORARY = "temporary"
    OTHER = "other"


class FileChange(StrEnum):
    """What happened to a file last, or over its life."""

    MADE = "made"
    CHANGED = "changed"
    REMOVED = "removed"
    MADE_AND_REMOVED = "made and removed"
    OPENED = "opened"
    """A connection of this session opened it; it was there before, or nobody knows whether it was."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file the session made, changed or removed, with who did it and how that is known."""

    path: str
    kind: FileKind
    role: FileRole
    change: FileChange
    size_bytes: int | None
    """None when it is gone or cannot be asked."""
    at: float
    """When it was first seen."""
    made_by: tuple[ConnectionId, ...]
    """Several when each of them can have made it; empty when not known."""
    string: str
    """The connection's string."""
    statement: str
    """The SQL that made it, where there was one."""
    evidence: Evidence
    reason: str
    """A sentence: why the file is there."""
    suggestion: str
    """For a stray: the string that makes none."""
    was_there: bool
    """It is known to have lain there before the session."""
    brief: str = ""
    """The reason in at most 24 cells, empty where there is nothing so short to say."""
    opener: CodePlace | None = None
    """The program's own line that opened the connection; None where it is not known, and for this session's own."""

    @property
    def is_side_file(self) -> bool:
        """A journal, WAL or shm: it comes and goes with its database."""
        return self.kind in {FileKind.JOURNAL, FileKind.WAL, FileKind.SHARED_MEMORY}

    @property
    def is_gone(self) -> bool:
        """It lies there no more."""
        return self.change in {FileChange.REMOVED, FileChange.MADE_AND_REMOVED}


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A folder under watch."""

    path: str
    is_recursive: bool
    problem: str
    """Why it is not watched, or not wholly; empty when it is."""


@dataclass(frozen=True, slots=True)
class FilesView:
    """What the Files pane shows."""

    entries: tuple[FileEntry, ...]
    """Files of this session's connections and every SQLite file, newest first."""
    others: tuple[FileEntry, ...]
    """The rest, folded by default, newest first, at most 200."""
    other_count: int
    watched: tuple[WatchedFolder, ...]
    is_live: bool
    """The observer runs."""

    @property
    def strays(self) -> tuple[FileEntry, ...]:
        """The stray databases among the entries, gone ones included, newest first; their journals are not counted."""
        return tuple(e for e in self.entries if e.role is FileRole.STRAY and not e.is_side_file)
