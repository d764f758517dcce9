"""An explanation as text for people: the verdict, the path or name and the fix first."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from memdb_tui.commands.printing import printable
from memdb_tui.explain.explanation import Explanation, Finding, Outcome, Severity
from memdb_tui.explain.trial import Proof
from memdb_tui.explain.versions import Comparison

_MARKS = {Severity.ERROR: ("✗", "bold red"), Severity.WARNING: ("!", "yellow"), Severity.NOTE: ("·", "dim")}
_VERDICTS = {
    Outcome.MEMORY_SHARED: ("◆ in memory, shared", "bold green"),
    Outcome.MEMORY_PRIVATE: ("◇ in memory, private to each connection", "bold yellow"),
    Outcome.FILE: ("▤ on disk: a file", "bold"),
    Outcome.TEMPORARY: ("▤ a private temporary database, on disk when it grows", "bold yellow"),
    Outcome.ERROR: ("✗ cannot be opened", "bold red"),
}


def show(console: Console, explanation: Explanation) -> None:
    """Print an explanation; its first four lines are the verdict, the path or name, the fix and the reason."""
    for line in head(explanation):
        console.print(line, soft_wrap=True)
    if explanation.alternatives:
        console.print(_line("      or  ", "dim", explanation.alternatives[0]), soft_wrap=True)
        for alternative in explanation.alternatives[1:]:
            console.print(_line("          ", "dim", alternative), soft_wrap=True)
    rest = [finding for finding in explanation.findings if finding.message != explanation.reason or finding.remedy]
    if rest:
        console.print()
    for finding in rest:
        console.print(_finding(finding))
    console.print()
    _pipeline(console, explanation)


def head(explanation: Explanation) -> tuple[Text, Text, Text, Text]:
    """Return the four lines that matter most: verdict, path or name, fix, reason."""
    words, style = _VERDICTS[explanation.outcome]
    if explanation.stray:
        words, style = "▲ a stray file: meant as memory, but on disk", "bold red"
    verdict = Text(words, style=style)
    verdict.append(f"   ({explanation.kind.value})", style="dim")
    fix = explanation.suggestion
    return (
        verdict,
        _line("    path  " if explanation.path is not None else "    name  ", "dim", _place(explanation)),
        _line("     fix  ", "dim", fix or _without_fix(explanation), style="bold green" if fix else ""),
        _line("     why  ", "dim", explanation.reason),
    )


def _without_fix(explanation: Explanation) -> str:
    """What stands in place of a better string: where it cannot be opened, what else to do about that."""
    if explanation.outcome is not Outcome.ERROR:
        return "none needed"
    remedies = (finding.remedy for finding in explanation.findings if finding.severity is Severity.ERROR)
    return next(filter(None, remedies), "none known")


def _place(explanation: Explanation) -> str:
    if explanation.path is not None:
        if explanation.path_exists:
            return f"{explanation.path} (is there)"
        return f"{explanation.path} ({'would be made' if explanation.creates_file else 'is not there'})"
    if explanation.database is not None:
        return explanation.database
    return "none, so nothing else can open it" if explanation.outcome is not Outcome.ERROR else "none"


def _line(label: str, label_style: str, text: str, *, style: str = "") -> Text:
    line = Text(label, style=label_style)
    line.append(printable(text), style=style)
    return line


def _finding(finding: Finding) -> Text:
    mark, style = _MARKS[finding.severity]
    line = Text(f"{mark} {finding.code}: ", style=style)
    line.append(printable(finding.message), style="not bold default")
    if finding.remedy:
        line.append(f" {printable(finding.remedy)}", style="not bold italic default")
    return line


def _pipeline(console: Console, explanation: Explanation) -> None:
    for number, layer in enumerate(explanation.layers, start=1):
        title = Text(f"{number} {layer.name}", style="bold")
        console.print(title)
        if layer.went_out:
            console.print(_line("  → ", "dim", layer.went_out), soft_wrap=True)
        for lost in layer.lost:
            console.print(_line("  ✂ lost: ", "red", lost), soft_wrap=True)
        for note in layer.notes:
            console.print(_line("    ", "dim", note, style="dim"), soft_wrap=True)


def show_proof(console: Console, proof: Proof, *, title: str) -> None:
    """Print prediction and proof side by side."""
    console.print()
    console.print(Text(f"proof: {title}", style="bold"))
    if proof.not_proven:
        console.print(_line("  not proven: ", "yellow", proof.not_proven), soft_wrap=True)
        return
    width = max(len(printable(predicted)) for _, predicted, _ in proof.rows())
    console.print(Text(f"  {'':12}{'predicted':{max(width, 9)}}   happened", style="dim"))
    for what, predicted, happened in proof.rows():
        same = predicted == happened
        line = Text(f"  {what:12}")
        line.append(f"{printable(predicted):{max(width, 9)}}   ")
        line.append(printable(happened), style="" if same else "bold red")
        console.print(line, soft_wrap=True)
    words = "as predicted" if proof.agrees else "NOT as predicted: this is a mistake in memdb-tui, please report it"
    console.print(Text(f"  {words}", style="green" if proof.agrees else "bold red"))


def show_comparison(console: Console, comparison: Comparison) -> None:
    """Print what differs under another SQLAlchemy."""
    console.print()
    title = f"SQLAlchemy {comparison.here} here, {comparison.other} there ({comparison.evidence})"
    console.print(Text(title, style="bold"))
    if not comparison.differences and not comparison.notes:
        console.print(Text("  no difference"))
    for what, here, there in comparison.differences:
        console.print(_line(f"  {what}: ", "yellow", f"{here} here, {there} there"), soft_wrap=True)
    for note in comparison.notes:
        console.print(_line("  ", "dim", note), soft_wrap=True)
