"""How the screen is drawn, as options of every command that has one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import click

from memdb_tui.programs.options import ScreenOptions

_FIXED_CLOCK = (2026, 1, 5, 12, 0, 58, 0, 0, -1)
"""The moment recordings stand still at, local time; which one does not matter, that it stays does."""


def screen_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a command with --theme, --size, --fixed-clock and --stills; `screen_of` reads them."""
    for option in (
        click.option(
            "--stills", hidden=True, type=click.Path(exists=True, file_okay=False), help="SIGUSR1 saves the screen"
        ),
        click.option("--fixed-clock", is_flag=True, help="Keep clock, pids and durations still, for recordings."),
        click.option(
            "--size",
            metavar="COLUMNSxROWS",
            callback=_size,
            help="Draw at this size whatever size the terminal has, for recordings.",
        ),
        click.option("--theme", type=click.Choice(["dark", "light"]), default="dark", show_default=True),
    ):
        command = option(command)
    return command


def screen_of(*, theme: str, size: tuple[int, int] | None, fixed_clock: bool, stills: str | None) -> ScreenOptions:
    """What the options say."""
    return ScreenOptions(
        theme=f"memdb-{theme}",
        size=size,
        fixed_clock=time.mktime(_FIXED_CLOCK) if fixed_clock else None,
        stills=stills,
    )


def _size(context: click.Context, parameter: click.Parameter, text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    columns, cross, rows = text.lower().partition("x")
    if not cross or not columns.isdigit() or not rows.isdigit() or int(columns) * int(rows) == 0:
        raise click.BadParameter(f"{text!r} is not COLUMNSxROWS. For example --size 120x36.", context, parameter)
    return int(columns), int(rows)
