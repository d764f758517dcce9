"""The codes of all findings, with the severity each one has; each is described in the guide page."""

from __future__ import annotations

from memdb_tui.explain.explanation import Finding, Severity

_ERRORS = (
    "html-escaped-ampersand",
    "dialect-does-not-exist",
    "not-sqlite",
    "wrong-number-of-slashes",
    "url-refused",
    "uri-in-connect-args",
    "percent-encoded-question-mark",
    "uri-true-missing",
    "case-sensitive-scheme",
    "file-prefix-missing",
    "misspelt-memory",
    "query-dropped",
    "case-sensitive-parameter",
    "case-sensitive-value",
    "unknown-value",
    "access-mode-not-allowed",
    "invalid-authority",
    "unknown-vfs",
    "connect-argument-refused",
    "name-cannot-be-passed",
    "file-not-there",
    "path-cannot-be-opened",
    "cannot-be-opened",
    "memory-becomes-file",
)
_WARNINGS = (
    "cache-shared-missing",
    "memdb-needs-slash",
    "nameless-memory",
    "mode-memory-missing",
    "process-global-name",
    "temporary-on-disk",
    "depends-on-build",
    "duplicate-parameter",
    "unknown-parameter",
    "fragment-dropped",
    "nul-cuts-name",
    "decoded-twice",
    "read-only-memory",
    "cut-at-ampersand",
    "driver-not-installed",
)
_NOTES = (
    "single-thread-pool",
    "pool-choice-deprecated",
    "blank-parameter-dropped",
    "private-memory",
    "creates-file",
    "name-is-not-utf-8",
)

SEVERITIES: dict[str, Severity] = {
    **dict.fromkeys(_ERRORS, Severity.ERROR),
    **dict.fromkeys(_WARNINGS, Severity.WARNING),
    **dict.fromkeys(_NOTES, Severity.NOTE),
}
"""Every code with its severity, causes before effects within a severity."""


def finding(code: str, message: str, remedy: str = "") -> Finding:
    """Return a finding with the severity its code has."""
    return Finding(code=code, severity=SEVERITIES[code], message=message, remedy=remedy)
