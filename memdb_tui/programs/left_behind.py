"""Meeting places that killed sessions have left: found by their marks, and swept by the next that starts."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import socket
import stat
from contextlib import suppress
from pathlib import Path

from memdb_tui.programs.alive import is_alive

PREFIX = "memdb-tui-"
"""How the name of a meeting place begins."""
SOCKET, SITE = "hub.sock", "site"
"""What it holds: the socket, and the folder that stands in PYTHONPATH."""
SCRIPT, TOLD = "come", "told"
"""What `remote` hands over to a process, and what that answers; the pid follows."""

_NAME = re.compile(rf"{PREFIX}[a-z0-9_]{{8}}")
"""As `tempfile.mkdtemp` makes it."""
_OF_REMOTE = re.compile(rf"(?:{SCRIPT}|{TOLD})-(\d+)\.(?:py|txt)")
_OF_SITE = re.compile(r"sitecustomize\.py|__pycache__")
_COMPILED = re.compile(r"sitecustomize\.[\w.-]+\.pyc[.\d]*")


def hold(folder: Path) -> int | None:
    """Lock a folder as one that is in use; the kernel lets go of it when its holder ends, however that is.

    Returns:
        The descriptor that holds it; None where folders cannot be locked.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def sweep(parent: Path) -> None:
    """Remove what killed sessions of this user have left in a folder for temporary files.

    Nothing is removed that is not certainly such: of this user alone, with nothing in it but what a session makes,
    locked by nobody, with a socket at which nobody answers. One that is just being made has no socket before it is
    locked. A script that waits in a process to be run stays as long as that process: Python would complain there.
    """
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name):
                with suppress(OSError):
                    _sweep_one(Path(entry.path))


def _sweep_one(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) != stat.S_IRWXU:
            return
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        names = os.listdir(descriptor)  # noqa: PTH208 - pathlib reads no descriptor
        if not _is_dead(descriptor, folder, names):
            return
        if SITE in names and not _sweep_site(descriptor):
            return
        for name in names:
            if name not in {SITE, SOCKET}:
                os.unlink(name, dir_fd=descriptor)
        # Last: what is half swept is still known by it.
        os.unlink(SOCKET, dir_fd=descriptor)
    finally:
        os.close(descriptor)
    # It goes only if it is empty.
    folder.rmdir()


def _is_dead(descriptor: int, folder: Path, names: list[str]) -> bool:
    """It is a meeting place, and nobody meets there any more."""
    if SOCKET not in names or not stat.S_ISSOCK(_mode(SOCKET, descriptor)):
        return False
    for name in names:
        of_remote = _OF_REMOTE.fullmatch(name)
        if of_remote is not None:
            if is_alive(int(of_remote[1])) or not stat.S_ISREG(_mode(name, descriptor)):
                return False
        elif name not in {SOCKET, SITE}:
            return False
    return _is_refused(folder / SOCKET)


def _sweep_site(descriptor: int) -> bool:
    """Remove the folder that stood in PYTHONPATH; False where there is something in it that is not ours."""
    return _sweep_folder(SITE, descriptor, _OF_SITE)


def _sweep_folder(name: str, parent: int, may_hold: re.Pattern[str]) -> bool:
    descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        names = os.listdir(descriptor)  # noqa: PTH208 - pathlib reads no descriptor
        if not all(map(may_hold.fullmatch, names)):
            return False
        for each in names:
            if stat.S_ISDIR(_mode(each, descriptor)):
                if not _sweep_folder(each, descriptor, _COMPILED):
                    return False
            else:
                os.unlink(each, dir_fd=descriptor)
    finally:
        os.close(descriptor)
    os.rmdir(name, dir_fd=parent)
    return True


def _mode(name: str, folder: int) -> int:
    return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode


def _is_refused(path: Path) -> bool:
    """Nobody has the socket open: not even one that is too busy to answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.setblocking(False)
        return sock.connect_ex(str(path)) == errno.ECONNREFUSED
