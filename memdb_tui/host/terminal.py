"""Giving back a terminal whose program was killed and could not do it itself."""

from __future__ import annotations

import contextlib
import os
import termios

_LEAVE = (
    "\x18"  # ends the sequence in which the program was killed
    "\x1b[<u"  # the keyboard as it was
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"  # no mouse reports
    "\x1b[?1004l\x1b[?2004l\x1b[?2048l"  # nor focus, paste and size
    "\x1b[?1049l\x1b[?25h"  # the screen from before, with its cursor
    "\x1b[0m\rmemdb-tui was killed; the databases that it held in memory are gone.\r\n"
)
"""What ends what Textual's `LinuxDriver.start_application_mode` begins."""
_LOCAL_FLAGS = 3
"""Where `termios.tcgetattr` keeps ECHO, ICANON and ISIG."""
_CHARACTERS = 6
"""Where it keeps those that mean something, a list of them."""


class KeptTerminal:
    """A terminal as it was before the program took it.

    Args:
        descriptor: Open on the terminal; this process need not be in its session.
        settings: How it was set: what `termios.tcgetattr` gives, as numbers with colons between them.
    """

    def __init__(self, descriptor: int, settings: str) -> None:
        self._descriptor = descriptor
        numbers = [int(number) for number in settings.split(":")]
        self._settings: list[int | list[int]] = [*numbers[:_CHARACTERS], numbers[_CHARACTERS:]]

    @property
    def is_raw(self) -> bool:
        """It does not send signals for keys: the program has taken it. False once it is gone."""
        try:
            return not termios.tcgetattr(self._descriptor)[_LOCAL_FLAGS] & termios.ISIG
        except termios.error:
            return False

    def give_back(self) -> None:
        """Leave the program's screen; settings that a shell has set meanwhile stay."""
        # A terminal that is gone needs nothing.
        with contextlib.suppress(OSError, termios.error):
            if self.is_raw:
                termios.tcsetattr(self._descriptor, termios.TCSANOW, self._settings)
            os.write(self._descriptor, _LEAVE.encode())
