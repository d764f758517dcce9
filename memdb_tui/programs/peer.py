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


def peer_uid(sock: socket.socket) -> int | None:
    """The user id of the process at the other end; None where the system does not say."""
    if sys.platform == "linux":
        return int(_UCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))[1])
    return _getpeereid(sock.fileno())


def _getpeereid(descriptor: int) -> int | None:
    getpeereid = getattr(ctypes.CDLL(None), "getpeereid", None)
    uid, gid = ctypes.c_uint(), ctypes.c_uint()
    if getpeereid is None or getpeereid(descriptor, ctypes.byref(uid), ctypes.byref(gid)) != 0:
        return None
    return uid.value
