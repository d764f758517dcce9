"""`memdb-tui run`: a program started with a look into its databases from its first line on."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import click

from memdb_tui.commands.failing import EXIT_FAILED, told_in_a_sentence
from memdb_tui.commands.printing import printable
from memdb_tui.commands.run_end import end_as
from memdb_tui.commands.screen_options import screen_of, screen_options
from memdb_tui.commands.terminal import require_terminal
from memdb_tui.errors import UsageError
from memdb_tui.programs.command_line import program_of
from memdb_tui.programs.options import LISTEN_VARIABLE, RunOptions
from memdb_tui.programs.report import Report

EXIT_STRAY = 3
"""The program succeeded, and a stray file appeared."""

_EXAMPLES = """\b
Examples:
  memdb-tui run app.py --port 8000
  memdb-tui run -m flask run
  memdb-tui run --headless --report out.json --fail-on-stray -- pytest -x
"""
_FOLDER = click.Path(exists=True, file_okay=False)


@click.command(
    name="run",
    # Options end at the script: what follows is the program's.
    context_settings={"help_option_names": ["-h", "--help"], "allow_interspersed_args": False},
    epilog=_EXAMPLES,
)
@click.argument("words", nargs=-1, required=True, metavar="SCRIPT|COMMAND [ARGS]...", type=click.UNPROCESSED)
@click.option("-m", "is_module", is_flag=True, help="SCRIPT is a module, as for python -m.")
@click.option("--cwd", type=_FOLDER, help="Start the program in this folder.")
@click.option("--python", metavar="PATH", help="The interpreter (3.11 or newer) that runs it.")
@click.option("--follow/--no-follow", default=True, show_default=True, help="Look into its child processes too.")
@click.option("--trace", is_flag=True, help="Count statements and show the last one; slows each one down.")
@click.option("--listen", is_flag=True, help="Let “memdb-tui attach” and “dump” reach it too.")
@click.option("--headless", is_flag=True, help="No screen: the program keeps the terminal.")
@click.option("--report", type=click.Path(dir_okay=False), metavar="FILE", help="With --headless: a JSON report.")
@click.option(
    "--fail-on-stray", is_flag=True, help="With --headless: end with 3 instead of 0 if a stray file appeared."
)
@click.option("--watch", multiple=True, metavar="DIR", type=_FOLDER, help="Watch this folder too.")
@screen_options
def command(
    words: tuple[str, ...],
    *,
    is_module: bool,
    cwd: str | None,
    python: str | None,
    follow: bool,
    trace: bool,
    listen: bool,
    headless: bool,
    report: str | None,
    fail_on_stray: bool,
    watch: tuple[str, ...],
    theme: str,
    size: tuple[int, int] | None,
    fixed_clock: bool,
    stills: str | None,
) -> None:
    """Start a program and look into its SQLite connections from its first line on.

    The program runs as it would without memdb-tui. Its exit status is returned; if a signal killed it, this command
    ends by the same signal.
    """
    if not headless and (report is not None or fail_on_stray):
        raise click.UsageError("--report and --fail-on-stray go with --headless.")
    with told_in_a_sentence():
        folder = _folder(cwd)
        options = RunOptions(
            argv=program_of(words, is_module=is_module, python=python, cwd=folder),
            name=words[0],
            cwd=str(folder),
            follow=follow,
            trace=trace,
            watch=watch,
            screen=screen_of(theme=theme, size=size, fixed_clock=fixed_clock, stills=stills),
        )
        if listen:
            os.environ[LISTEN_VARIABLE] = "1"
        if headless:
            end_as(_run_headless(options, None if report is None else Path(report), fail_on_stray=fail_on_stray))
        require_terminal("with --headless it needs none.")
        end_as(_run_on_screen(options))


def _folder(cwd: str | None) -> Path:
    """Where the program starts, absolute."""
    try:
        return Path(cwd or "").absolute()
    except FileNotFoundError as error:
        raise UsageError(
            "The folder this was started in has been removed.",
            hint="Change into another one, or name one with --cwd.",
        ) from error


def _run_on_screen(options: RunOptions) -> int:
    from memdb_tui.ui.doors import run_program  # noqa: PLC0415 - Textual comes only where there is a screen

    outcome = run_program(options)
    return outcome.return_code if outcome.status is None else outcome.status


def _run_headless(options: RunOptions, path: Path | None, *, fail_on_stray: bool) -> int:
    from memdb_tui.programs.headless import run_headless  # noqa: PLC0415 - only here

    if path is not None and not _may_be_written(path):
        raise UsageError(f"The report cannot be written to {path}.", hint="Name a file in a folder that is there.")
    # What asyncio says of itself where PYTHONDEVMODE asks for it would stand among the words of the program.
    found = asyncio.run(run_headless(options), debug=False)
    for line in _complaints(found, with_strays=fail_on_stray or path is None):
        click.echo(f"memdb-tui: {line}", err=True)
    status = found.exit_status or 0
    if path is not None:
        try:
            path.write_text(json.dumps(found.to_json(), indent=2) + "\n", encoding="utf-8")
        except OSError as error:
            click.echo(f"memdb-tui: The report cannot be written to {path}: {error.strerror or error}.", err=True)
            status = status or EXIT_FAILED
    if fail_on_stray and status == 0 and found.strays:
        return EXIT_STRAY
    return status


def _may_be_written(path: Path) -> bool:
    if path.exists():
        return not path.is_dir() and os.access(path, os.W_OK)
    return os.access(path.absolute().parent, os.W_OK)


def _complaints(found: Report, *, with_strays: bool) -> list[str]:
    """What somebody who does not read the report should hear: strays, and what could not be looked into."""
    lines = []
    for stray in found.strays if with_strays else ():
        line = f"stray file {stray.path}: {stray.reason}"
        lines.append(printable(f"{line} Fix: {stray.suggestion}" if stray.suggestion else line))
    lines += [
        printable(note)
        for process in found.processes
        if not process.connections and not process.program.python_version
        for note in process.program.notes
    ]
    return lines
