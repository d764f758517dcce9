"""The connections of the pytest process, recorded by the probe, as the picture that programs are shown in."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from memdb_tui.doors.unsupported import why_unsupported
from memdb_tui.model import ProgramState
from memdb_tui.probe import start
from memdb_tui.probe.process import began_at, told
from memdb_tui.programs.grouping import Letters
from memdb_tui.programs.meanings import Meaning, Question, meaning_of, questions_of
from memdb_tui.programs.picture import ProcessView, ProgramsPicture, picture_of
from memdb_tui.programs.told import ToldProcess, ToldState, process_of, state_of

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


def told_now(without: Collection[str] = ()) -> tuple[ToldProcess, ToldState]:
    """What the probe knows of this process now.

    Args:
        without: The ids of connections that are not wanted: thousands that were closed long ago, say.
    """
    process = told(
        instance="", started_at=began_at(), forked_from=None, inherited=0, waiting="", trace=False, notes=[]
    )
    return process_of(process), state_of(start.state(without))


class Census:
    """The ids of all connections; after thousands of tests most are closed, and of those nothing is asked again."""

    def __init__(self) -> None:
        self._closed: set[str] = set()
        self._seq = 0

    def now(self) -> tuple[frozenset[str], frozenset[str]]:
        """The ids of those that are closed, and of those that are open."""
        _, state = told_now(without=self._closed)
        if state.seq <= self._seq:
            # The probe was taken out and came again: it counts from 1 anew.
            self._closed.clear()
            _, state = told_now()
        self._seq = state.seq
        self._closed.update(connection.id for connection in state.connections if not connection.is_open)
        return frozenset(self._closed), frozenset(each.id for each in state.connections if each.is_open)


census = Census()


def picture_now(process: ToldProcess, state: ToldState, *, letters: Letters) -> ProgramsPicture:
    """The picture of a state, closed connections too.

    Args:
        process: This process.
        state: Its state.
        letters: Names the caches; the same for pictures that are to agree.
    """
    for question in {question for connection in state.connections for question in questions_of(process, connection)}:
        if question not in _meanings:
            # To explain may mean to open ":memory:" and ask.
            with start.ours():
                _meanings[question] = meaning_of(question)
    view = ProcessView(
        id=PROCESS,
        told=process,
        state=state,
        lifecycle=ProgramState.RUNNING,
        exit_status=None,
        ended_at=None,
        notes=(),
    )
    return picture_of(view, _meanings, letters, with_closed=True)
