"""Everything there is to know about a string, found by rules that look at its trail."""

from __future__ import annotations

from memdb_tui.explain import findings_sqlalchemy, findings_sqlite
from memdb_tui.explain.explanation import Finding, Outcome, Severity
from memdb_tui.explain.finding_codes import SEVERITIES, finding
from memdb_tui.explain.trail import Trail

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_CODES = tuple(SEVERITIES)


def find(trail: Trail) -> tuple[Finding, ...]:
    """Return what there is to know about a string, the gravest first and causes before effects."""
    found = [rule_finding for rule in findings_sqlalchemy.RULES for rule_finding in rule(trail)]
    found += [rule_finding for rule in findings_sqlite.RULES for rule_finding in rule(trail)]
    has_error = any(each.severity is Severity.ERROR for each in found)
    if trail.meant_as_memory and trail.outcome is Outcome.FILE and not has_error:
        found.append(
            finding(
                "memory-becomes-file",
                "The string says memory, and SQLite opens a file.",
                "Use the suggested string.",
            )
        )
    if trail.refusal is not None and not has_error:
        found.append(finding("cannot-be-opened", f"It is refused: {_first_line(trail.refusal.error)}.", ""))
    found.sort(key=lambda each: (_ORDER[each.severity], _CODES.index(each.code)))
    return tuple(found)


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]
