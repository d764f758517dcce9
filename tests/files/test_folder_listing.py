"""Comparing two listings of a folder, and noticing a flood."""

from __future__ import annotations

from pathlib import Path

from file_session import Recorder, Waiter
from hypothesis import given
from hypothesis import strategies as st

from memdb_tui.files.baseline import Baseline
from memdb_tui.files.burst import BurstGauge
from memdb_tui.files.events import EventKind
from memdb_tui.files.listing import FolderListing, Stamp, differences, list_folder, walk_folders
from memdb_tui.files.observer import FolderObserver

_STAMPS = st.builds(
    Stamp, st.integers(0, 2), st.integers(0, 2), changed_ns=st.integers(0, 9), inode=st.integers(1, 2)
)
_FOLDERS = st.dictionaries(st.sampled_from("abcdef"), _STAMPS)


@given(_FOLDERS, _FOLDERS)
def test_two_whole_listings_tell_what_came_changed_and_went(before: dict[str, Stamp], now: dict[str, Stamp]) -> None:
    events = differences(
        "/p", FolderListing(before, is_whole=True), now=FolderListing(now, is_whole=True), since_ns=0, at=1.0
    )
    told = {event.path.removeprefix("/p/"): event.kind for event in events}
    for name in before.keys() | now.keys():
        old, new = before.get(name), now.get(name)
        if old is None or new is None:
            assert told[name] is (EventKind.CREATED if old is None else EventKind.DELETED)
        elif old.inode != new.inode:
            assert told[name] is EventKind.RECREATED
        else:
            is_same = (old.size_bytes, old.modified_ns) == (new.size_bytes, new.modified_ns)
            assert told.get(name) is (None if is_same else EventKind.MODIFIED)


@given(_FOLDERS, st.integers(0, 9))
def test_without_an_earlier_listing_only_what_changed_lately_is_found(now: dict[str, Stamp], since: int) -> None:
    for before in (None, FolderListing({}, is_whole=False)):
        events = differences("/p", before, now=FolderListing(now, is_whole=True), since_ns=since, at=1.0)
        lately = {name for name, stamp in now.items() if stamp.changed_ns >= since}
        assert {(event.path, event.kind) for event in events} == {(f"/p/{n}", EventKind.FOUND) for n in lately}


def test_a_listing_is_bounded_and_says_so(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"f{number}").touch()
    (tmp_path / "folder").mkdir()
    assert list_folder(str(tmp_path), 5).is_whole
    cut = list_folder(str(tmp_path), 4)
    assert (len(cut.stamps), cut.is_whole) == (4, False)
    assert not list_folder(str(tmp_path / "missing"), 4).is_whole


def test_a_walk_follows_no_links_and_ends_at_its_limit(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"d{number}" / "below").mkdir(parents=True)
    (tmp_path / "loop").symlink_to(tmp_path)
    walk = walk_folders(str(tmp_path), 9)
    assert (len(walk.folders), walk.is_whole) == (9, True)
    assert not walk_folders(str(tmp_path), 8).is_whole
    assert not walk_folders(str(tmp_path), 9, lambda: False).is_whole


def test_a_file_removed_and_made_anew_was_not_there(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.touch()
    baseline = Baseline()
    baseline.remember(str(tmp_path))
    assert baseline.follow(EventKind.MODIFIED, str(path), "")
    assert baseline.follow(EventKind.MOVED, str(tmp_path / "g"), str(path))
    assert not baseline.follow(EventKind.CREATED, str(path), "")
    assert baseline.follow(EventKind.DELETED, str(tmp_path / "g"), "")
    assert not baseline.follow(EventKind.CREATED, str(tmp_path / "g"), "")


def test_only_many_events_close_together_are_a_burst() -> None:
    gauge = BurstGauge(queue_limit=20)
    for moment in range(100):
        gauge.count(float(moment))
        assert gauge.ended(moment + 0.5) is None
        assert gauge.seconds_to_wait() is None
    for step in range(10):
        gauge.count(200.0 + step / 100)
    assert gauge.seconds_to_wait() is not None
    assert gauge.ended(200.1) is None
    assert gauge.ended(201.0) == 1.0
    assert gauge.ended(202.0) is None


def test_after_a_burst_the_folders_are_listed_again(tmp_path: Path, recorder: Recorder, wait_until: Waiter) -> None:
    """What the system dropped cannot be made to happen here; that it would be found afterwards can be shown."""
    # So low that every event counts as a burst: between any two a busy machine may pause for longer than one lasts.
    observer = FolderObserver(recorder, queue_limit=2)
    try:
        (below := tmp_path / "below").mkdir()
        observer.watch(str(tmp_path), recursive=True)
        observer.start()
        wait_until(lambda: observer.is_live and observer.watched())
        for number in range(100):
            (below / f"f{number}").touch()
        wait_until(lambda: any(e.is_folder and e.path == str(tmp_path) for e in recorder.events))
        wanted = {str(below / f"f{number}") for number in range(100)}
        wait_until(lambda: wanted <= {event.path for event in recorder.events if event.kind is EventKind.FOUND})
    finally:
        observer.close()
