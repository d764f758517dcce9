"""A stray is removed when the session made it, and nothing else ever is."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from file_session import Session, Waiter, WatchedSession

from memdb_tui.errors import MemdbError
from memdb_tui.files.events import EventKind, FileEvent
from memdb_tui.model import Snapshot


def _make(path: Path) -> None:
    with closing(sqlite3.connect(str(path))) as connection:
        connection.execute("CREATE TABLE t (x)")


def _show(watched: WatchedSession, snapshot: Snapshot, path: Path, wait_until: Waiter) -> None:
    watched.files.show_snapshot(snapshot)
    wait_until(lambda: (e := watched.shown(path)) and e.size_bytes == path.stat().st_size, "the size is known")


def test_a_stray_goes_with_its_journals(
    tmp_path: Path, watched_session: WatchedSession, session: Session, wait_until: Waiter
) -> None:
    watched_session.start(wait_until)
    path = tmp_path / "file:db3"
    touch = session.touch(path)
    with closing(sqlite3.connect(str(path))) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (x)")
        opened = session.connection("c4", file=str(path))
        _show(watched_session, session.snapshot(touch, connections=(opened,)), path, wait_until)
        wait_until(lambda: watched_session.shown(f"{path}-wal") and watched_session.shown(f"{path}-shm"))
        said = watched_session.files.remove(str(path))
        assert list(tmp_path.iterdir()) == []
        assert said.startswith(f"Removed {path}, {path}-wal and {path}-shm.")
        assert "c4 still has it open" in said
        wait_until(lambda: (e := watched_session.shown(path)) and e.size_bytes is None)
    with pytest.raises(MemdbError, match=r"not made by this session|no longer there"):
        watched_session.files.remove(str(path))


def test_a_file_that_was_there_is_refused(tmp_path: Path, session: Session, wait_until: Waiter) -> None:
    path = tmp_path / "file:db3"
    _make(path)
    watched = WatchedSession(tmp_path)
    try:
        watched.start(wait_until)
        _show(watched, session.snapshot(session.touch(path, existed=True)), path, wait_until)
        with pytest.raises(MemdbError, match="not made by this session") as refused:
            watched.files.remove(str(path))
        assert refused.value.hint
        assert path.exists()
    finally:
        watched.files.close()


def test_what_is_no_stray_is_refused(
    tmp_path: Path, watched_session: WatchedSession, session: Session, wait_until: Waiter
) -> None:
    watched_session.start(wait_until)
    asked, theirs = tmp_path / "asked.db", tmp_path / "theirs.db"
    touch = session.asked_for(asked)
    _make(asked)
    _make(theirs)
    _show(watched_session, session.snapshot(touch), asked, wait_until)
    wait_until(lambda: watched_session.shown(theirs))
    for path in (asked, theirs):
        with pytest.raises(MemdbError, match="not a stray"):
            watched_session.files.remove(str(path))
        assert path.exists()
    with pytest.raises(MemdbError, match="not among this session's files"):
        watched_session.files.remove(str(tmp_path / "unheard of"))


def test_a_journal_is_not_removed_alone(
    tmp_path: Path, watched_session: WatchedSession, session: Session, wait_until: Waiter
) -> None:
    watched_session.start(wait_until)
    path = tmp_path / "f"
    touch = session.touch(path)
    with closing(sqlite3.connect(str(path))) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (x)")
        _show(watched_session, session.snapshot(touch), path, wait_until)
        wait_until(lambda: watched_session.shown(f"{path}-wal"))
        with pytest.raises(MemdbError, match="not removed alone"):
            watched_session.files.remove(f"{path}-wal")


def _unwatched(path: Path, session: Session) -> WatchedSession:
    """A session that saw its stray once and is told nothing more: no observer runs."""
    watched = WatchedSession(path.parent)
    touch = session.touch(path)
    _make(path)
    watched.files.show_snapshot(session.snapshot(touch))
    watched.files._take((FileEvent(str(path), EventKind.LOOK, touch.at),))
    return watched


@pytest.mark.parametrize("how", ["replaced", "rewritten in place", "link", "folder", "gone"])
def test_what_took_the_strays_place_is_refused(tmp_path: Path, session: Session, how: str) -> None:
    """Where nothing tells of the replacement, the last look before the removal must."""
    path = tmp_path / "file:db3"
    watched = _unwatched(path, session)
    if how == "replaced":
        (tmp_path / "new").write_bytes(path.read_bytes())
        (tmp_path / "new").replace(path)
    elif how == "rewritten in place":
        path.write_bytes(b"precious")
    else:
        path.unlink()
    if how == "link":
        path.symlink_to(tmp_path / "elsewhere")
    if how == "folder":
        path.mkdir()
    words = {"gone": "no longer there", "link": "a folder, a link", "folder": "a folder, a link"}.get(
        how, "not as it was"
    )
    with pytest.raises(MemdbError, match=words):
        watched.files.remove(str(path))
    assert (path.is_symlink() or path.exists()) is (how != "gone")
    watched.files.close()


def test_a_stray_never_looked_at_is_refused(tmp_path: Path, session: Session) -> None:
    path = tmp_path / "file:db3"
    watched = WatchedSession(tmp_path)
    touch = session.touch(path)
    _make(path)
    watched.files.show_snapshot(session.snapshot(touch))
    with pytest.raises(MemdbError, match="not as it was"):
        watched.files.remove(str(path))
    watched.files.close()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells what a process has open")
def test_a_stray_written_since_the_last_look_is_known_by_the_host_having_it_open(
    tmp_path: Path, session: Session
) -> None:
    path = tmp_path / "file:db3"
    watched = _unwatched(path, session)
    with closing(sqlite3.connect(str(path))) as connection:
        connection.execute("CREATE TABLE more (x)")
        assert watched.files.remove(str(path)) == f"Removed {path}."
    assert not path.exists()
    watched.files.close()


def test_a_side_file_that_was_there_is_left_and_named(tmp_path: Path, session: Session, wait_until: Waiter) -> None:
    path = tmp_path / "file:db3"
    left = tmp_path / "file:db3-shm"
    left.write_text("not ours")
    watched = WatchedSession(tmp_path)
    try:
        watched.start(wait_until)
        touch = session.touch(path)
        path.write_text("x" * 200)
        _show(watched, session.snapshot(touch), path, wait_until)
        said = watched.files.remove(str(path))
        assert said == f"Removed {path}. Left {left}, which this session did not make."
        assert left.read_text() == "not ours"
    finally:
        watched.files.close()
