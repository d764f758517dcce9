"""The observer on real folders: nothing lost, nothing twice, no exception for what cannot be watched."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from file_session import DEADLINE_SECONDS, Recorder, Waiter

from memdb_tui.files.events import EventKind
from memdb_tui.files.observer import FolderObserver


def _is_watching(observer: FolderObserver, folder: Path) -> bool:
    return observer.is_live and any(w.path == str(folder) for w in observer.watched())


def _start(observer: FolderObserver, folder: Path, wait_until: Waiter, *, recursive: bool = True) -> None:
    observer.watch(str(folder), recursive=recursive)
    observer.start()
    wait_until(lambda: _is_watching(observer, folder), "watched")


def test_a_file_is_reported_from_making_to_removal(
    tmp_path: Path, observer: FolderObserver, recorder: Recorder, wait_until: Waiter
) -> None:
    _start(observer, tmp_path, wait_until)
    made = tmp_path / "file:db3"
    made.touch()
    wait_until(lambda: recorder.kinds(made) == [EventKind.CREATED])
    made.write_text("x")
    wait_until(lambda: recorder.kinds(made)[-1] is EventKind.MODIFIED)
    made.rename(tmp_path / "b")
    wait_until(lambda: EventKind.MOVED in recorder.kinds(tmp_path / "b"))
    (tmp_path / "b").unlink()
    wait_until(lambda: recorder.kinds(tmp_path / "b")[-1] is EventKind.DELETED)
    assert next(e.moved_from for e in recorder.events if e.kind is EventKind.MOVED) == str(made)


def test_after_catching_up_nothing_that_has_happened_is_missing(
    tmp_path: Path, observer: FolderObserver, recorder: Recorder, wait_until: Waiter
) -> None:
    (tmp_path / "below").mkdir()
    observer.baseline([str(tmp_path)])
    _start(observer, tmp_path, wait_until)
    for number in range(20):
        names = [tmp_path / f"file:db{number}", tmp_path / "below" / f"db{number}"]
        for name in names:
            name.touch()
        assert observer.catch_up(DEADLINE_SECONDS)
        assert all(recorder.kinds(name) for name in names)


def test_an_observer_that_does_not_run_catches_up_with_nothing(observer: FolderObserver) -> None:
    assert not observer.catch_up(0.01)
    observer.start()
    observer.close()
    assert not observer.catch_up(0.01)


@pytest.mark.parametrize(
    "name",
    ["file:db3", "file:db3?mode=memory", ":memory:?cache=shared", "a b%20#c&d'\"", "ünï\nline", "\udcff-bytes"],
)
def test_names_are_taken_as_they_are(
    tmp_path: Path, observer: FolderObserver, recorder: Recorder, wait_until: Waiter, name: str
) -> None:
    _start(observer, tmp_path, wait_until)
    (tmp_path / name).touch()
    wait_until(lambda: recorder.kinds(tmp_path / name) == [EventKind.CREATED])
    (tmp_path / name).unlink()
    wait_until(lambda: recorder.kinds(tmp_path / name)[-1] is EventKind.DELETED)


def test_a_burst_of_5000_files_is_reported_whole_each_once(
    tmp_path: Path, observer: FolderObserver, recorder: Recorder, wait_until: Waiter
) -> None:
    _start(observer, tmp_path, wait_until)
    program = "import os,sys\nfor i in range(5000): open(os.path.join(sys.argv[1], f'f{i}'), 'w').close()"
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True)
    expected = {str(tmp_path / f"f{number}") for number in range(5000)}
    wait_until(lambda: expected <= recorder.paths(), "all 5000 reported")
    assert set(Counter(e.path for e in recorder.events if e.kind is EventKind.CREATED).values()) == {1}


def test_under_load_deliveries_keep_their_distance(
    tmp_path: Path, observer: FolderObserver, recorder: Recorder, wait_until: Waiter
) -> None:
    _start(observer, tmp_path, wait_until)
    for number in range(500):
        (tmp_path / f"f{number}").touch()
    wait_until(lambda: len(recorder.paths()) >= 500)
    gaps = [later - earlier for earlier, later in zip(recorder.times, recorder.times[1:], strict=False)]
    assert all(gap >= 0.024 for gap in gaps)


def test_a_new_folder_and_the_files_made_in_it_at_once_are_reported(
    tmp_path: Path, observer: FolderObserver, recorder: Recorder, wait_until: Waiter
) -> None:
    _start(observer, tmp_path, wait_until)
    wanted = set()
    for number in range(200):
        deep = tmp_path / f"d{number}" / "a" / "b"
        deep.mkdir(parents=True)
        for path in (deep / "x.db", deep.parent / "y.db"):
            path.touch()
            wanted.add(str(path))
    wait_until(lambda: wanted <= recorder.paths(), "files in new folders")
    # The watch on the newest folders stands: what happens there later is told, too.
    (deep / "later").touch()
    wait_until(lambda: str(deep / "later") in recorder.paths())


def test_files_made_between_launch_and_start_are_reported_and_older_ones_are_known(
    tmp_path: Path, observer: FolderObserver, recorder: Recorder, wait_until: Waiter
) -> None:
    (old := tmp_path / "old").write_text("1")
    (changed := tmp_path / "changed").write_text("1")
    (removed := tmp_path / "removed").write_text("1")
    (below := tmp_path / "sub").mkdir()
    observer.baseline([str(tmp_path)])
    (tmp_path / "new").touch()
    (below / "deep").touch()
    changed.write_text("22")
    removed.unlink()
    _start(observer, tmp_path, wait_until)
    wait_until(lambda: {str(tmp_path / "new"), str(below / "deep"), str(changed), str(removed)} <= recorder.paths())
    assert recorder.kinds(tmp_path / "new") == [EventKind.CREATED]
    assert recorder.kinds(changed) == [EventKind.MODIFIED]
    assert recorder.kinds(removed) == [EventKind.DELETED]
    assert str(old) not in recorder.paths()
    old.write_text("2")
    wait_until(lambda: str(old) in recorder.paths())
    assert all(e.was_there for e in recorder.events if e.path in {str(old), str(changed), str(removed)})
    assert not any(e.was_there for e in recorder.events if e.path == str(tmp_path / "new"))


def test_overlapping_and_linked_folders_report_an_event_once(
    tmp_path: Path, observer: FolderObserver, recorder: Recorder, wait_until: Waiter
) -> None:
    (sub := tmp_path / "real" / "sub").mkdir(parents=True)
    (link := tmp_path / "link").symlink_to(tmp_path / "real")
    observer.watch(str(sub), recursive=False)
    _start(observer, sub, wait_until, recursive=False)
    observer.watch(str(link), recursive=True)
    wait_until(lambda: _is_watching(observer, tmp_path / "real"))
    observer.watch(str(link / "sub"), recursive=False)
    wait_until(lambda: [w.path for w in observer.watched()] == [str(tmp_path / "real")])
    (sub / "x").touch()
    wait_until(lambda: str(sub / "x") in recorder.paths())
    (sub / "fence").touch()
    wait_until(lambda: str(sub / "fence") in recorder.paths())
    assert recorder.kinds(sub / "x") == [EventKind.CREATED]


def test_a_tree_with_too_many_folders_is_watched_at_its_top_and_says_so(
    tmp_path: Path, recorder: Recorder, wait_until: Waiter
) -> None:
    for number in range(12):
        (tmp_path / f"d{number}").mkdir()
    observer = FolderObserver(recorder, most_folders=10)
    try:
        _start(observer, tmp_path, wait_until)
        (folder,) = observer.watched()
        assert not folder.is_recursive
        assert folder.problem == "More than 10 folders: only the folder itself is watched."
        (tmp_path / "x").touch()
        wait_until(lambda: str(tmp_path / "x") in recorder.paths())
    finally:
        observer.close()


def test_a_missing_folder_is_a_problem_until_it_is_there(
    tmp_path: Path, observer: FolderObserver, recorder: Recorder, wait_until: Waiter
) -> None:
    missing = tmp_path / "missing"
    _start(observer, missing, wait_until)
    assert observer.watched()[0].problem == "This folder does not exist."
    missing.mkdir()
    observer.watch(str(missing), recursive=True)
    wait_until(lambda: not observer.watched()[0].problem)
    (missing / "x").touch()
    wait_until(lambda: str(missing / "x") in recorder.paths())


def test_who_asks_again_as_soon_as_a_problem_is_said_is_heard(
    tmp_path: Path,
    observer: FolderObserver,
    recorder: Recorder,
    wait_until: Waiter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, watches = tmp_path / "folder", observer._watches
    watch, lose = watches.watch, watches.lose

    def watch_and_ask_again(path: str, *, recursive: bool, is_optional: bool) -> bool:
        is_there = watch(path, recursive=recursive, is_optional=is_optional)
        if not is_there:
            folder.mkdir()
            observer.watch(str(folder), recursive=True)
        return is_there

    def lose_and_ask_again(path: str) -> None:
        lose(path)
        folder.mkdir()
        observer.watch(str(folder), recursive=True)

    monkeypatch.setattr(watches, "watch", watch_and_ask_again)
    monkeypatch.setattr(watches, "lose", lose_and_ask_again)
    _start(observer, folder, wait_until)
    wait_until(lambda: not observer.watched()[0].problem, "watched when it is there")
    folder.rmdir()
    wait_until(lambda: folder.is_dir() and not observer.watched()[0].problem, "watched when it is there again")
    (folder / "x").touch()
    wait_until(lambda: str(folder / "x") in recorder.paths())


def test_a_folder_that_is_made_while_it_is_looked_for_can_be_asked_for_again(
    tmp_path: Path, observer: FolderObserver, wait_until: Waiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, is_dir = tmp_path / "folder", Path.is_dir

    def looked_for_too_early(path: Path) -> bool:
        is_there = is_dir(path)
        if path == folder and not is_there:
            folder.mkdir()
        return is_there

    monkeypatch.setattr(Path, "is_dir", looked_for_too_early)
    _start(observer, folder, wait_until)
    assert observer.watched()[0].problem == "This folder does not exist."
    observer.watch(str(folder), recursive=True)
    wait_until(lambda: not observer.watched()[0].problem)


def test_an_optional_folder_that_is_missing_is_not_worth_a_word(
    tmp_path: Path, observer: FolderObserver, wait_until: Waiter
) -> None:
    observer.watch(str(tmp_path / "missing"), recursive=False, is_optional=True)
    _start(observer, tmp_path, wait_until)
    assert [w.path for w in observer.watched()] == [str(tmp_path)]


def test_a_removed_folder_is_said_and_watched_again_when_it_is_back(
    tmp_path: Path, observer: FolderObserver, recorder: Recorder, wait_until: Waiter
) -> None:
    (folder := tmp_path / "folder").mkdir()
    _start(observer, folder, wait_until)
    folder.rmdir()
    wait_until(lambda: observer.watched()[0].problem == "This folder was removed.")
    folder.mkdir()
    observer.watch(str(folder), recursive=True)
    wait_until(lambda: not observer.watched()[0].problem)
    (folder / "x").touch()
    wait_until(lambda: str(folder / "x") in recorder.paths())


def test_a_file_moved_out_of_sight_holds_nothing_back(
    tmp_path: Path, observer: FolderObserver, recorder: Recorder, wait_until: Waiter
) -> None:
    (inside := tmp_path / "inside").mkdir()
    (inside / "a").touch()
    _start(observer, inside, wait_until)
    (inside / "a").rename(tmp_path / "a")
    (inside / "b").touch()
    wait_until(lambda: str(inside / "b") in recorder.paths())
    wait_until(lambda: recorder.kinds(inside / "a")[-1:] == [EventKind.DELETED])


def test_closing_twice_and_closing_what_never_began_is_fine(tmp_path: Path, recorder: Recorder) -> None:
    for is_started in (False, True):
        observer = FolderObserver(recorder)
        observer.watch(str(tmp_path), recursive=True)
        if is_started:
            observer.start()
        observer.close()
        observer.close()
        observer.start()
        assert not observer.is_live


def test_closing_while_another_thread_starts_it_waits_for_what_that_starts(
    tmp_path: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting, closing = threading.Event(), threading.Event()
    start = threading.Thread.start

    def start_late(thread: threading.Thread) -> None:
        starting.set()
        assert closing.wait(DEADLINE_SECONDS)
        # Whoever closes is let come as far as it comes.
        time.sleep(0.1)
        start(thread)

    observer = FolderObserver(recorder)
    observer.watch(str(tmp_path), recursive=True)
    starter = threading.Thread(target=observer.start)
    monkeypatch.setattr(threading.Thread, "start", start_late)
    start(starter)
    assert starting.wait(DEADLINE_SECONDS)
    closing.set()
    observer.close()

    starter.join(DEADLINE_SECONDS)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("memdb-files")]


def test_watchdog_is_not_imported_before_the_start() -> None:
    program = """
        import sys
        from memdb_tui.files.watcher import SessionFiles
        files = SessionFiles(".", (), lambda: None)
        assert not any(name.split(".")[0] in {"watchdog", "textual", "sqlalchemy"} for name in sys.modules)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)


