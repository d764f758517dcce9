"""Every prediction is held to what SQLite and SQLAlchemy really do with the string."""

from __future__ import annotations

import json
import os

from hypothesis import HealthCheck, given, reject, settings
from sandbox import LeadsOutsideError, hold_to_the_truth
from string_grammar import Attempt, fuzz, raw_attempts, url_attempts

from memdb_tui.explain import Explanation, explain

EXAMPLES = 5_000 if os.environ.get("MEMDB_TUI_HEAVY") == "1" else 300
exhaustively = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def check(attempt: Attempt) -> None:
    try:
        verdict = hold_to_the_truth(attempt)
    except LeadsOutsideError:
        reject()
    check_itself(verdict.predicted)


def check_itself(explanation: Explanation) -> None:
    """What holds for every explanation."""
    assert explanation.reason
    assert json.loads(json.dumps(explanation.to_json()))["outcome"] == explanation.outcome
    if explanation.outcome == "error" or explanation.stray:
        assert explanation.findings[0].severity == "error"
    if explanation.suggestion is not None:
        kind = "sqlite3-uri" if explanation.kind == "sqlite3-path" else explanation.kind
        suggested = explain(explanation.suggestion, kind=kind)
        assert suggested.outcome == "memory-shared"
        assert not [finding for finding in suggested.findings if finding.severity == "error"]


@exhaustively
@given(raw_attempts())
def test_sqlite3_does_what_was_predicted(attempt: Attempt) -> None:
    check(attempt)


@exhaustively
@given(url_attempts())
def test_sqlalchemy_does_what_was_predicted(attempt: Attempt) -> None:
    check(attempt)


@exhaustively
@given(fuzz)
def test_any_text_does_what_was_predicted(attempt: Attempt) -> None:
    check(attempt)
