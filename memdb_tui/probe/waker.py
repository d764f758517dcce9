"""Lets the probe's thread look up from its wait, whoever asks for it."""

from __future__ import annotations

import _socket

from .channel import QUIETLY, identity, out_of_the_way
from .guard import is_of_the_program

_READ_BYTES = 4096


class Waker:
    """A pair of sockets, one end to write to and one to wait for.

    A program may close all descriptors, and use their numbers again: nothing is written to or read from what is not
    ours any more.

    Raises:
        OSError: There are no more descriptors.
    """

    def __init__(self) -> None:
        self._ends = _pair()

    def wake(self) -> None:
        """From any thread, and from code that must not raise."""
        _, there = self._ends
        try:
            if there.is_ours():
                there.sock.send(b"\0", QUIETLY)
        except OSError as error:
            if is_of_the_program(error):
                raise
            # Woken already, or ending.
            return

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._ends[0].sock.fileno()

    def read(self) -> bool:
        """Take what was written; False where the program has closed what it was written to."""
        here, _ = self._ends
        try:
            if here.is_ours():
                here.sock.recv(_READ_BYTES)
                return True
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    def renew(self) -> None:
        """Make a new pair.

        Raises:
            OSError: There are no more descriptors.
        """
        self.close()
        self._ends = _pair()

    def close(self) -> None:
        """Close both ends; what the program has in their place stays open."""
        for end in self._ends:
            if end.is_ours():
                end.sock.close()
            else:
                end.sock.detach()


class _End:
    """A socket, with what its descriptor stood for when it was made."""

    def __init__(self, sock: _socket.socket) -> None:
        self.sock = out_of_the_way(sock)
        self.sock.setblocking(False)
        self._identity = identity(self.sock.fileno())

    def is_ours(self) -> bool:
        """The descriptor still stands for that."""
        return identity(self.sock.fileno()) == self._identity


def _pair() -> tuple[_End, _End]:
    here, there = _socket.socketpair()
    return _End(here), _End(there)
