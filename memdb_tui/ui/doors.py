"""The terminal UI on a program: one that is started in it, one that runs already, one that waits for it."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from memdb_tui.client.launch import Terminal, spawn_host, terminal_as_it_is
from memdb_tui.frozen import dataclass
from memdb_tui.ui.app import MemdbApp, Options
from memdb_tui.ui.flows.door import Door

if TYPE_CHECKING:
    from collections.abc import Mapping

    from memdb_tui.programs.hub import Hub
    from memdb_tui.programs.options import AttachOptions, RunOptions, ScreenOptions
    from memdb_tui.programs.program_session import ProgramSession


_NOT_STARTED = 2
"""What `run` ends with where there is no screen, too."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session with a program ended."""

    return_code: int
    """The UI's own: 0, 2 where the program could not be started, or 128 and the signal that ended it."""
    status: int | None
    """The program's exit status as `subprocess` has it; None where it was not started here, or was not over."""
    left: tuple[int, ...] = ()
    """The processes that everything of ours was taken out of at the end."""


def run_program(options: RunOptions) -> Outcome:
    """Start a program on a terminal of its own, and look into it."""

    def environment(hub: Hub) -> Mapping[str, str]:
        return hub.environment(os.environ, follow=options.follow, trace=options.trace)

    door = Door(options.name, command=options.argv, cwd=options.cwd, environment=environment)
    app = _show(door, options.screen, watch=options.watch, terminal=terminal_as_it_is(1))
    return Outcome(app.return_code or (_NOT_STARTED if app.has_program_failed else 0), app.program_status)


def attach_program(options: AttachOptions) -> Outcome:
    """Look into a program that runs already."""
    from memdb_tui.programs.reachable import connect  # noqa: PLC0415 - only this door needs it

    async def join(hub: Hub) -> ProgramSession:
        return await connect(hub, options.target, on_waiting=door.say)

    door = Door(options.target, join=join)
    app = _show(door, options.screen, watch=options.watch, terminal=terminal_as_it_is(1))
    return Outcome(app.return_code or 0, None, tuple(door.left))


def inspect_program(sock: socket.socket, token: str) -> Outcome:
    """Look into the program that waits in `inspect()` at the other end of a socket."""
    from memdb_tui.programs.options import ScreenOptions  # noqa: PLC0415 - as above

    async def join(hub: Hub) -> ProgramSession:
        return await hub.attach_socket(sock, token)

    # The program that waits gives its terminal back itself.
    app = _show(Door("inspect()", join=join, is_waiting=True), ScreenOptions(), watch=(), terminal=None)
    return Outcome(app.return_code or 0, None)


def _show(door: Door, screen: ScreenOptions, *, watch: tuple[str, ...], terminal: Terminal | None) -> MemdbApp:
    gc.disable()
    with contextlib.closing(spawn_host(preload=False, terminal=terminal)) as host:
        app = MemdbApp(
            Options(
                databases=(),
                watch=watch,
                fixed_clock=screen.fixed_clock,
                theme=screen.theme,
                stills=Path(screen.stills) if screen.stills else None,
                door=door,
            ),
            host,
        )
        app.run(size=screen.size)
    return app
