"""What a connection string will do, said before it does it: the composition of everything here."""

# ruff: noqa: PTH100 -- a folder is made absolute by text, not resolved
from __future__ import annotations

import os
from collections.abc import Mapping

from memdb_tui.explain.explanation import Explanation, Finding, Kind, Outcome, Severity
from memdb_tui.explain.findings import find
from memdb_tui.explain.layers import tell
from memdb_tui.explain.reasons import brief, reason
from memdb_tui.explain.suggest import Advice, advise
from memdb_tui.explain.trail import Trail, follow, guess_kind


def explain(
    string: str | bytes | os.PathLike[str],
    *,
    kind: Kind | str | None = None,
    connect_args: Mapping[str, object] | None = None,
    poolclass: str | type | None = None,
    cwd: str | os.PathLike[str] | None = None,
) -> Explanation:
    """Return what a connection string will do; nothing is opened and no file is touched.

    Args:
        string: The string; bytes are decoded as the file system's names are.
        kind: Who is given the string; guessed from its look when not said.
        connect_args: Keyword arguments that go with it: `connect_args` of `create_engine`, the keywords
            of `sqlite3.connect`, or Django's OPTIONS.
        poolclass: The pool class `create_engine` is given, or its name in `sqlalchemy.pool`.
        cwd: Explain as if started in this folder; the process's own when not said.

    Raises:
        ValueError: `kind` is not the name of a kind.
    """
    text = os.fsdecode(string)
    named_pool = poolclass.__name__ if isinstance(poolclass, type) else poolclass
    return _explain(
        text,
        guess_kind(text) if kind is None else Kind(kind),
        dict(connect_args or {}),
        named_pool,
        None if cwd is None else os.path.abspath(cwd),
    )


def _explain(
    text: str, kind: Kind, connect_args: Mapping[str, object], poolclass: str | None, cwd: str | None
) -> Explanation:
    trail = follow(text, kind, connect_args=connect_args, poolclass=poolclass, cwd=cwd)
    findings = find(trail)

    def is_shared_memory(candidate: str, candidate_kind: Kind) -> bool:
        kept = {} if trail.refusal is not None else {k: v for k, v in connect_args.items() if k != "uri"}
        attempt = follow(candidate, candidate_kind, connect_args=kept, poolclass=None, cwd=cwd)
        return attempt.outcome is Outcome.MEMORY_SHARED and not any(
            finding.severity is Severity.ERROR for finding in find(attempt)
        )

    return _compose(trail, findings, advise(trail, findings, is_shared_memory))


def _compose(trail: Trail, findings: tuple[Finding, ...], advice: Advice) -> Explanation:
    opening, refusal, answer = trail.opening, trail.refusal, trail.answer
    outcome = trail.outcome
    opens_file = outcome is Outcome.FILE
    path_exists = opening is not None and opening.path_exists
    return Explanation(
        input=trail.text,
        kind=trail.kind,
        outcome=outcome,
        database=None if opening is None else opening.database,
        path=None if opening is None else opening.path,
        path_exists=path_exists,
        creates_file=opens_file and not path_exists,
        opens_file=opens_file,
        read_only=opening is not None and opening.read_only,
        meant_as_memory=trail.meant_as_memory,
        reason=reason(trail, findings),
        suggestion=advice.suggestion,
        alternatives=advice.alternatives,
        error=None if refusal is None else refusal.error,
        error_type=None if refusal is None else refusal.error_type or None,
        pool=None if answer is None else answer.pool,
        connect=trail.connect,
        findings=findings,
        layers=tell(trail),
        connect_args=tuple(trail.connect_args.items()),
        poolclass=trail.poolclass,
        sqlalchemy_version=None if answer is None else answer.version,
        brief=brief(trail, findings),
    )
