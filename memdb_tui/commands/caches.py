"""`memdb-tui caches`: strings opened for real, and who shares with whom."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

import memdb_tui
from memdb_tui.commands.printing import printable
from memdb_tui.explain import explain

SECONDS = 60.0
_START = """
import runpy, sys
sys.path.append(sys.argv.pop(1))
runpy.run_module("memdb_tui.commands.caches_child", run_name="__main__")
"""
_WORDS = {
    "shared-cache": "one shared cache in memory",
    "memdb-store": "one memdb store in memory",
    "private": "a private database in memory",
    "file": "one file on disk",
    "temporary": "a private temporary database",
}


@click.command(name="caches", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("strings", metavar="STRING…", nargs=-1, required=True)
@click.option("--allow-files", is_flag=True, help="Also open strings that make a file.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")
@click.pass_context
def command(context: click.Context, /, strings: tuple[str, ...], *, allow_files: bool, as_json: bool) -> None:
    """Open every string for real, all at the same time, and say who shares with whom.

    Strings that would make a file are refused unless --allow-files is given. Exit 1 if one could not be opened.
    """
    refused = [] if allow_files else [found for found in map(explain, strings) if found.creates_file]
    if refused:
        listed = "\n".join(f"  {printable(each.input)} would make {printable(each.path or '')}" for each in refused)
        raise click.UsageError(
            f"Nothing was opened, since these would make files:\n{listed}\nAllow it with --allow-files."
        )
    form = _ask(strings)
    if as_json:
        click.echo(json.dumps(form, indent=2))
    else:
        _show(form)
    connections = form["connections"]
    context.exit(1 if any(each["error"] is not None for each in connections) else 0)


def _ask(strings: tuple[str, ...]) -> dict[str, list[dict[str, object]]]:
    """Open the strings in a child process, whose end closes whatever was opened."""
    try:
        child = subprocess.run(  # noqa: S603 -- this interpreter, with a module of ours
            [sys.executable, "-P", "-c", _START, str(Path(memdb_tui.__file__).parents[1])],
            input=json.dumps(strings),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=True,
        )
        form: dict[str, list[dict[str, object]]] = json.loads(child.stdout)
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no words"])[-1]
        raise click.ClickException(f"The process that opened the strings failed: {last}") from error
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise click.ClickException(f"The process that opened the strings did not answer: {error}") from error
    return form


def _show(form: dict[str, list[dict[str, object]]]) -> None:
    console = Console(highlight=False, markup=False, emoji=False)
    connections = {str(each["id"]): each for each in form["connections"]}
    for cache in form["caches"]:
        members = cache["members"]
        assert isinstance(members, list)  # noqa: S101 -- for the type checker: the form is documented
        counted = cache["sqlite_count"]
        title = Text(f"◆{cache['id']} {_WORDS[str(cache['kind'])]}", style="bold")
        title.append(f" · {len(members)} connection{'s' if len(members) != 1 else ''}", style="not bold")
        title.append("" if counted is None else f" (SQLite counts {counted})", style="not bold dim")
        console.print(title)
        for member in members:
            each = connections[member]
            line = Text(f"  {member}  {printable(str(each['input']))}")
            line.append(f"  {each['evidence']}", style="dim")
            console.print(line, soft_wrap=True)
    for each in form["connections"]:
        if each["error"] is not None:
            line = Text(f"✗ {each['id']}  {printable(str(each['input']))}: ", style="bold red")
            line.append(printable(str(each["error"])), style="not bold")
            console.print(line, soft_wrap=True)
