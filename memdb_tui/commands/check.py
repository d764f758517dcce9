"""`memdb-tui check`: connection strings held to what they should do, for CI and pre-commit."""

from __future__ import annotations

import json
from pathlib import Path

import click

from memdb_tui.commands.check_report import as_sarif, as_text
from memdb_tui.commands.explain_input import questions_of
from memdb_tui.commands.printing import printable
from memdb_tui.explain import Explanation, Kind, Outcome, Severity
from memdb_tui.explain.scan import Hit, UnreadableError, files_in, scan_file

AS_EXPECTED, NOT_AS_EXPECTED, USAGE = 0, 1, 2
_EXPECTED = {
    "memory-shared": {Outcome.MEMORY_SHARED},
    "memory": {Outcome.MEMORY_SHARED, Outcome.MEMORY_PRIVATE},
    "file": {Outcome.FILE},
}


@click.command(name="check", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("strings", metavar="[STRING|PATH]…", nargs=-1)
@click.option("--expect", type=click.Choice(list(_EXPECTED)), help="What every string should open.")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), help="What the strings are given to.")
@click.option("--scan", is_flag=True, help="The arguments are files and folders: find the strings in them.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    show_default=True,
    help="How findings are reported.",
)
@click.pass_context
def command(
    context: click.Context,
    /,
    strings: tuple[str, ...],
    *,
    expect: str | None,
    kind: str | None,
    scan: bool,
    output_format: str,
) -> None:
    """Check connection strings: exit 0 if all pass, 1 if not, 2 for a usage error.

    Without --expect a string passes if it has no error finding. With --scan the connection strings in
    Python source, TOML, YAML, INI and .env files are checked, and every error and warning is reported.
    """
    if not strings:
        raise click.UsageError("Give a connection string, or --scan and a path.")
    if scan:
        if expect is not None or kind is not None:
            raise click.UsageError("--scan finds out the kind by itself and expects no findings.")
        context.exit(_scan(strings, output_format))
    if output_format == "sarif":
        raise click.UsageError("SARIF needs places in files: use it with --scan.")
    context.exit(_check(strings, None if kind is None else Kind(kind), expect, output_format))


def _check(strings: tuple[str, ...], kind: Kind | None, expect: str | None, output_format: str) -> int:
    explained = [question.answer(None) for text in strings for question in questions_of(text, kind)]
    passed = [_passes(explanation, expect) for explanation in explained]
    if output_format == "json":
        forms = [
            {**explanation.to_json(), "expected": expect, "passed": each}
            for explanation, each in zip(explained, passed, strict=True)
        ]
        click.echo(json.dumps(forms, indent=2))
    else:
        for explanation, each in zip(explained, passed, strict=True):
            click.echo(_verdict(explanation, expect, passed=each))
    return AS_EXPECTED if all(passed) else NOT_AS_EXPECTED


def _passes(explanation: Explanation, expect: str | None) -> bool:
    if expect is None:
        return not any(finding.severity is Severity.ERROR for finding in explanation.findings)
    return explanation.outcome in _EXPECTED[expect] and not (expect == "file" and explanation.stray)


def _verdict(explanation: Explanation, expect: str | None, *, passed: bool) -> str:
    mark = "ok" if passed else "FAIL"
    wanted = f", expected {expect}" if expect is not None and not passed else ""
    line = f"{mark}: {printable(explanation.input)}: {explanation.outcome.value}{wanted}"
    if passed:
        return line
    line += f": {printable(explanation.reason)}"
    return line if explanation.suggestion is None else f"{line}\n      fix: {printable(explanation.suggestion)}"


def _scan(paths: tuple[str, ...], output_format: str) -> int:
    hits: list[Hit] = []
    unreadable = False
    for named in paths:
        path = Path(named)
        if not path.exists():
            raise click.UsageError(f"There is no file or folder {printable(named)}.")
        for file in files_in(path):
            try:
                hits.extend(scan_file(file))
            except UnreadableError as error:
                unreadable = True
                click.echo(f"{printable(str(file))}: not scanned: {printable(str(error))}", err=True)
    if output_format == "json":
        click.echo(json.dumps([_json_form(hit) for hit in hits], indent=2))
    elif output_format == "sarif":
        click.echo(json.dumps(as_sarif(hits), indent=2))
    else:
        for hit in hits:
            click.echo(as_text(hit))
    if hits:
        return NOT_AS_EXPECTED
    return USAGE if unreadable else AS_EXPECTED


def _json_form(hit: Hit) -> dict[str, object]:
    return {
        "file": hit.file,
        "line": hit.line,
        "column": hit.column,
        "code": hit.finding.code,
        "severity": hit.finding.severity.value,
        "message": hit.finding.message,
        "remedy": hit.finding.remedy,
        "string": hit.string,
        "suggestion": hit.suggestion,
    }
