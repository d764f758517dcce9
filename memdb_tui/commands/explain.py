"""`memdb-tui explain`: what a connection string will do, said before it does it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console

from memdb_tui.commands.explain_input import Question, question_of_json, questions_of
from memdb_tui.commands.explain_view import show, show_comparison, show_proof
from memdb_tui.commands.printing import printable
from memdb_tui.errors import UsageError
from memdb_tui.explain import JSON_VERSION, Explanation, Kind
from memdb_tui.explain.versions import Comparison, ask_other, declare_other, line_of


@click.command(name="explain", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("strings", metavar="STRING…", nargs=-1)
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), help="What the string is given to.")
@click.option("--prove", is_flag=True, help="Open it for real, in a child process in an empty folder.")
@click.option(
    "--compare", type=click.Choice(["raw"]), help="Open it for real, raw with sqlite3 and through SQLAlchemy."
)
@click.option("--json", "as_json", is_flag=True, help="JSON instead of text.")
@click.option("--stdin", "from_stdin", is_flag=True, help="JSON lines in, JSON lines out.")
@click.option(
    "--cwd",
    type=click.Path(file_okay=False, path_type=Path),
    help="Explain as if started in this folder.",
)
@click.option("--with", "requirement", metavar="sqlalchemy==2.0.*", help="Compare with another SQLAlchemy.")
@click.option("--python", metavar="PATH", help="The interpreter that has the other SQLAlchemy.")
def command(
    strings: tuple[str, ...],
    *,
    kind: str | None,
    prove: bool,
    compare: str | None,
    as_json: bool,
    from_stdin: bool,
    cwd: Path | None,
    requirement: str | None,
    python: str | None,
) -> None:
    """Say what connection strings will do, without opening them.

    A STRING is a SQLAlchemy URL, a name for sqlite3.connect, a line of code that calls create_engine or connect, or a
    Django DATABASES entry. Code is read, never run.
    """
    folder = None if cwd is None else str(cwd)
    if from_stdin:
        if strings:
            raise click.UsageError("Give strings as arguments or on standard input, not both.")
        if prove or compare or requirement or python:
            raise click.UsageError("--stdin explains; proofs and comparisons take strings as arguments.")
        _serve_lines(folder)
        return
    if not strings:
        raise click.UsageError("Give a connection string. Quote it: the shell takes an unquoted & for itself.")
    reports = [
        _Report(question, folder, prove=prove, compare=compare is not None, requirement=requirement, python=python)
        for question in _questions(strings, None if kind is None else Kind(kind))
    ]
    if as_json:
        forms = [report.to_json() for report in reports]
        click.echo(json.dumps(forms if len(forms) > 1 or len(strings) > 1 else forms[0], indent=2))
        return
    console = Console(highlight=False, markup=False, emoji=False)
    for number, report in enumerate(reports):
        if number:
            console.print()
        report.show(console, with_title=len(reports) > 1)


class _Report:
    """One explained string with what was asked beside it."""

    def __init__(
        self,
        question: Question,
        cwd: str | None,
        *,
        prove: bool,
        compare: bool,
        requirement: str | None,
        python: str | None,
    ) -> None:
        self.question = question
        self.explanation = question.answer(cwd)
        self.proof = self.explanation.prove() if prove or compare else None
        self.raw_proof = self.explanation.prove(raw=True) if compare else None
        self.comparison = _compare(self.explanation, requirement, python)

    def to_json(self) -> dict[str, object]:
        """Return the documented JSON form."""
        form = _json_form(self.question, self.explanation)
        if self.proof is not None:
            form["proof"] = self.proof.to_json()
        if self.raw_proof is not None:
            form["raw_proof"] = {"input": self.raw_proof.prediction.input, **self.raw_proof.to_json()}
        if self.comparison is not None:
            form["comparison"] = self.comparison.to_json()
        return form

    def show(self, console: Console, *, with_title: bool) -> None:
        """Print it for people."""
        if with_title:
            console.print(printable(self.question.given), style="bold underline", soft_wrap=True)
        show(console, self.explanation)
        if self.question.unknown:
            console.print(f"Known only at run time, and left out: {', '.join(self.question.unknown)}.")
        if self.proof is not None:
            show_proof(console, self.proof, title="as given")
        if self.raw_proof is not None:
            show_proof(console, self.raw_proof, title=f"raw sqlite3: {self.raw_proof.prediction.input}")
        if self.comparison is not None:
            show_comparison(console, self.comparison)


def _questions(strings: tuple[str, ...], kind: Kind | None) -> Iterator[Question]:
    for text in strings:
        yield from questions_of(text, kind)


def _compare(explanation: Explanation, requirement: str | None, python: str | None) -> Comparison | None:
    if requirement is None and python is None:
        return None
    try:
        line = None if requirement is None else line_of(requirement)
        if python is None:
            return declare_other(explanation, line or "")
        found = ask_other(explanation, python)
    except UsageError as error:
        raise click.UsageError(f"{error} {error.hint}".strip()) from error
    if line is not None and not found.other.startswith(f"{line}."):
        raise click.UsageError(f"{python} has SQLAlchemy {found.other}, not {line}.")
    return found


def _json_form(question: Question, explanation: Explanation) -> dict[str, object]:
    form = explanation.to_json()
    if question.given != question.string:
        form |= {"input": question.given, "string": question.string, "unknown": list(question.unknown)}
    return form


def _serve_lines(cwd: str | None) -> None:
    """Answer each line of standard input with a line; what is not understood is answered too."""
    for line in sys.stdin.buffer:
        text = line.decode("utf-8", "surrogateescape").strip()
        if not text:
            continue
        try:
            question = question_of_json(text)
            form = _json_form(question, question.answer(cwd))
        except UsageError as error:
            form = {"version": JSON_VERSION, "input": text, "outcome": "error", "error": str(error), "refused": True}
        click.echo(json.dumps(form))
