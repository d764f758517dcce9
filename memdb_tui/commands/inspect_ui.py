"""The UI that `memdb_tui.inspect()` starts: `python -c "… main()" DESCRIPTOR`, on the terminal, with its socket."""

from __future__ import annotations

import socket
import sys
from typing import NoReturn

_LONGEST_TOKEN = 256
_NEEDED = frozenset({"textual", "rich", "click", "watchdog"})


def main() -> NoReturn:
    """Run the UI on the socket whose descriptor is the only argument."""
    with socket.socket(fileno=int(sys.argv[1])) as sock:
        token = read_token(sock)
        if not token:
            # The program has changed its mind, or is gone.
            sys.exit(0)
        try:
            from memdb_tui.ui.doors import inspect_program  # noqa: PLC0415 - what is missing is said in a sentence
        except ModuleNotFoundError as error:
            package = (error.name or "").partition(".")[0]
            if package not in _NEEDED:
                raise
            sys.exit(
                f"memdb-tui: inspect() needs {package} for its UI, and {sys.executable} does not have it; the program"
                " goes on. Install memdb-tui there with what it depends on, or call memdb_tui.listen() in the program"
                " and attach from where it is installed."
            )
        inspect_program(sock, token)
    sys.exit(0)


def read_token(sock: socket.socket) -> str:
    """Read the first line, sent when the terminal is this process's; empty when the other side has gone.

    Byte by byte: what follows belongs to the protocol.
    """
    line = bytearray()
    while len(line) < _LONGEST_TOKEN:
        byte = sock.recv(1)
        if not byte or byte == b"\n":
            return line.decode("ascii") if byte else ""
        line += byte
    return ""
