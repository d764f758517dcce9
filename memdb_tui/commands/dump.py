"""`memdb-tui dump`: what a running process has open, said once."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Coroutine

import click
from rich.console import Console

from memdb_tui.commands.dump_view import show
from memdb_tui.commands.failing import told_in_a_sentence
from memdb_tui.commands.run_end import end_as
from memdb_tui.programs.hub import Hub
from memdb_tui.programs.opened_files import opened_files
from memdb_tui.programs.reachable import connect, left_words
from memdb_tui.programs.report import Report, report_of

_END_SECONDS = 3.0


@click.command(name="dump", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("target", metavar="PID|NAME")
@click.option("--json", "as_json", is_flag=True, help="JSON in the form of “run --report”.")
def command(target: str, *, as_json: bool) -> None:
    """Print once what a running process has open, and leave.

    A program on Python 3.14 or later needs no preparation. An older one calls memdb_tui.listen(), or is started by
    run --listen.
    """
    with told_in_a_sentence():
        found = asyncio.run(_until_signalled(_look(target)))
    if isinstance(found, signal.Signals):
        end_as(-found)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=2))
        return
    show(Console(highlight=False, markup=False, emoji=False), found)


async def _until_signalled(looking: Coroutine[None, None, Report]) -> Report | signal.Signals:
    """What was found, or the signal that ended the looking: in order, so that nothing is left in the process.

    ^C is asyncio's own; signals that we were started to ignore stay ignored.
    """
    loop, task = asyncio.get_running_loop(), asyncio.create_task(looking)
    came: list[signal.Signals] = []

    def end(number: signal.Signals) -> None:
        if not came:
            came.append(number)
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, end, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not came:
            raise
        return came[0]


async def _look(target: str) -> Report:
    hub = Hub()
    try:
        await hub.start()
        await connect(hub, target, on_waiting=lambda sentence: click.echo(sentence, err=True))
        await hub.settled(_END_SECONDS)
        picture = hub.full_picture()
        for pid in await hub.detach(_END_SECONDS):
            click.echo(left_words(pid), err=True)
        return report_of(picture, await asyncio.to_thread(opened_files, picture.touches))
    finally:
        await hub.close()
