"""Results in words and in the documented JSON form."""

from __future__ import annotations

from memdb_tui.lab.result import Result


def as_json(result: Result) -> dict[str, object]:
    """Return the documented JSON form of a result.

    `verdict` is one of holds, fails, depends, made-a-file, not-run; `reason` says why it is that one.
    """
    entry = result.entry
    return {
        "id": entry.id,
        "title": entry.title,
        "group": entry.recipe.group.value,
        "claim": entry.recipe.claim,
        "source": entry.recipe.source,
        "code": entry.code.text,
        "verdict": result.verdict.value,
        "reason": result.judgement.reason,
        "observed": result.observed.to_json(),
        "works_instead": entry.works_instead or None,
    }


def as_lines(result: Result) -> list[str]:
    """Return everything about a result as lines of text."""
    entry, seen = result.entry, result.observed
    lines = [
        f"{result.verdict.value.upper()}  {entry.id}: {entry.title}",
        f"  claim   “{entry.recipe.claim}”",
        f"  source  {entry.recipe.source}",
        f"  reason  {result.judgement.reason}",
        "  code",
        *(f"    {line}".rstrip() for line in entry.code.text.splitlines()),
        "  observed",
    ]
    lines += [f"    reached  {call}" for call in seen.connect_args]
    lines += [
        f"    outcome  {seen.outcome.words if seen.outcome else 'not known'}",
        f"    files    {', '.join(map(repr, seen.files)) or 'none'}",
        f"    shared   {_SAID[seen.shared]}",
        f"    error    {seen.error or 'none'}",
        f"    pool     {seen.pool or 'none'}",
    ]
    lines += [f"    warning  {warning}" for warning in seen.warnings]
    lines += [f"    {name} = {value!r}" for name, value in seen.values.items()]
    lines += [f"    printed  {line}" for line in result.output.splitlines()]
    if entry.works_instead:
        lines.append(f"  works instead  {entry.works_instead}")
    return lines


_SAID = {True: "yes", False: "no", None: "not known"}
