"""Under the hardest use of sqlite3 that is allowed: no deadlock, no crash, no new kind of error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from polling_hub import PollingHub
from ways import Outcome, run_plain, run_polled

PROGRAM = str(Path(__file__).with_name("stress.py"))
OF_ITSELF = frozenset(
    {
        "OperationalError: … is locked",
        "InterfaceError: bad parameter or other API misuse",
        # The same, when another thread succeeds after sqlite3 has read the code and before it reads the message.
        "InterfaceError: not an error",
    }
)
"""What sharing a cache, and sharing a connection, bring by themselves; how often depends on the machine."""
LONGEST_BLOCK_SECONDS = 1.0
"""Ten times the time a live statement may take, for a machine that is busy."""

pytestmark = pytest.mark.heavy


@pytest.fixture
def words(is_heavy: bool) -> list[str]:  # noqa: FBT001 - a fixture
    form = ["--seconds", "60", "--connections", "20000"] if is_heavy else ["--seconds", "4", "--connections", "2000"]
    return [PROGRAM, *form]


def _result(outcome: Outcome) -> dict[str, Any]:
    assert (outcome.status, outcome.stderr) == (0, "")
    result: dict[str, Any] = json.loads(outcome.stdout)
    assert result["wrong"] == []
    assert result["threads"] == ["MainThread"]
    assert min(result["rounds"].values()) > 0
    return result


def _tell(capsys: pytest.CaptureFixture[str], name: str, **figures: object) -> None:
    with capsys.disabled():
        print(f"\n  {name}: {json.dumps(figures, ensure_ascii=False)}")


def test_polling_brings_no_deadlock_no_crash_and_no_new_error(
    python: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = _result(run_plain(python, words, tmp_path / "plain"))
    with PollingHub() as hub:
        polled = _result(run_polled(hub, python, words, tmp_path / "polled"))
        hub.wait_for("every process hung up", hub.is_alone)
    _tell(capsys, "plain", rounds=plain["rounds"], errors=plain["errors"], opened=plain["opened"])
    _tell(
        capsys,
        "polled",
        rounds=polled["rounds"],
        errors=polled["errors"],
        opened=polled["opened"],
        polls=hub.polls,
        processes=len(hub.processes),
    )
    assert set(polled["errors"]) <= set(plain["errors"]) | OF_ITSELF
    assert hub.errors == []
    assert hub.failures == []
    assert hub.polls > 50


def test_live_reads_are_bounded_in_what_they_do(
    python: str, words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with PollingHub(poll_seconds=0.02, reads_live=True) as hub:
        read = _result(run_polled(hub, python, words, tmp_path / "read"))
        hub.wait_for("every process hung up", hub.is_alone)
    _tell(
        capsys,
        "read live",
        rounds=read["rounds"],
        errors=read["errors"],
        opened=read["opened"],
        polls=hub.polls,
        live=hub.live,
        longest_block_ms=round(hub.live_block_seconds * 1000, 1),
    )
    assert set(read["errors"]) <= OF_ITSELF
    assert hub.errors == []
    assert hub.failures == []
    assert hub.live["done"] > 5
    assert hub.live_block_seconds < LONGEST_BLOCK_SECONDS
