"""`memdb-tui ps`: the processes that can be attached to."""

from __future__ import annotations

import json
import shlex
import time

import click
from rich.console import Console
from rich.text import Text

from memdb_tui.commands.amounts import age
from memdb_tui.commands.printing import printable
from memdb_tui.programs.reachable import Listening, listening
from memdb_tui.programs.unprepared import Unprepared, unprepared

_NONE = (
    "No process can be attached to. Call memdb_tui.listen() in a program, or start it with “memdb-tui run --listen”; "
    "from Python 3.14 on nothing needs to be prepared."
)


@click.command(name="ps", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")
def command(*, as_json: bool) -> None:
    """List your processes that can be attached to.

    These are the processes that listen (memdb_tui.listen(), or run --listen), and those on Python 3.14 or later.
    """
    ready = listening()
    known = {entry.pid for entry in ready}
    others = tuple(each for each in unprepared() if each.pid not in known)
    if as_json:
        click.echo(json.dumps(_forms(ready, others), indent=2))
        return
    if not ready and not others:
        click.echo(_NONE, err=True)
        return
    now = time.time()
    rows = [("PID", "name", "since", "how", "command")]
    rows += [(str(e.pid), printable(e.name), age(now - e.started_at), "listens", _words(e.argv)) for e in ready]
    rows += [(str(each.pid), "-", "", "Python 3.14+", _words(each.argv)) for each in others]
    _print(rows)


def _print(rows: list[tuple[str, str, str, str, str]]) -> None:
    """In columns, the last as long as it is: a command may be copied from it."""
    console = Console(highlight=False, markup=False, emoji=False)
    pid, name, since, how = (max(len(row[column]) for row in rows) for column in range(4))
    for number, row in enumerate(rows):
        line = Text(f"{row[0]:>{pid}}  {row[1]:<{name}}  {row[2]:>{since}}  {row[3]:<{how}}  ")
        line.append(row[4], style="" if number == 0 else "dim")
        console.print(Text(line.plain, style="dim") if number == 0 else line, soft_wrap=True)


def _forms(ready: tuple[Listening, ...], others: tuple[Unprepared, ...]) -> list[dict[str, object]]:
    return [
        {"pid": entry.pid, "name": entry.name, "argv": list(entry.argv), "since": entry.started_at, "listens": True}
        for entry in ready
    ] + [{"pid": each.pid, "name": None, "argv": list(each.argv), "since": None, "listens": False} for each in others]


def _words(argv: tuple[str, ...]) -> str:
    return printable(shlex.join(argv))
