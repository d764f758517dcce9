"""Who is at the other end of a Unix socket."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys

_UCRED = struct.Struct("3i")
"""pid, uid, gid: https://man7.org/linux/man-pages/man7/unix.7.html."""


def is_mine(sock: socket.socket) -> bool:
    """The process at the other end belongs to this user; False where that cannot be told."""
    return peer_uid(sock) == os.geteuid()


def peer_pid(sock: socket.socket) -> int:
    """The process at the other end, as it is numbered here; 0 where the system does not say."""
    return _credentials(sock)[0] if sys.platform == "linux" else 0


def peer_uid(sock: socket.socket) -> int | None:
    """The user id of the process at the other end; None where the system does not say."""
    if sys.platform == "linux":
        return _credentials(sock)[1]
    return _getpeereid(sock.fileno())


def _credentials(sock: socket.socket) -> tuple[int, int]:
    pid, uid, _ = _UCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return int(pid), int(uid)


def _getpeereid(descriptor: int) -> int | None:
    getpeereid = getattr(ctypes.CDLL(None), "getpeereid", None)
    uid, gid = ctypes.c_uint(), ctypes.c_uint()
    if getpeereid is None or getpeereid(descriptor, ctypes.byref(uid), ctypes.byref(gid)) != 0:
        return None
    return uid.value
