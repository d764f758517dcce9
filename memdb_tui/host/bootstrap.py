"""Where a host process begins: `python -c … FD PARENT [--preload] [--terminal FD SETTINGS]`, by `client.launch`."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import threading
import time

from memdb_tui.host.server import Server

_PARENT_SECONDS = 1.0
"""How long a UI that has hung up may take to end, or to end this process."""
_LOOK_SECONDS = 0.005


def main(arguments: list[str]) -> None:
    """Serve the client on an inherited socket, then end this process whatever still runs in it."""
    # Told, not asked for: the UI may be gone before this begins.
    descriptor, parent = int(arguments[0]), int(arguments[1])
    told = threading.Event()
    # Keys of the terminal are the UI's: it decides what ^C means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A pool that cannot close a connection of another thread logs it; the picture shows it.
    logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())
    logging.getLogger("sqlalchemy").propagate = False
    sock = socket.socket(fileno=descriptor)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: _hang_up(sock, told))
    if "--preload" in arguments:
        # A start makes much and throws away little.
        gc.disable()
        threading.Thread(target=_import_sqlalchemy, name="memdb-preload", daemon=True).start()
    server = Server(sock)
    if "--terminal" in arguments:
        # Only where there is one: Windows has no termios.
        from memdb_tui.host.terminal import KeptTerminal  # noqa: PLC0415

        place = arguments.index("--terminal")
        terminal = KeptTerminal(int(arguments[place + 1]), arguments[place + 2])
        server.serve()
        if (server.is_greeted or terminal.is_raw) and _was_killed(parent, told):
            terminal.give_back()
    else:
        server.serve()
    _leave()


def _was_killed(parent: int, told: threading.Event) -> bool:
    """Whether the UI has hung up because it is gone; one that ends in order ends this process too."""
    end = time.monotonic() + _PARENT_SECONDS
    while os.getppid() == parent:
        # Not waited for: the signal's handler, which sets it, would run in this thread in the middle of that.
        if told.is_set() or time.monotonic() > end:
            return False
        time.sleep(_LOOK_SECONDS)
    return True


def _hang_up(sock: socket.socket, told: threading.Event) -> None:
    told.set()
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _import_sqlalchemy() -> None:
    """While the UI imports Textual, so that the first database opens at once."""
    with contextlib.suppress(ImportError):
        import sqlalchemy  # noqa: PLC0415

        # Nothing is opened: an engine connects when it is first asked to.
        sqlalchemy.create_engine("sqlite://").dispose()
    gc.freeze()
    gc.enable()


def _leave() -> None:
    """End even if a statement that cannot be interrupted still holds a thread."""
    sys.stderr.flush()
    os._exit(0)
