"""One sentence on why the outcome of a string is what it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from memdb_tui.explain.explanation import Finding, Outcome
from memdb_tui.explain.trail import Trail

_PRIVATE = ("cache-shared-missing", "memdb-needs-slash", "nameless-memory", "query-dropped", "uri-in-connect-args")
_CAUSES_OF_FILE = {
    "html-escaped-ampersand": "&amp; in place of &",
    "percent-encoded-question-mark": "%3F in place of ?",
    "uri-in-connect-args": "uri=True not in its URL",
    "uri-true-missing": "no uri=true in its URL",
    "case-sensitive-scheme": "its file: has capitals",
    "file-prefix-missing": "no file: at its start",
    "misspelt-memory": "misspelt :memory:",
    "case-sensitive-parameter": "parameter in capitals",
    "duplicate-parameter": "parameter given twice",
    "fragment-dropped": "# ends the string",
    "memory-becomes-file": "it says memory",
    "mode-memory-missing": "no mode=memory",
}
"""Codes of findings that explain a file, causes before effects, each in at most 24 cells."""
_OPENED_RAW = {"uri-true-missing": "opened without uri=True"}
"""The same where no SQLAlchemy is involved."""


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


def brief(trail: Trail, findings: tuple[Finding, ...]) -> str:
    """Return the cause of a file in at most 24 cells, for where a sentence has no room; empty for anything else."""
    if trail.outcome is not Outcome.FILE:
        return ""
    found = {finding.code for finding in findings}
    words = _CAUSES_OF_FILE if trail.answer is not None else {**_CAUSES_OF_FILE, **_OPENED_RAW}
    return next((text for code, text in words.items() if code in found), "")


def _refusal(trail: Trail, findings: tuple[Finding, ...]) -> str:
    if findings and findings[0].message:
        return findings[0].message
    return "It is refused." if trail.refusal is None else f"It is refused: {trail.refusal.error}."


def _cause(messages: Mapping[str, str], codes: Iterable[str]) -> str | None:
    return next((messages[code] for code in codes if code in messages), None)
