"""Where `memdb-tui attach` finds this process: a socket in a folder that nobody else can enter."""

from __future__ import annotations

import _socket
import os
import stat
import sys

from .bare import clock, getpid
from .channel import out_of_the_way
from .process import VERSION, program_argv
from .wire import to_json

_BACKLOG = 16
_MOST_FOLDER_BYTES = 94
"""With a slash and the longest name, of 107 that the path of a Unix socket may take:
https://man7.org/linux/man-pages/man7/unix.7.html."""


class Listening:
    """A listening socket and, beside it, what a client has to know.

    Args:
        token: What a client has to know.
        name: What the process can be found by, besides its number.

    Raises:
        OSError: It cannot be made, or its folder belongs to somebody else.
    """

    def __init__(self, token: str, name: str | None) -> None:
        self.name = name or ""
        self._token = token
        self._pid = getpid()
        folder = _folder()
        # The number is this process's own: what lies there is left over from one that died.
        self._socket_path = f"{folder}{os.sep}{self._pid}.sock"
        self._facts_path = f"{folder}{os.sep}{self._pid}.json"
        self._remove(self._socket_path)
        sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            sock.bind(self._socket_path)
            os.chmod(self._socket_path, 0o600)  # noqa: PTH101 - pathlib is not imported here
            sock.listen(_BACKLOG)
            self._write()
        except BaseException:
            sock.close()
            self._remove(self._socket_path)
            raise
        self.sock = out_of_the_way(sock)

    def rename(self, name: str) -> None:
        """Be found by another name."""
        self.name = name
        self._write()

    def close(self) -> None:
        """Remove the files, unless this is the child of a fork; the socket is the server's to close."""
        if getpid() == self._pid:
            self._remove(self._socket_path)
            self._remove(self._facts_path)
            self._sweep()

    def _sweep(self) -> None:
        """Remove what children have left that ended at once, as those of `multiprocessing` do."""
        folder = os.path.dirname(self._facts_path)  # noqa: PTH120 - pathlib is not imported here
        try:
            for name in os.listdir(folder):  # noqa: PTH208 - as above
                number = name.partition(".")[0]
                if not number.isdecimal() or _is_there(int(number)):
                    continue
                if not _answers(f"{folder}{os.sep}{number}.sock"):
                    self._remove(f"{folder}{os.sep}{name}")
        except OSError:
            # Somebody has tidied up already.
            return

    def _write(self) -> None:
        facts = {
            "version": VERSION,
            "token": self._token,
            "pid": self._pid,
            "name": self.name,
            "argv": program_argv(list(sys.orig_argv)),
            "started_at": clock.time(),
        }
        temporary = f"{self._facts_path}.new"
        self._remove(temporary)
        number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(number, to_json(facts).encode())
        finally:
            os.close(number)
        os.replace(temporary, self._facts_path)  # noqa: PTH105 - as above

    @staticmethod
    def _remove(path: str) -> None:
        try:
            os.unlink(path)  # noqa: PTH108 - as above
        except FileNotFoundError:
            return


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        # Another user's.
        return True
    return True


def _answers(path: str) -> bool:
    """Somebody listens there: a process in a container that shares the folder, under a number of its own."""
    sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.connect(path)
    except BlockingIOError:
        # Its queue is full.
        return True
    except OSError:
        return False
    finally:
        sock.close()
    return True


def _folder() -> str:
    """Made if it is not there: within the user's runtime folder, or where that cannot be used, within /tmp.

    Raises:
        OSError: Neither can be used.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith(os.sep):
        folder = f"{runtime}{os.sep}memdb-tui"
        if len(os.fsencode(folder)) <= _MOST_FOLDER_BYTES:
            try:
                _make_own(folder)
            except OSError:
                # It is of a login that is over, or another user's, as under sudo -E.
                pass
            else:
                return folder
    outer = f"/tmp/memdb-tui-{os.getuid()}"  # noqa: S108 - 0700, and checked
    _make_own(outer)
    folder = f"{outer}{os.sep}memdb-tui"
    _make_own(folder)
    return folder


def _make_own(folder: str) -> None:
    try:  # noqa: SIM105 - contextlib is not imported here
        os.mkdir(folder, 0o700)  # noqa: PTH102 - as above
    except FileExistsError:
        pass
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not a folder of yours alone, so nothing is put there.")
