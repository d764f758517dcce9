"""What another SQLAlchemy would do: declared from the documented differences, or asked."""

from __future__ import annotations

import sys

import pytest

from memdb_tui.errors import UsageError
from memdb_tui.explain import explain
from memdb_tui.explain.versions import ask_other, declare_other, line_of


@pytest.mark.parametrize("text", ["sqlalchemy==2.0.*", "SQLAlchemy~=2.0.40", "2.0", "sqlalchemy==2.0.58"])
def test_a_requirement_names_a_line(text: str) -> None:
    assert line_of(text) == "2.0"


@pytest.mark.parametrize("text", ["", "sqlalchemy", "sqlalchemy==1.4.*", "django==2.0.*"])
def test_an_unknown_line_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        line_of(text)


def test_the_other_line_reads_an_escaped_question_mark_otherwise() -> None:
    explanation = explain("sqlite:///file:x%25y?mode=memory&cache=shared&uri=true")
    other = "2.1" if (explanation.sqlalchemy_version or "").startswith("2.0.") else "2.0"
    comparison = declare_other(explanation, other)
    assert comparison.evidence == "declared"
    assert "connect" in {what for what, _, _ in comparison.differences}


def test_the_warnings_of_the_newer_line_are_told() -> None:
    explanation = explain("sqlite:///file:x?mode=memory&cache=shared")
    other = "2.1" if (explanation.sqlalchemy_version or "").startswith("2.0.") else "2.0"
    notes = " ".join(declare_other(explanation, other).notes)
    assert "squa" in notes
    assert "sqmp" in notes


def test_an_interpreter_is_asked() -> None:
    explanation = explain("sqlite:///file:x?mode=memory&cache=shared")
    comparison = ask_other(explanation, sys.executable)
    assert comparison.evidence == "observed"
    assert comparison.other == explanation.sqlalchemy_version
    assert not comparison.differences
    assert not comparison.notes


@pytest.mark.parametrize("python", ["/nonexistent/python", "/bin/false"])
def test_an_interpreter_that_cannot_answer_is_said_so(python: str) -> None:
    with pytest.raises(UsageError, match="cannot answer"):
        ask_other(explain("sqlite://"), python)
