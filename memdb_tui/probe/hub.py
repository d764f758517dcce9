"""The way to the hub: the process that started this one and collects what its programs say."""

from __future__ import annotations

import _socket

from .bare import pause

_TRIES = 20
_AGAIN_SECONDS = 0.01


def connect(path: str) -> _socket.socket:
    """A socket connected to the hub.

    Raises:
        OSError: Nobody listens there, or it does not take anybody now.
    """
    sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        # Never waiting: a hub that is stopped must not hold the program up.
        sock.setblocking(False)
        for left in reversed(range(_TRIES)):
            try:
                sock.connect(path)
            except BlockingIOError:
                # As many as it lets wait are waiting: a moment, for it starts many processes at once at most.
                if not left:
                    raise
                pause(_AGAIN_SECONDS)
            else:
                break
    except OSError:
        sock.close()
        raise
    return sock
