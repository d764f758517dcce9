"""`memdb-tui lab`: claims about in-memory SQLite, run for real on this machine."""

from __future__ import annotations

import json
import sys

import click

from memdb_tui.commands.lab_matrix import Column, column_of, matrix_json, matrix_lines
from memdb_tui.commands.printing import printable
from memdb_tui.errors import UsageError
from memdb_tui.lab.judgement import Verdict
from memdb_tui.lab.report import as_json, as_lines
from memdb_tui.lab.result import Result
from memdb_tui.lab.runner import DEADLINE_SECONDS, run
from memdb_tui.lab.shelf import Entry, chosen, entries

ALL_ENDED, SOME_BROKEN = 0, 1
_COLOURS = {
    Verdict.HOLDS: "green",
    Verdict.FAILS: "red",
    Verdict.DEPENDS: "yellow",
    Verdict.MADE_A_FILE: "red",
    Verdict.NOT_RUN: "bright_black",
}
_WIDEST_VERDICT = max(len(verdict.value) for verdict in Verdict)


@click.command(name="lab", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("ids", metavar="[ID]…", nargs=-1)
@click.option("--only", metavar="ID…", multiple=True, help="Run these recipes, and show everything about them.")
@click.option("--list", "only_list", is_flag=True, help="List the recipes without running them.")
@click.option("--json", "as_json_form", is_flag=True, help="Print the results as JSON.")
@click.option("--matrix", is_flag=True, help="Run with every --python and print a table.")
@click.option("--python", "pythons", metavar="PATH", multiple=True, help="An interpreter to run with; repeatable.")
@click.option(
    "--deadline",
    type=click.FloatRange(min=0, min_open=True),
    default=DEADLINE_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="How long a recipe may take before it is stopped.",
)
@click.pass_context
def command(
    context: click.Context,
    /,
    ids: tuple[str, ...],
    *,
    only: tuple[str, ...],
    only_list: bool,
    as_json_form: bool,
    matrix: bool,
    pythons: tuple[str, ...],
    deadline: float,
) -> None:
    """Run the recipes: show each claim, whether it holds here, and what works instead.

    Each runs in a process of its own in an empty temporary folder. Exit 0 if all ran to their end, whatever their
    verdicts, 1 if one crashed or had to be stopped, or an interpreter did not start, 2 for a usage error.
    """
    if len(pythons) > 1 and not matrix:
        raise click.UsageError("Several --python need --matrix.")
    asked = (*only, *ids)
    try:
        wanted = chosen(entries(), asked)
    except UsageError as error:
        raise click.UsageError(f"{error} {error.hint}") from error
    if only_list:
        _list(wanted)
        return
    interpreters = pythons or (sys.executable,)
    if matrix:
        columns = [column_of(python, run(wanted, python, deadline_seconds=deadline)) for python in interpreters]
        _print_matrix(wanted, columns, as_json_form=as_json_form)
        results = [result for column in columns for result in column.results.values()]
    else:
        results = run(wanted, interpreters[0], deadline_seconds=deadline)
        _print(results, as_json_form=as_json_form, whole=bool(asked))
    context.exit(SOME_BROKEN if any(result.is_broken for result in results) else ALL_ENDED)


def _list(wanted: tuple[Entry, ...]) -> None:
    for entry in wanted:
        click.echo(f"{entry.id}  {entry.title}")


def _print(results: list[Result], *, as_json_form: bool, whole: bool) -> None:
    if as_json_form:
        click.echo(json.dumps([as_json(result) for result in results], indent=2))
        return
    group = None
    for result in results:
        if whole:
            click.echo("\n".join(printable(line) for line in as_lines(result)) + "\n")
            continue
        if result.entry.recipe.group is not group:
            group = result.entry.recipe.group
            click.secho(f"\n{group.value}", bold=True)
        click.echo(_short(result))
    if not whole:
        counts = ", ".join(f"{sum(result.verdict is each for result in results)} {each.value}" for each in Verdict)
        click.echo(f"\n{len(results)} run: {counts}. “memdb-tui lab ID” tells everything about one.")


def _short(result: Result) -> str:
    verdict = click.style(f"{result.verdict.value:{_WIDEST_VERDICT}}", fg=_COLOURS[result.verdict])
    indent = " " * (_WIDEST_VERDICT + 4)
    lines = [
        f"  {verdict}  {result.entry.title}  ({result.entry.id})",
        f"{indent}{printable(result.judgement.reason.partition(chr(10))[0])}",
    ]
    if result.entry.works_instead and result.verdict is not Verdict.HOLDS:
        lines.append(f"{indent}works instead: {result.entry.works_instead}")
    return "\n".join(lines)


def _print_matrix(wanted: tuple[Entry, ...], columns: list[Column], *, as_json_form: bool) -> None:
    if as_json_form:
        click.echo(json.dumps(matrix_json(wanted, columns), indent=2))
    else:
        click.echo("\n".join(matrix_lines(wanted, columns)))
