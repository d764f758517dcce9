"""The connections of the pytest process, recorded by the probe, as the picture that programs are shown in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from memdb_tui.doors.unsupported import why_unsupported
from memdb_tui.model import ProgramState
from memdb_tui.probe import start
from memdb_tui.probe.process import told
from memdb_tui.programs.grouping import Letters
from memdb_tui.programs.meanings import Meaning, Question, meaning_of, questions_of
from memdb_tui.programs.picture import ProcessView, ProgramsPicture, picture_of
from memdb_tui.programs.told import ToldConnection, ToldProcess, ToldState, process_of, state_of

PROCESS = "p1"
"""What this process is called in a picture, as in a report of one process."""

_meanings: dict[Question, Meaning] = {}
"""What strings mean here; each is explained once."""


def start_recording() -> None:
    """Record every connection that is opened from now on; those that are open are found too.

    Raises:
        pytest.UsageError: The probe does not stand in this Python.
    """
    if why := why_unsupported():
        raise pytest.UsageError(f"memdb-tui cannot look into this process: {why}.")
    start.record()


def told_now() -> tuple[ToldProcess, ToldState]:
    """What the probe knows of this process now."""
    return process_of(told(instance="", forked_from=None, inherited=0, waiting="", trace=False, notes=[])), state_of(
        start.state()
    )


def picture_now(
    process: ToldProcess, state: ToldState, connections: Iterable[ToldConnection], *, letters: Letters
) -> ProgramsPicture:
    """The picture of some of the connections, closed ones too.

    Args:
        process: This process.
        state: Its state.
        connections: Those of the state that are wanted.
        letters: Names the caches; the same for pictures that are to agree.
    """
    wanted = tuple(connections)
    for question in {question for connection in wanted for question in questions_of(process, connection)}:
        if question not in _meanings:
            # To explain may mean to open ":memory:" and ask.
            with start.ours():
                _meanings[question] = meaning_of(question)
    view = ProcessView(
        id=PROCESS,
        told=process,
        state=replace(state, connections=wanted),
        lifecycle=ProgramState.RUNNING,
        exit_status=None,
        ended_at=None,
        notes=(),
    )
    return picture_of(view, _meanings, letters, with_closed=True)
