"""One sentence on why the outcome of a string is what it is."""

from __future__ import annotations

from collections.abc import Mapping

from memdb_tui.explain.explanation import Finding, Outcome
from memdb_tui.explain.trail import Trail

_PRIVATE = ("cache-shared-missing", "memdb-needs-slash", "nameless-memory", "query-dropped", "uri-in-connect-args")
_CAUSES_OF_FILE = (
    "html-escaped-ampersand",
    "percent-encoded-question-mark",
    "uri-in-connect-args",
    "uri-true-missing",
    "case-sensitive-scheme",
    "file-prefix-missing",
    "misspelt-memory",
    "case-sensitive-parameter",
    "duplicate-parameter",
    "fragment-dropped",
    "memory-becomes-file",
    "mode-memory-missing",
)


def reason(trail: Trail, findings: tuple[Finding, ...]) -> str:
    """Return why the outcome is what it is, one whole sentence."""
    messages = {finding.code: finding.message for finding in reversed(findings)}
    outcome, opening = trail.outcome, trail.opening
    if outcome is Outcome.ERROR:
        return _refusal(trail, findings)
    if outcome is Outcome.FILE:
        return _cause(messages, _CAUSES_OF_FILE) or "The string names a file, and SQLite opens it."
    if outcome is Outcome.TEMPORARY:
        return messages["temporary-on-disk"]
    if outcome is Outcome.MEMORY_PRIVATE:
        return _cause(messages, _PRIVATE) or "A private in-memory database: every connection has its own."
    if opening is not None and opening.parsed.vfs == b"memdb" and opening.database is not None:
        return f"Every connection that opens the memdb store {opening.database!r} shares it."
    name = None if opening is None else opening.database
    return (
        f"mode=memory and cache=shared: every connection that opens {name!r} shares it."
        if (name != ":memory:")
        else messages["process-global-name"]
    )


def _refusal(trail: Trail, findings: tuple[Finding, ...]) -> str:
    if findings and findings[0].message:
        return findings[0].message
    return "It is refused." if trail.refusal is None else f"It is refused: {trail.refusal.error}."


def _cause(messages: Mapping[str, str], codes: tuple[str, ...]) -> str | None:
    return next((messages[code] for code in codes if code in messages), None)
