"""What is wanted of a program: how it is started or reached, and how its screen is drawn."""

from __future__ import annotations

from dataclasses import field

from memdb_tui.frozen import dataclass

LISTEN_VARIABLE = "MEMDB_TUI_LISTEN"
"""Set to 1 in its environment, a followed program can be attached to as well."""


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """How the screen is drawn."""

    theme: str = "memdb-dark"
    size: tuple[int, int] | None = None
    """Columns and rows to draw at, whatever the terminal's."""
    fixed_clock: float | None = None
    """The time that clocks show for ever, in seconds since the epoch."""
    stills: str | None = None
    """Where SIGUSR1 saves the screen."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """A program to start."""

    argv: tuple[str, ...]
    """The program and its words, ready for exec in `cwd`: the first is a path."""
    name: str
    """The script, module or command, as it was given."""
    cwd: str
    follow: bool = True
    """Its child processes too."""
    trace: bool = False
    """Statements are counted, which costs time with each."""
    watch: tuple[str, ...] = ()
    """Folders to watch besides its working folder."""
    screen: ScreenOptions = field(default_factory=ScreenOptions)


@dataclass(frozen=True, slots=True)
class AttachOptions:
    """A running program to look into."""

    target: str
    """A PID, or the name under which it listens."""
    watch: tuple[str, ...] = ()
    screen: ScreenOptions = field(default_factory=ScreenOptions)
