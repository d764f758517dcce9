"""One client's socket: never waited for, never trusted, never taken for a descriptor of the program's."""

from __future__ import annotations

import _socket
import errno
import os
import sys

from .wire import MOST_LINE_BYTES, Lines

_STRANGER_LINE_BYTES = 64 << 10
_READ_BYTES = 256 << 10
_WAITING_BYTES = 1 << 20
"""A client that leaves more than this unread is not listened to until it has read."""
_MOST_WAITING_BYTES = 128 << 20
QUIETLY: int = getattr(_socket, "MSG_NOSIGNAL", 0)
"""A program may have left SIGPIPE as it is by default: then who hangs up would end it."""
_NEVER = float("inf")
_HIGH = 960
_BELOW_LIMIT = 64


class Channel:
    """A client.

    Args:
        sock: Connected; the channel closes it.
        token: What the client has to know.
        is_hub: We have connected to it: it will say hello.
    """

    def __init__(self, sock: _socket.socket, token: str, *, is_hub: bool = False) -> None:
        self.sock = sock
        self.token = token
        self.is_hub = is_hub
        self.is_greeted = False
        """It has said hello, with the token."""
        self.greets_until = _NEVER
        """When it is hung up on if it has not said hello, in `time.monotonic()`."""
        self.told_version = 0
        """The newest state it has been sent."""
        self.is_ending = False
        """It is closed as soon as what waits has been sent."""
        self.is_gone = False
        self.is_lost = False
        """The program has closed its descriptor; whoever is at the other end may still be there."""
        self._lines = Lines(_STRANGER_LINE_BYTES)
        self._outgoing = bytearray()
        self._identity = identity(sock.fileno())
        sock.setblocking(False)

    @property
    def waits_for_hello(self) -> bool:
        """It may be hung up on for saying nothing."""
        return not self.is_greeted and not self.is_gone and self.greets_until < _NEVER

    @property
    def has_outgoing(self) -> bool:
        """Something waits to be sent."""
        return bool(self._outgoing)

    @property
    def may_ask(self) -> bool:
        """It has read enough of what it asked for to ask for more."""
        return not self.is_ending and len(self._outgoing) < _WAITING_BYTES

    def greet(self) -> None:
        """It has shown that it may ask."""
        self.is_greeted = True
        self._lines.limit_bytes = MOST_LINE_BYTES

    def send(self, data: bytes) -> None:
        """Send, now as far as it goes, the rest later."""
        if self.is_gone:
            return
        if len(self._outgoing) + len(data) > _MOST_WAITING_BYTES:
            self.close()
            return
        self._outgoing += data
        self.flush()

    def flush(self) -> None:
        """Send of what waits as much as the socket takes."""
        while self._outgoing and not self.is_gone:
            if not self._is_still_ours():
                return
            try:
                sent = self.sock.send(self._outgoing, QUIETLY)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self.close()
                return
            del self._outgoing[:sent]
        if self.is_ending:
            self.close()

    def read(self) -> list[bytes]:
        """The lines that have arrived; the channel is gone after the end.

        Raises:
            WireError: A line is too long.
        """
        if not self._is_still_ours():
            return []
        try:
            data = self.sock.recv(_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return []
        except OSError:
            data = b""
        if not data:
            self.close()
            return []
        return self._lines.feed(data)

    def close(self) -> None:
        """Close the socket; may be called again."""
        if self.is_gone:
            return
        self.is_gone = True
        self._outgoing.clear()
        if identity(self.sock.fileno()) == self._identity:
            self.sock.close()
        else:
            self.is_lost = True
            self.sock.detach()

    def _is_still_ours(self) -> bool:
        """Whether the descriptor is still the socket: a program may close all, and use the number again."""
        if identity(self.sock.fileno()) == self._identity:
            return True
        self.close()
        return False


def peer_is_me(sock: _socket.socket) -> bool:
    """Whether the other end of a Unix socket is held by the user of this process."""
    option = getattr(_socket, "SO_PEERCRED", None)
    if option is None:
        # Not Linux: the rights of the socket's file, and the token, must do.
        return True
    # A `struct ucred`: pid, uid, gid.
    credentials = sock.getsockopt(_socket.SOL_SOCKET, option, 12)
    return int.from_bytes(credentials[4:8], sys.byteorder) == os.geteuid()


def out_of_the_way(sock: _socket.socket) -> _socket.socket:
    """The same socket with a high descriptor, so that the program's files have the numbers they have without us."""
    from fcntl import F_DUPFD_CLOEXEC, fcntl  # noqa: PLC0415 - C, and needed once per socket

    lowest = min(_HIGH, os.sysconf("SC_OPEN_MAX") - _BELOW_LIMIT)
    if lowest <= sock.fileno():
        return sock
    try:
        number = fcntl(sock.fileno(), F_DUPFD_CLOEXEC, lowest)
    except OSError:
        # As many as there may be are open: it stays where it is.
        return sock
    moved = _socket.socket(fileno=number)
    if identity(sock.fileno()) == identity(number):
        sock.close()
    else:
        # Another thread of the program has put something of its own in that place meanwhile, by `os.dup2`.
        sock.detach()
    return moved


def identity(descriptor: int) -> tuple[int, int] | None:
    """What an open descriptor stands for; None where it is not open."""
    try:
        found = os.fstat(descriptor)
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
        return None
    return found.st_dev, found.st_ino
