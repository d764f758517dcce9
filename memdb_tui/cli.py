"""The command line: `memdb-tui [DATABASE …]` opens the terminal UI; a first word that is a command runs that."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from memdb_tui import __version__
from memdb_tui.commands.screen_options import screen_of, screen_options
from memdb_tui.commands.terminal import require_terminal

EXIT_USAGE = 2

_COMMANDS = {
    "run": "Start a program and look into its databases from its first line on.",
    "attach": "Look into a process that runs already.",
    "ps": "List the processes that can be attached to.",
    "dump": "Print once what a running process has open.",
    "explain": "Say what a connection string will do, before it does it.",
    "check": "Check connection strings in CI, or find them in sources.",
    "caches": "Open strings for real and say who shares with whom.",
    "lab": "Run claims about SQLite in memory, and well-known bugs, for real.",
    "env": "Show the versions and build options that change what happens.",
}
"""Commands besides the default; each is a module of `memdb_tui.commands`, imported when it is asked for."""

_EXAMPLES = ("memdb-tui db1 db2", "memdb-tui 'sqlite:///file:db1?mode=memory&cache=shared&uri=true'")
_DEFAULT_DATABASES = ("db1", "db2")


def main() -> None:
    """Run a command, or open the terminal UI."""
    words = sys.argv[1:]
    if words and words[0] in _COMMANDS:
        command: click.Command = importlib.import_module(f"memdb_tui.commands.{words[0]}").command
        command.main(words[1:], prog_name=f"memdb-tui {words[0]}")
    else:
        open_databases.main(words, prog_name="memdb-tui")


class _OpenCommand(click.Command):
    """The default command; its help names the others."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, and the other commands."""
        del ctx
        with formatter.section("Examples"):
            formatter.write_dl([(line, "") for line in _EXAMPLES])
        with formatter.section("Commands (to open a DATABASE of such a name, put -- before it)"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_OpenCommand, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("databases", nargs=-1, metavar="[DATABASE]...")
@click.option(
    "--sql", "scripts", multiple=True, metavar="NAME:FILE", help="Run a SQL file in a database at the start."
)
@click.option("--allow-files", is_flag=True, help="Do not ask before a string makes a file.")
@click.option(
    "--watch",
    multiple=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="Watch this folder too.",
)
@screen_options
@click.version_option(__version__, prog_name="memdb-tui")
def open_databases(
    databases: tuple[str, ...],
    *,
    scripts: tuple[str, ...],
    allow_files: bool,
    watch: tuple[str, ...],
    theme: str,
    size: tuple[int, int] | None,
    fixed_clock: bool,
    stills: str | None,
) -> None:
    """Open several in-memory SQLite databases side by side.

    A DATABASE is a bare name (db1: shared in memory, in this session's own process), a SQLAlchemy URL, a file: URI,
    or :memory:. Without one, db1 and db2 are opened. "-" reads them from standard input, one a line. Quote URLs: the
    shell cuts them at &.
    """
    wanted = _with_standard_input(databases) or _DEFAULT_DATABASES
    from memdb_tui.commands.failing import told_in_a_sentence  # noqa: PLC0415 - as below

    with told_in_a_sentence():
        require_terminal("“memdb-tui explain” and “memdb-tui check” need none.")
    to_run = tuple(_script(text) for text in scripts)
    screen = screen_of(theme=theme, size=size, fixed_clock=fixed_clock, stills=stills)
    from memdb_tui.client.launch import spawn_host, terminal_as_it_is  # noqa: PLC0415 - as below

    # A start makes much and throws away little: collecting comes when the first screen is there.
    gc.disable()
    # Started before Textual is imported: the host imports SQLAlchemy meanwhile. Whatever happens, it ends with this.
    host = spawn_host(preload=_needs_sqlalchemy(wanted), terminal=terminal_as_it_is(1))
    with contextlib.closing(host):
        from memdb_tui.ui.app import MemdbApp, Options  # noqa: PLC0415 - --help and --version need none of it

        options = Options(
            databases=wanted,
            scripts=to_run,
            allow_files=allow_files,
            watch=watch,
            fixed_clock=screen.fixed_clock,
            theme=screen.theme,
            stills=Path(screen.stills) if screen.stills is not None else None,
        )
        app = MemdbApp(options, host)
        app.run(size=screen.size)
    sys.exit(app.return_code or 0)


def _needs_sqlalchemy(databases: Sequence[str]) -> bool:
    return any(not text.startswith("file:") and text != ":memory:" for text in databases)


def _with_standard_input(databases: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments, with `-` replaced by the lines of standard input; keys come from the terminal then."""
    if "-" not in databases:
        return databases
    lines = tuple(line.strip() for line in sys.stdin.read().splitlines() if line.strip())
    with contextlib.suppress(OSError):
        terminal = os.open("/dev/tty", os.O_RDWR)
        os.dup2(terminal, 0)
        os.close(terminal)
    index = databases.index("-")
    return (*databases[:index], *lines, *(word for word in databases[index + 1 :] if word != "-"))


def _script(text: str) -> tuple[str, Path]:
    name, colon, path = text.rpartition(":")
    if not colon or not name:
        _fail(f"--sql {text!r} has no NAME:FILE.", "Write the database, a colon, and the file: --sql db1:schema.sql")
    file = Path(path)
    if not file.is_file():
        _fail(f"--sql: there is no file {path!r}.", "Give the path of a SQL file after the colon.")
    return name, file


def _fail(message: str, hint: str) -> NoReturn:
    click.echo(f"memdb-tui: {message} {hint}", err=True)
    sys.exit(EXIT_USAGE)
