"""The path SQLite arrives at for a file name, and what it would meet there.

Only `stat`, `lstat`, `readlink` and `access` are called: nothing is opened or touched.
"""

# ruff: noqa: PTH100, PTH109, PTH112, PTH115, PTH116, PTH118, PTH120 -- paths are bytes here, and SQLite's rules for them are not pathlib's
from __future__ import annotations

import os
import stat

from memdb_tui.explain.sqlite_uri import OpenFlags
from memdb_tui.frozen import dataclass

CANNOT_OPEN = "unable to open database file"
DISK_IO_ERROR = "disk I/O error"

MAX_PATH_BYTES = 512
"""`MAX_PATHNAME` of SQLite's unix VFS."""
MAX_MEMDB_BYTES = 1024
"""`mxPathname` of SQLite's memdb VFS."""
SUFFIX_BYTES = 8
"""The room SQLite keeps behind a name for `-journal`."""
_MAX_SYMLINKS = 200


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What opening a file name would meet.

    Attributes:
        path: The absolute path SQLite arrives at, as far as it can be formed.
        exists: Whether something is there now.
        error: SQLite's message where it could not be opened.
    """

    path: str
    exists: bool
    error: str | None


class _PathError(Exception):
    """SQLite's `unixFullPathname` gives up."""


def file_facts(filename: bytes, flags: OpenFlags, *, cwd: str | None, modeof: bytes | None = None) -> FileFacts:
    """Return what opening this file name with these flags would meet.

    Args:
        filename: The decoded file name, not empty.
        flags: The flags SQLite opens it with.
        cwd: The folder a relative name starts from; None for the process's own.
        modeof: The value of the `modeof` parameter: a file whose permissions a new file takes over.
    """
    try:
        here = os.fsencode(os.getcwd() if cwd is None else cwd)
    except OSError:
        # The working folder itself is gone; SQLite needs it for relative names only.
        here = b""
    try:
        full = full_path(filename, here)
    except _PathError:
        naive = os.path.normpath(os.path.join(here or b"/", filename))
        return FileFacts(path=os.fsdecode(naive), exists=_exists(naive), error=CANNOT_OPEN)
    except OSError as error:
        return FileFacts(path=os.fsdecode(filename), exists=False, error=error.strerror or CANNOT_OPEN)
    return FileFacts(path=os.fsdecode(full), exists=_exists(full), error=_refusal(full, flags, modeof=modeof))


def full_path(filename: bytes, cwd: bytes) -> bytes:
    """Return the absolute path as `unixFullPathname` of SQLite's `os_unix.c` forms it.

    `.` and `..` are taken out by text, symbolic links are followed part by part, a part that is not
    there is let pass, and a slash at the end is dropped. Elsewhere than on POSIX systems the operating
    system's own rules apply.

    Raises:
        _PathError: SQLite would answer "unable to open database file" here.
    """
    if os.name == "nt":  # pragma: no cover -- winFullPathname asks GetFullPathName, as abspath does
        return os.path.abspath(os.path.join(cwd, filename))
    parts: list[bytes] = []
    budget = [_MAX_SYMLINKS]
    if not filename.startswith(b"/"):
        if not cwd or len(cwd) >= MAX_PATH_BYTES:
            raise _PathError
        _append_all(parts, cwd, budget)
    _append_all(parts, filename, budget)
    path = b"/" + b"/".join(parts)
    if len(path) < 2 or len(path) + SUFFIX_BYTES > MAX_PATH_BYTES:  # noqa: PLR2004 -- "/" alone
        raise _PathError
    return path


def _append_all(parts: list[bytes], path: bytes, budget: list[int]) -> None:
    for name in path.split(b"/"):
        if name in {b"", b"."}:
            continue
        if name == b"..":
            if parts:
                parts.pop()
            continue
        _append_one(parts, name, budget)


def _append_one(parts: list[bytes], name: bytes, budget: list[int]) -> None:
    parts.append(name)
    path = b"/" + b"/".join(parts)
    if len(path) >= MAX_PATH_BYTES:
        raise _PathError
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _PathError from error
    if not stat.S_ISLNK(status.st_mode):
        return
    budget[0] -= 1
    if budget[0] < 0:
        raise _PathError
    try:
        target = os.readlink(path)
    except OSError as error:
        raise _PathError from error
    if target.startswith(b"/"):
        parts.clear()
    else:
        parts.pop()
    _append_all(parts, target, budget)


def _exists(path: bytes) -> bool:
    try:
        os.lstat(path)
    except (OSError, ValueError):
        return False
    return True


def _refusal(path: bytes, flags: OpenFlags, *, modeof: bytes | None) -> str | None:
    """Return SQLite's message if `unixOpen` would fail on this path."""
    if modeof is not None and not _can_stat(modeof):
        return DISK_IO_ERROR
    try:
        status = os.stat(path)
    except FileNotFoundError:
        parent = os.path.dirname(path)
        creatable = flags & OpenFlags.CREATE and os.path.isdir(parent) and _may(parent, os.W_OK | os.X_OK)
        return None if creatable else CANNOT_OPEN
    except OSError:
        return CANNOT_OPEN
    if stat.S_ISDIR(status.st_mode):
        # A folder can be opened for reading, but not be read.
        return DISK_IO_ERROR if flags & OpenFlags.READONLY and _may(path, os.R_OK) else CANNOT_OPEN
    if stat.S_ISSOCK(status.st_mode) or not _may(path, os.R_OK):
        return CANNOT_OPEN
    return None


def _can_stat(path: bytes) -> bool:
    try:
        os.stat(path)
    except (OSError, ValueError):
        return False
    return True


def _may(path: bytes, mode: int) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(path, mode, effective_ids=effective)
