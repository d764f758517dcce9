"""Sessions of the real program, in a home of their own."""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path

import psutil
from pty_driver import MARKER, Terminal, processes_of

PROGRAM = str(Path(sys.executable).with_name("memdb-tui"))
READY = r"2 db · 2 conn"
"""The header when the two databases of a start without arguments are open."""


class Sessions:
    """Starts the program, or shells for it, in a home and a working folder of their own.

    Args:
        home: An empty folder.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.cwd = home / "proj"
        self.cwd.mkdir()
        self.marker = uuid.uuid4().hex
        self._terminals: list[Terminal] = []

    @property
    def env(self) -> dict[str, str]:
        """An environment with nothing of the developer's in it."""
        return {
            "PATH": f"{Path(PROGRAM).parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "PS1": "$ ",
            "HISTFILE": "",
            "PYTHONDONTWRITEBYTECODE": "1",
            MARKER: self.marker,
        }

    def start(
        self, *arguments: str, columns: int = 120, rows: int = 36, env: dict[str, str] | None = None
    ) -> Terminal:
        """Start memdb-tui on a terminal."""
        return self.start_command([PROGRAM, *arguments], columns=columns, rows=rows, env=env)

    def start_command(
        self, command: list[str], *, columns: int = 120, rows: int = 36, env: dict[str, str] | None = None
    ) -> Terminal:
        """Start any command on a terminal."""
        terminal = Terminal(command, cwd=self.cwd, env={**self.env, **(env or {})}, columns=columns, rows=rows)
        self._terminals.append(terminal)
        return terminal

    def processes(self) -> list[psutil.Process]:
        """Every living process of these sessions."""
        return processes_of(self.marker)

    def host_of(self, terminal: Terminal) -> psutil.Process:
        """The host process of a program started by `start`."""
        (host,) = psutil.Process(terminal.pid).children()
        return host

    def files(self) -> list[str]:
        """Every file in the working folder and the home, relative to the home."""
        return sorted(str(path.relative_to(self.home)) for path in self.home.rglob("*") if not path.is_dir())

    def close(self) -> None:
        """End what still runs."""
        for terminal in self._terminals:
            terminal.close()
