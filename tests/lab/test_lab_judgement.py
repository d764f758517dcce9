"""How an observation becomes a verdict in the common case."""

from __future__ import annotations

import pytest

from memdb_tui.lab.judgement import Verdict, depends, stays_in_memory
from memdb_tui.lab.observed import Observed
from memdb_tui.model import Outcome

SHARED = Observed(outcome=Outcome.MEMORY_SHARED, shared=True)
PRIVATE = Observed(outcome=Outcome.MEMORY_PRIVATE, shared=False)


@pytest.mark.parametrize(
    ("seen", "shared", "verdict"),
    [
        (SHARED, None, Verdict.HOLDS),
        (SHARED, True, Verdict.HOLDS),
        (SHARED, False, Verdict.FAILS),
        (PRIVATE, None, Verdict.HOLDS),
        (PRIVATE, True, Verdict.FAILS),
        (PRIVATE, False, Verdict.HOLDS),
        (Observed(outcome=Outcome.MEMORY_SHARED), True, Verdict.FAILS),
        (Observed(outcome=Outcome.FILE, files=("db",), shared=True), True, Verdict.MADE_A_FILE),
        (Observed(outcome=Outcome.TEMPORARY, shared=False), None, Verdict.FAILS),
        (Observed(error="TypeError: no"), None, Verdict.FAILS),
        (Observed(files=("db",), error="TypeError: no"), None, Verdict.MADE_A_FILE),
        (Observed(), None, Verdict.FAILS),
    ],
)
def test_staying_in_memory(seen: Observed, *, shared: bool | None, verdict: Verdict) -> None:
    assert stays_in_memory(seen, shared=shared).verdict is verdict


def test_the_reason_names_the_file_and_the_error() -> None:
    assert "'db'" in stays_in_memory(Observed(files=("db",))).reason
    assert "TypeError: no" in stays_in_memory(Observed(error="TypeError: no")).reason


def test_depends_says_on_what() -> None:
    assert depends("on the version.").reason == "It depends on the version."
