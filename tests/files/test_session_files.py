"""The whole way: real SQLite makes files, real watchdog tells, the session's files show them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from file_session import Session, Waiter, WatchedSession

from memdb_tui.files.folders import WantedFolder, folders_to_watch
from memdb_tui.files.probe import held_files, look_at
from memdb_tui.model import Evidence, FileChange, FileKind, FileReason, FileRole


def _stray(path: Path) -> sqlite3.Connection:
    """A connection to a file, its name taken as it is."""
    return sqlite3.connect(str(path), isolation_level=None)


def test_a_stray_and_its_journal_are_seen_live(
    tmp_path: Path, watched_session: WatchedSession, session: Session, wait_until: Waiter
) -> None:
    watched_session.start(wait_until)
    path = tmp_path / "file:db3"
    touch = session.touch(path)
    with closing(_stray(path)) as connection:
        opened = session.connection("c4", file=str(path))
        watched_session.files.show_snapshot(session.snapshot(touch, connections=(opened,)))
        entry = watched_session.shown(path)
        assert entry is not None
        assert (entry.role, entry.made_by) == (FileRole.STRAY, ("c4",))
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE t (x)")
        journal = tmp_path / "file:db3-journal"
        wait_until(lambda: watched_session.shown(journal))
        connection.execute("COMMIT")
        wait_until(lambda: (e := watched_session.shown(path)) and e.size_bytes == 8192)
        wait_until(lambda: (e := watched_session.shown(journal)) and e.change is FileChange.MADE_AND_REMOVED)
    entry = watched_session.shown(journal)
    assert entry is not None
    assert (entry.role, entry.kind, entry.evidence) == (FileRole.STRAY, FileKind.JOURNAL, Evidence.INFERRED)


def test_wal_and_shm_belong_to_their_database(
    tmp_path: Path, watched_session: WatchedSession, session: Session, wait_until: Waiter
) -> None:
    watched_session.start(wait_until)
    path = tmp_path / "app.db"
    with closing(_stray(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (x)")
        watched_session.files.show_snapshot(session.snapshot(session.asked_for(path)))
        for suffix, kind in (("-wal", FileKind.WAL), ("-shm", FileKind.SHARED_MEMORY)):
            wait_until(lambda suffix=suffix: watched_session.shown(f"{path}{suffix}"))  # type: ignore[misc]  # bound in the loop
            entry = watched_session.shown(f"{path}{suffix}")
            assert entry is not None
            assert (entry.role, entry.kind) == (FileRole.ASKED_FOR, kind)


def test_vacuum_into_elsewhere_is_shown_and_its_folder_watched(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, session: Session, wait_until: Waiter
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    copy = elsewhere / "copy.db"
    watched = WatchedSession(tmp_path)
    try:
        watched.start(wait_until)
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("CREATE TABLE t (x)")
            connection.execute("VACUUM INTO ?", (str(copy),))
        statement = f"VACUUM INTO '{copy}'"
        touch = session.asked_for(copy, reason=FileReason.VACUUM_INTO, statement=statement)
        watched.files.show_snapshot(session.snapshot(touch))
        wait_until(lambda: (e := watched.shown(copy)) and e.size_bytes == copy.stat().st_size)
        entry = watched.shown(copy)
        assert entry is not None
        assert (entry.role, entry.change, entry.statement) == (FileRole.ASKED_FOR, FileChange.MADE, statement)
        wait_until(lambda: watched.is_watching(elsewhere))
        copy.unlink()
        wait_until(lambda: (e := watched.shown(copy)) and e.change is FileChange.MADE_AND_REMOVED)
    finally:
        watched.files.close()


def test_a_database_made_by_another_program_is_shown_as_nobodys(
    tmp_path: Path, watched_session: WatchedSession, wait_until: Waiter
) -> None:
    watched_session.start(wait_until)
    program = "import sqlite3; c = sqlite3.connect('theirs.db'); c.execute('CREATE TABLE t (x)'); c.close()"
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    wait_until(lambda: watched_session.shown(tmp_path / "theirs.db"))
    entry = watched_session.shown(tmp_path / "theirs.db")
    assert entry is not None
    assert (entry.role, entry.evidence, entry.made_by) == (FileRole.OTHER, Evidence.UNKNOWN, ())


def test_what_was_made_before_the_observer_ran_is_shown_and_what_was_there_is_known(
    tmp_path: Path, session: Session, wait_until: Waiter
) -> None:
    old = tmp_path / "old.db"
    with closing(_stray(old)) as connection:
        connection.execute("CREATE TABLE t (x)")
    watched = WatchedSession(tmp_path)
    try:
        with closing(_stray(tmp_path / "new.db")) as connection:
            connection.execute("CREATE TABLE t (x)")
        watched.start(wait_until)
        wait_until(lambda: watched.shown(tmp_path / "new.db"))
        assert watched.entry(old) is None
        touch = session.touch(old, existed=True)
        watched.files.show_snapshot(session.snapshot(touch))
        entry = watched.shown(old)
        assert entry is not None
        assert (entry.change, entry.was_there, entry.role) == (FileChange.OPENED, True, FileRole.STRAY)
        with closing(_stray(old)) as connection:
            connection.execute("INSERT INTO t VALUES (1)")
        wait_until(lambda: (e := watched.shown(old)) and e.change is FileChange.CHANGED)
    finally:
        watched.files.close()


_SORTER = """
    import sqlite3, sys
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA cache_size=10")
    connection.execute("PRAGMA temp_store=FILE")
    sys.stdin.readline()
    rows = connection.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)"
        " SELECT i, hex(randomblob(20)) FROM n ORDER BY 2"
    )
    rows.fetchone()
    print("sorted", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def sorter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A host that sorts more than its cache holds when told to, and the folder it spills to."""
    folder = tmp_path_factory.mktemp("spill")
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(_SORTER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "SQLITE_TMPDIR": str(folder)},
    ) as process:
        yield process, folder
        process.kill()


def test_a_sort_that_spills_is_seen_though_sqlite_unlinks_its_file_at_once(
    tmp_path: Path, sorter: tuple[subprocess.Popen[str], Path], wait_until: Waiter
) -> None:
    process, folder = sorter
    assert process.stdin is not None
    assert process.stdout is not None
    host = Session(tmp_path, process.pid, (str(folder), "."))
    watched = WatchedSession(tmp_path)
    try:
        watched.start(wait_until)
        running = host.connection("c1", running="SELECT i … ORDER BY 2", since=time.time())
        watched.files.show_snapshot(host.snapshot(connections=(running, host.connection("c2"))))
        wait_until(lambda: watched.is_watching(folder))
        process.stdin.write("go\n")
        process.stdin.flush()
        assert process.stdout.readline() == "sorted\n"
        wait_until(lambda: any(entry.evidence is Evidence.OBSERVED for entry in watched.files.view().entries))
        entries = watched.files.view().entries
        assert {(e.role, e.kind, e.made_by) for e in entries} == {(FileRole.TEMPORARY, FileKind.TEMPORARY, ("c1",))}
        held = [path for path in held_files(process.pid) if "etilqs_" in path]
        assert held
        assert not any(look_at(path).exists for path in held)
        process.stdin.write("end\n")
        process.stdin.flush()
    finally:
        watched.files.close()


def test_a_change_is_told_once_for_many_events_and_only_when_the_view_changes(
    tmp_path: Path, watched_session: WatchedSession, wait_until: Waiter
) -> None:
    watched_session.start(wait_until)
    begun = time.monotonic()
    while watched_session.changes.acquire(blocking=False):
        pass
    for number in range(300):
        (tmp_path / f"f{number}").touch()
    wait_until(lambda: watched_session.files.view().other_count == 300)
    told = 0
    while watched_session.changes.acquire(blocking=False):
        told += 1
    # At most every 25 ms, however long a busy machine takes for the files.
    assert 0 < told <= 1 + (time.monotonic() - begun) / 0.025


def test_the_folders_to_watch_are_the_sessions_each_once(tmp_path: Path) -> None:
    host = Session(tmp_path, 1, ("/var/tmp", "."))
    snapshot = host.snapshot(
        host.touch("/data/a"),
        host.touch("/data/b"),
        connections=(host.connection("c1", file="/else/x.db"), host.connection("c2")),
    )
    assert folders_to_watch(snapshot, ["/extra"]) == (
        WantedFolder(str(tmp_path), is_recursive=True),
        WantedFolder("/extra", is_recursive=True),
        WantedFolder("/data", is_recursive=False),
        WantedFolder("/else", is_recursive=False),
        WantedFolder("/var/tmp", is_recursive=False, is_optional=True),
        WantedFolder(f"{tmp_path}/.", is_recursive=False, is_optional=True),
    )


def test_looking_at_what_is_no_file_neither_waits_nor_fails(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert not look_at(str(tmp_path / "pipe")).is_regular
    assert not look_at(str(tmp_path / "link")).is_regular
    assert not look_at(str(tmp_path)).is_regular
    assert not look_at(str(tmp_path / "missing")).exists
    assert not look_at("a\0b").exists


def test_headers_of_real_sqlite_files_are_recognised(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with closing(_stray(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("PRAGMA journal_mode=PERSIST")
        connection.execute("PRAGMA cache_spill=1")
        connection.execute("PRAGMA cache_size=1")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO t SELECT randomblob(5000) FROM (SELECT 1 UNION ALL SELECT 2), sqlite_schema")
        journal = look_at(f"{path}-journal")
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("INSERT INTO t VALUES (1)")
        wal = look_at(f"{path}-wal")
    # Looking drops this process's locks on the journal, never on the database: that was not looked at while open.
    assert look_at(str(path)).header is FileKind.DATABASE
    assert wal.header is FileKind.WAL
    assert journal.header in {FileKind.JOURNAL, None}
