"""One look at a file: is it there, how large is it, does its header say SQLite; and what a process holds open.

SQLite's locks on Unix are POSIX advisory locks, which a process loses when it closes *any* descriptor of the file
(https://www.sqlite.org/howtocorrupt.html, section 2.2). So files are looked at from a process that has none of the
databases open: the one with the user interface.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from memdb_tui.frozen import dataclass
from memdb_tui.model import FileKind

# https://www.sqlite.org/fileformat2.html: 1.3 "The Database Header", 3 "The Rollback Journal", 4.1 "WAL File Format".
_DATABASE_MAGIC = b"SQLite format 3\x00"
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_WAL_MAGICS = (bytes.fromhex("377f0682"), bytes.fromhex("377f0683"))
_SMALLEST_HEADER_BYTES = 28
_SMALLEST_DATABASE_BYTES = 100

_DELETED = " (deleted)"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What one look at a path gave."""

    exists: bool
    is_regular: bool = False
    size_bytes: int = 0
    header: FileKind | None = None
    """`DATABASE`, `WAL` or `JOURNAL` when the first bytes say so, else None."""
    device: int = 0
    inode: int = 0
    modified_ns: int = 0

    def is_same_file(self, other: FileFacts) -> bool:
        """Both looks met the same inode."""
        return self.exists and other.exists and (self.device, self.inode) == (other.device, other.inode)


GONE = FileFacts(exists=False)


def look_at(path: str) -> FileFacts:
    """Look at a path without following a symbolic link; `GONE` when there is nothing, or it cannot be asked."""
    try:
        facts = os.lstat(path)
    except (OSError, ValueError):
        return GONE
    is_regular = stat.S_ISREG(facts.st_mode)
    return FileFacts(
        exists=True,
        is_regular=is_regular,
        size_bytes=facts.st_size,
        header=_header(path, facts.st_size) if is_regular and facts.st_size >= _SMALLEST_HEADER_BYTES else None,
        device=facts.st_dev,
        inode=facts.st_ino,
        modified_ns=facts.st_mtime_ns,
    )


def _header(path: str, size_bytes: int) -> FileKind | None:
    # Not blocking and not following: between the stat and the open a pipe or a link may have taken the name.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return None
    try:
        first = os.read(descriptor, len(_DATABASE_MAGIC))
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return kind_by_header(first, size_bytes)


def kind_by_header(first: bytes, size_bytes: int) -> FileKind | None:
    """What the first 16 bytes of a file say it is, None when they say nothing."""
    if first == _DATABASE_MAGIC and size_bytes >= _SMALLEST_DATABASE_BYTES:
        return FileKind.DATABASE
    if first.startswith(_WAL_MAGICS):
        return FileKind.WAL
    if first.startswith(_JOURNAL_MAGIC):
        return FileKind.JOURNAL
    return None


def held_files(pid: int) -> frozenset[str]:
    """Paths of the files a process has open, unlinked ones included.

    Empty where that cannot be asked: no such process, not Linux, no permission.
    """
    folder = Path(f"/proc/{pid}/fd")
    paths = set()
    try:
        descriptors = tuple(folder.iterdir())
    except OSError:
        return frozenset()
    for descriptor in descriptors:
        with contextlib.suppress(OSError):  # Closed meanwhile.
            paths.add(str(descriptor.readlink()).removesuffix(_DELETED))
    return frozenset(paths)


def holds_inode(pid: int, facts: FileFacts) -> bool:
    """The process has this very file (device and inode) open now."""
    folder = Path(f"/proc/{pid}/fd")
    try:
        descriptors = tuple(folder.iterdir())
    except OSError:
        return False
    for descriptor in descriptors:
        with contextlib.suppress(OSError):  # Closed meanwhile.
            held = descriptor.stat()
            if (held.st_dev, held.st_ino) == (facts.device, facts.inode):
                return True
    return False
