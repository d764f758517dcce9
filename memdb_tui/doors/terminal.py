"""The terminal of this process: held by one at a time, lent to another process group, given back as it was."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import termios
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

_TERMINAL = "/dev/tty"
_PTS_MAJOR = 136
_CONSOLE_MAJOR = 4
_FIRST_SERIAL_MINOR = 64
_LEAVE_SCREEN = (
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # mouse
    b"\x1b[?1004l\x1b[?2004l\x1b[?2048l\x1b[?2026l"  # focus, paste, resizing, synchronized output
    b"\x1b[<u\x1b[?7h\x1b[?25h\x1b[?1049l\x1b[0m"  # kitty's keys, wrapping, cursor, screen, colours
)
"""What a full-screen program that was killed did not get to say."""
_WITHOUT_SCREEN = frozenset({"dumb", "unknown"})


class NoTerminalError(Exception):
    """There is no terminal to take; the message is a phrase that says why."""


class Terminal:
    """The controlling terminal, held by this thread from `with` to its end.

    Threads and processes on one terminal wait for each other: each locks the terminal's device, with a lock that the
    kernel drops with its holder (https://man7.org/linux/man-pages/man2/flock.2.html). No file is made for it.

    Raises:
        NoTerminalError: On entering: there is none, it has no screen, or another job of the shell stands in front.
    """

    def __init__(self) -> None:
        self.descriptor = -1
        self._lock = -1
        self._own_group = os.getpgrp()

    def __enter__(self) -> Self:
        """Wait until nobody else holds the terminal, and remember its settings."""
        try:
            self.descriptor = os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY)
        except OSError as error:
            raise NoTerminalError("there is no terminal here") from error
        try:
            self._refuse_without_screen()
            self._wait_for_lock()
            self._refuse_in_background()
            self._settings = termios.tcgetattr(self.descriptor)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the next one have it."""
        del kind, error, trace
        self._close()

    @property
    def is_in_front(self) -> bool:
        """Whether this process belongs to the job that the terminal's keys go to."""
        return self.front_group == self._own_group

    @property
    def front_group(self) -> int:
        """The process group that the terminal's keys go to; 0 when the terminal is gone."""
        try:
            return os.tcgetpgrp(self.descriptor)
        except OSError:
            return 0

    def lend(self, group: int) -> bool:
        """Put another process group of this session in front; whether that went."""
        with _allowed_from_behind():
            try:
                os.tcsetpgrp(self.descriptor, group)
            except OSError:
                return False
        return True

    def take_back(self, group: int) -> None:
        """Put this process's group in front again, and the settings back; not when the shell is in front by now."""
        if self.front_group == group:
            self.lend(self._own_group)
        if self.is_in_front:
            with _allowed_from_behind(), contextlib.suppress(termios.error):
                termios.tcsetattr(self.descriptor, termios.TCSANOW, self._settings)

    def leave_screen(self) -> None:
        """Undo what a full-screen program that was killed has switched on."""
        with _allowed_from_behind(), contextlib.suppress(OSError):
            os.write(self.descriptor, _LEAVE_SCREEN)

    def _refuse_without_screen(self) -> None:
        if kind := kind_without_screen():
            raise NoTerminalError(f"the terminal here has no screen (TERM={kind})")

    def _refuse_in_background(self) -> None:
        if not self.is_in_front:
            raise NoTerminalError("the program runs in the background of its terminal")

    def _wait_for_lock(self) -> None:
        self._lock = _open_device()
        # Interrupted by a signal, its handler runs and the wait goes on; ^C ends it.
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def _close(self) -> None:
        lock, self._lock = self._lock, -1
        if lock >= 0:
            # Not by closing alone: a child that was forked meanwhile has the descriptor too.
            with contextlib.suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_UN)
            os.close(lock)
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def kind_without_screen() -> str:
    """What `TERM` says where that is a terminal without a screen, a shell in Emacs say; else empty."""
    kind = os.environ.get("TERM", "")
    return kind if kind.lower() in _WITHOUT_SCREEN else ""


def device_path(terminal_number: int) -> str:
    """The path of a terminal's device, by the number in the seventh field of `/proc/self/stat`.

    The name that every session calls its own terminal by, where the device is none that has a path.
    """
    major, minor = os.major(terminal_number), os.minor(terminal_number)
    if major == _PTS_MAJOR:
        return f"/dev/pts/{minor}"
    if major == _CONSOLE_MAJOR and minor < _FIRST_SERIAL_MINOR:
        return f"/dev/tty{minor}"
    if major == _CONSOLE_MAJOR:
        return f"/dev/ttyS{minor - _FIRST_SERIAL_MINOR}"
    return _TERMINAL


def _open_device() -> int:
    """Open the device itself, to lock: `/dev/tty` is one file for all terminals of the machine.

    Where the device cannot be opened (another user's, or outside of this container) that one file is locked after
    all: holders of different terminals then wait for each other as well.
    """
    number = _terminal_number()
    path = device_path(number)
    if path != _TERMINAL:
        with contextlib.suppress(OSError):
            if Path(path).stat().st_rdev == number:
                return os.open(path, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    return os.open(_TERMINAL, os.O_RDONLY | os.O_NOCTTY)


def _terminal_number() -> int:
    try:
        # The second field is a name in parentheses, and may hold anything.
        return int(Path("/proc/self/stat").read_text(errors="replace").rpartition(")")[2].split()[4])
    except (OSError, ValueError, IndexError):
        return 0


@contextlib.contextmanager
def _allowed_from_behind() -> Iterator[None]:
    """Let this thread change the terminal from the background, where the kernel would stop the process for it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
