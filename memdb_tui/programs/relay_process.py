"""The process that reads a program's terminal for us, as `terminal_relay` says."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys

from memdb_tui.programs import terminal_relay

_ON_THE_WAY_BYTES = 32 * 1024
"""Between the relay and us: enough not to wait for each other, and ^C is seen to work soon."""


class RelayProcess:
    """A running relay, and our end of what it reads.

    Args:
        terminal: The master's descriptor; stays open here.

    Raises:
        OSError: It cannot be started.
    """

    def __init__(self, terminal: int) -> None:
        self._socket, theirs = socket.socketpair()
        self._socket.setblocking(False)
        with theirs:
            theirs.setblocking(False)
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ON_THE_WAY_BYTES)
            try:
                self._process = subprocess.Popen(  # noqa: S603 - a script of ours
                    [sys.executable, "-I", "-S", terminal_relay.__file__, str(terminal), str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    pass_fds=(terminal, theirs.fileno()),
                    start_new_session=True,
                )
            except BaseException:
                self._socket.close()
                raise

    @property
    def pid(self) -> int:
        """Its process id, which is its session's too."""
        return self._process.pid

    @property
    def source(self) -> int:
        """The descriptor that gives what the program writes, and its end once all of it was given."""
        return self._socket.fileno()

    def ask_for_the_rest(self) -> None:
        """Let it hand on what is there, and end."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """End it; what it had not handed on is lost."""
        self._socket.close()
        self._process.kill()
        self._process.wait()
