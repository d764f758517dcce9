"""With what a process ends whose parent is another: observed, or not known.

Only the parent is told. But Linux lets its user see the status while the process waits to be looked at
(https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, field 52), which may be over in no time, and from 6.15 on
also afterwards, to those who hold a descriptor of the process (PIDFD_GET_INFO in linux/pidfd.h).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import select
import signal
import socket
import struct
from collections.abc import Callable
from pathlib import Path

from memdb_tui.programs.peer import peer_pid

_INFO = struct.Struct("QQ11Ii")
"""`struct pidfd_info` in its first form: the mask first, the exit code last."""
_GET_INFO = (3 << 30) | (_INFO.size << 16) | (0xFF << 8) | 11
_HAS_EXIT = 1 << 3
_SO_PEERPIDFD = 77
_CODE_FIELD = 49
"""Field 52, counted from the one after the name."""


class ExitWatch:
    """Learns of the end of a process, whoever its parent is; for use in the event loop.

    Args:
        sock: Connected to the process.
        on_end: Called once, with the exit status as `subprocess` has it, None where nobody could see it.

    Raises:
        OSError: The process is gone, or this system has no descriptors for processes.
    """

    def __init__(self, sock: socket.socket, on_end: Callable[[int | None], None]) -> None:
        self.pid = peer_pid(sock)
        """The process, as it is numbered here."""
        self._on_end = on_end
        self._descriptor = _descriptor_of(sock, self.pid)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._descriptor, self._ended)

    def look(self) -> None:
        """Tell the end now, if it has come."""
        if self._descriptor < 0:
            return
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        if poll.poll(0):
            self._ended()

    def close(self) -> None:
        """Watch no longer; may be called twice."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            self._loop.remove_reader(descriptor)
            os.close(descriptor)

    def _ended(self) -> None:
        # Asked again, since its parent may have looked between the first two.
        code = _code_kept(self._descriptor)
        code = _code_of_waiting(self.pid, self._descriptor) if code is None else code
        code = _code_kept(self._descriptor) if code is None else code
        self.close()
        self._on_end(None if code is None else os.waitstatus_to_exitcode(code))


def _descriptor_of(sock: socket.socket, pid: int) -> int:
    if not hasattr(os, "pidfd_open"):
        raise OSError("this system has no descriptors for processes")
    try:
        # From Linux 6.5 on: of that very process, also when its parent has looked already.
        return sock.getsockopt(socket.SOL_SOCKET, _SO_PEERPIDFD)
    except OSError:
        return os.pidfd_open(pid)


def _code_kept(descriptor: int) -> int | None:
    """What the kernel keeps of a process whose parent has looked; None before that, and on older kernels."""
    info = bytearray(_INFO.pack(_HAS_EXIT, *[0] * 13))
    try:
        fcntl.ioctl(descriptor, _GET_INFO, info)
    except OSError:
        return None
    mask, *_, code = _INFO.unpack(info)
    return int(code) if mask & _HAS_EXIT else None


def _code_of_waiting(pid: int, descriptor: int) -> int | None:
    """What an ended process shows while its parent has not looked; None where it does not, or not to us."""
    folder = Path("/proc", str(pid))
    try:
        status = (folder / "status").read_text("utf-8", "replace")
        owners = next(line for line in status.splitlines() if line.startswith("Uid:"))
        fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        # It is still that process, and not a later one of its number.
        signal.pidfd_send_signal(descriptor, 0)
    except (OSError, StopIteration):
        return None
    # To other users the kernel shows a zero there.
    if set(owners.split()[1:]) != {str(os.geteuid())} or fields[0] != b"Z":
        return None
    return int(fields[_CODE_FIELD])
