"""A program without a screen may need all processors: what it has open is gone through for a share of the time."""

from __future__ import annotations

import asyncio
import sys
import textwrap
from pathlib import Path

import pytest

from memdb_tui.programs import headless
from memdb_tui.programs.options import RunOptions


def test_the_files_learn_from_what_is_open_for_no_more_than_a_share_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent("""
        import sqlite3, time
        for _ in range(5):
            sqlite3.connect(":memory:").close()
            time.sleep(0.1)
        """)
    )
    shown = []
    show = headless._show

    def count(*given: object) -> None:
        shown.append(given)
        show(*given)  # type: ignore[arg-type]  # what it was given

    monkeypatch.setattr(headless, "_show", count)
    monkeypatch.setattr(headless, "_SHOW_SECONDS", 0.01)
    monkeypatch.setattr(headless, "_SHOW_SHARE", 1e9)

    report = asyncio.run(
        headless.run_headless(RunOptions((sys.executable, str(program)), program.name, cwd=str(tmp_path)))
    )

    # Once while it ran, once when it was over.
    assert len(shown) == 2
    assert report.exit_status == 0
    assert len(report.processes[0].connections) == 5
