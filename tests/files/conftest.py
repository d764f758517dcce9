"""Fixtures: an observer, a session's files, and a watch over threads."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from file_session import Recorder, Session, Waiter, WatchedSession

from memdb_tui.files.observer import FolderObserver


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Fails a test that leaves a thread behind."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before]
    assert not left, f"threads left: {left}"


@pytest.fixture
def wait_until() -> Waiter:
    return Waiter()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def observer(recorder: Recorder) -> Iterator[FolderObserver]:
    """An observer that is not started yet, and is closed at the end."""
    made = FolderObserver(recorder)
    yield made
    made.close()


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A host in an empty folder: this process."""
    return Session(tmp_path, os.getpid())


@pytest.fixture
def watched_session(tmp_path: Path) -> Iterator[WatchedSession]:
    """The files of a session in an empty folder, not started yet."""
    made = WatchedSession(tmp_path)
    yield made
    made.files.close()
