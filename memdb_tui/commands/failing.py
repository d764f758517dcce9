"""What went wrong, as a sentence on stderr and an exit status."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from memdb_tui.commands.printing import printable
from memdb_tui.errors import MemdbError, UsageError

EXIT_FAILED, EXIT_USAGE = 1, 2


class Failure(click.ClickException):
    """An error of ours; click prints it and ends with its status."""

    exit_code = EXIT_FAILED

    def __init__(self, error: MemdbError) -> None:
        super().__init__(printable(f"{error} {error.hint}".strip()))

    def show(self, file: object = None) -> None:
        """Print it, one sentence after the other."""
        del file
        click.echo(f"memdb-tui: {self.message}", err=True)


class UsageFailure(Failure):
    """The request made no sense."""

    exit_code = EXIT_USAGE


@contextmanager
def told_in_a_sentence() -> Iterator[None]:
    """Let errors of ours end the command: 2 where the request made no sense, else 1."""
    try:
        yield
    except MemdbError as error:
        raise (UsageFailure if isinstance(error, UsageError) else Failure)(error) from error