def test_folders_that_come_and_go_in_a_storm_raise_no_warning_and_write_no_log(
    tmp_path: Path,
    observer: FolderObserver,
    recorder: Recorder,
    wait_until: Waiter,
    capfd: pytest.CaptureFixture[str],
) -> None:
    _start(observer, tmp_path, wait_until)
    died: list[object] = []
    before, threading.excepthook = threading.excepthook, died.append
    try:
        for number in range(300):
            deep = tmp_path / f"d{number}" / "a" / "b" / "c"
            deep.mkdir(parents=True)
            (deep / "x").touch()
            if number % 2:
                shutil.rmtree(tmp_path / f"d{number}")
        (tmp_path / "fence").touch()
        wait_until(lambda: str(tmp_path / "fence") in recorder.paths())
    finally:
        threading.excepthook = before
    observer.close()
    assert not died
    assert logging.getLogger("watchdog").handlers
    assert capfd.readouterr().err == ""


_LIMITED = """
    import sys, threading, time
    from pathlib import Path
    name, limit, folder = sys.argv[1:]
    Path("/proc/sys/user", name).write_text(limit)
    from memdb_tui.files.observer import FolderObserver
    observer = FolderObserver(lambda events: None)
    observer.watch(folder, recursive=True)
    observer.start()
    deadline = time.monotonic() + 60
    while not observer.watched() and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    print(observer.watched()[0].problem)
    observer.close()
"""


@pytest.mark.parametrize(
    ("name", "limit", "words"),
    [
        ("max_inotify_watches", "3", "fs.inotify.max_user_watches"),
        ("max_inotify_watches", "0", "fs.inotify.max_user_watches"),
        ("max_inotify_instances", "0", "fs.inotify.max_user_instances"),
    ],
)
def test_limits_of_the_system_are_said(tmp_path: Path, name: str, limit: str, words: str) -> None:
    in_namespace = ["unshare", "--user", "--map-root-user"]
    if shutil.which("unshare") is None or subprocess.run([*in_namespace, "true"], check=False).returncode:
        pytest.skip("needs user namespaces")
    for number in range(8):
        (tmp_path / f"d{number}").mkdir()
    done = subprocess.run(
        [*in_namespace, sys.executable, "-c", textwrap.dedent(_LIMITED), name, limit, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert words in done.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every folder")
def test_a_folder_that_may_not_be_read_is_said(tmp_path: Path, observer: FolderObserver, wait_until: Waiter) -> None:
    (closed := tmp_path / "closed").mkdir(mode=0)
    _start(observer, closed, wait_until)
    assert observer.watched()[0].problem == "This folder may not be read."
