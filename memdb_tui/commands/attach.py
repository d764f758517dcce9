"""`memdb-tui attach`: the UI, on a process that runs already."""

from __future__ import annotations

import asyncio
import sys

import click

from memdb_tui.commands.failing import told_in_a_sentence
from memdb_tui.commands.screen_options import screen_of, screen_options
from memdb_tui.commands.terminal import require_terminal
from memdb_tui.programs.options import AttachOptions


@click.command(name="attach", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("target", metavar="PID|NAME")
@click.option(
    "--watch",
    multiple=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="Watch this folder too.",
)
@screen_options
def command(
    target: str,
    *,
    watch: tuple[str, ...],
    theme: str,
    size: tuple[int, int] | None,
    fixed_clock: bool,
    stills: str | None,
) -> None:
    """Look into a process that runs already; it goes on when this ends.

    A program on Python 3.14 or later needs no preparation. An older one calls memdb_tui.listen(), or is started by
    run --listen.
    """
    screen = screen_of(theme=theme, size=size, fixed_clock=fixed_clock, stills=stills)
    with told_in_a_sentence():
        from memdb_tui.programs.reachable import check, left_words  # noqa: PLC0415 - --help needs none of it

        asyncio.run(check(target))
        require_terminal("“memdb-tui dump” needs none.")
        from memdb_tui.ui.doors import attach_program  # noqa: PLC0415 - Textual comes only for a process that is there

        outcome = attach_program(AttachOptions(target=target, watch=watch, screen=screen))
        for pid in outcome.left:
            click.echo(left_words(pid), err=True)
    sys.exit(outcome.return_code)
