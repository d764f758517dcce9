"""Where a host process begins: `python -c … FD [--preload]`, spawned by `memdb_tui.client.launch`."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import threading

from memdb_tui.host.server import Server


def main(arguments: list[str]) -> None:
    """Serve the client on an inherited socket, then end this process whatever still runs in it."""
    descriptor = int(arguments[0])
    # Keys of the terminal are the UI's: it decides what ^C means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A pool that cannot close a connection of another thread logs it; the picture shows it.
    logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())
    logging.getLogger("sqlalchemy").propagate = False
    sock = socket.socket(fileno=descriptor)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: _hang_up(sock))
    if "--preload" in arguments:
        # A start makes much and throws away little.
        gc.disable()
        threading.Thread(target=_import_sqlalchemy, name="memdb-preload", daemon=True).start()
    Server(sock).serve()
    _leave()


def _hang_up(sock: socket.socket) -> None:
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
