"""Where clients come in: a listening socket that the program may close, or leave without descriptors."""

from __future__ import annotations

import _socket
import errno

from .bare import clock
from .channel import identity, out_of_the_way, peer_is_me

_AGAIN_SECONDS = 0.1
"""How long nobody is let in after that failed: who waits still waits, and would be asked for without a pause."""
_OF_ONE_CLIENT = (errno.ECONNABORTED, errno.EINTR, errno.EPROTO, errno.EPERM)
"""It has gone, or may not come: https://man7.org/linux/man-pages/man2/accept.2.html."""


class Door:
    """A listening socket.

    Args:
        sock: Listens; the door closes it.
    """

    def __init__(self, sock: _socket.socket) -> None:
        self.opens_at = 0.0
        """When clients are let in again, in `time.monotonic()`."""
        self.is_lost = False
        """The program has closed the descriptor."""
        self._sock = sock
        self._identity = identity(sock.fileno())
        sock.setblocking(False)

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._sock.fileno()

    def let_in(self) -> _socket.socket | None:
        """A client of the same user; None where there is none.

        Raises:
            OSError: Nobody can be let in at the moment: there are no more descriptors, say.
        """
        if not self._is_ours():
            self.is_lost = True
            return None
        try:
            descriptor, _ = self._sock._accept()  # type: ignore[attr-defined]  # noqa: SLF001 - the C class has no other
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno in _OF_ONE_CLIENT:
                return None
            self.opens_at = clock.monotonic() + _AGAIN_SECONDS
            raise
        client = out_of_the_way(_socket.socket(fileno=descriptor))
        if peer_is_me(client):
            return client
        client.close()
        return None

    def close(self) -> None:
        """Close the socket; what the program has in its place stays open."""
        if self._is_ours():
            self._sock.close()
        else:
            self._sock.detach()

    def _is_ours(self) -> bool:
        return identity(self._sock.fileno()) == self._identity
