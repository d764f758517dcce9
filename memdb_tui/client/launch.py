"""Starting a host: a process of its own, on an inherited socket, ended with the UI whatever happens."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import memdb_tui
from memdb_tui.model.exit_words import exit_words

_START = "import sys; sys.path.append(sys.argv[1]); from memdb_tui.host.bootstrap import main; main(sys.argv[2:])"
_END_SECONDS = 3.0
_LAST_WORDS_BYTES = 4000


@dataclass(slots=True)
class Terminal:
    """A terminal as it is before the UI takes it."""

    descriptor: int
    settings: str
    """What `termios.tcgetattr` gives, as numbers with colons between them."""


@dataclass(slots=True)
class HostProcess:
    """A running host and this side of its socket."""

    process: subprocess.Popen[bytes]
    sock: socket.socket
    complaints: IO[bytes] | None
    """Where the host's stderr goes: memory of this process, never a file."""
    terminal: Terminal | None
    """What it gives back when this process is killed."""
    _kept_words: str = ""

    def last_words(self) -> str:
        """What the host last wrote to stderr, for the message that says it died; empty for a silent death."""
        if self.complaints is None or self.complaints.closed:
            return self._kept_words
        self.complaints.seek(0, os.SEEK_END)
        self.complaints.seek(max(0, self.complaints.tell() - _LAST_WORDS_BYTES))
        return self.complaints.read().decode("utf-8", "replace").strip()

    def how_it_ended(self) -> str:
        """The end of the process in a phrase: `killed by SIGKILL`, `exit status 1`, `still running`."""
        status = self.process.poll()
        return "still running" if status is None else exit_words(status)

    def close(self) -> None:
        """End the host and wait for it; may be called twice."""
        # That it is told so says that this is an end in order.
        self.process.terminate()
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.complaints is not None:
            self._kept_words = self.last_words()
            self.complaints.close()


def spawn_host(*, preload: bool, terminal: Terminal | None = None) -> HostProcess:
    """Start a host in the current folder.

    Args:
        preload: Import SQLAlchemy there at once, while this process imports the UI.
        terminal: What the host gives back when this process is killed: read before the UI takes it, for the host may
            begin only after that.
    """
    here, there = socket.socketpair()
    complaints = _anonymous_file()
    arguments = [str(there.fileno()), str(os.getpid())] + (["--preload"] if preload else [])
    kept = [there.fileno()]
    if terminal is not None:
        # Another number than those of the standard streams, which are not the terminal there.
        kept.append(os.dup(terminal.descriptor))
        arguments += ["--terminal", str(kept[-1]), terminal.settings]
    root = str(Path(memdb_tui.__file__).parent.parent)
    try:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own code
            # -P: the user's folder may hold a sqlite3.py of its own.
            [sys.executable, "-P", "-c", _START, root, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints if complaints is not None else subprocess.DEVNULL,
            pass_fds=kept,
            # ^C and ^Z of the terminal are for the UI alone.
            start_new_session=True,
        )
    except OSError:
        here.close()
        if complaints is not None:
            complaints.close()
        raise
    finally:
        there.close()
        for descriptor in kept[1:]:
            os.close(descriptor)
    return HostProcess(process, here, complaints, terminal)


def terminal_as_it_is(descriptor: int) -> Terminal:
    """A terminal, and how it is set now."""
    import termios  # noqa: PLC0415 - only where there is one: Windows has no termios

    *flags, characters = termios.tcgetattr(descriptor)
    return Terminal(
        descriptor, ":".join(str(each if isinstance(each, int) else ord(each)) for each in (*flags, *characters))
    )


def _anonymous_file() -> IO[bytes] | None:
    if not hasattr(os, "memfd_create"):
        return None
    return os.fdopen(os.memfd_create("memdb-host-stderr"), "w+b")
