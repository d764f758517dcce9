"""The ledger alone: what is shown, what is folded, what is another program's business."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from file_session import RIGHT_STRING, STRAY_STRING, Session
from hypothesis import given
from hypothesis import strategies as st

from memdb_tui.files.events import EventKind, FileEvent
from memdb_tui.files.ledger import MOST_FOREIGN, MOST_OTHERS, Ledger
from memdb_tui.files.probe import GONE, FileFacts
from memdb_tui.model import Evidence, FileChange, FileEntry, FileKind, FileReason, FileRole

CWD = "/proj"
_PAIR = ("/proj/file:db3", "/proj/file:db3-journal")
PLAIN = FileFacts(exists=True, is_regular=True, size_bytes=10, inode=1)
DATABASE = FileFacts(exists=True, is_regular=True, size_bytes=8192, header=FileKind.DATABASE, inode=2)


def _made(path: str, at: float = 1.0) -> FileEvent:
    return FileEvent(path, EventKind.CREATED, at)


def _went(path: str, at: float = 2.0) -> FileEvent:
    return FileEvent(path, EventKind.DELETED, at)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger([CWD])


@pytest.fixture
def host() -> Session:
    return Session(Path(CWD), 4242, ("/var/tmp", "/tmp", CWD))


def _only(ledger: Ledger) -> FileEntry:
    (entry,) = ledger.view().entries
    return entry


def test_a_stray_shows_at_once_with_who_why_and_what_would_have_been_right(ledger: Ledger, host: Session) -> None:
    ledger.show_snapshot(host.snapshot(host.touch("/proj/file:db3", at=5.0)), 5.1)
    entry = _only(ledger)
    assert (entry.role, entry.kind, entry.change) == (FileRole.STRAY, FileKind.DATABASE, FileChange.MADE)
    assert (entry.made_by, entry.string, entry.suggestion) == (("c4",), STRAY_STRING, RIGHT_STRING)
    assert entry.reason.startswith("uri=true is missing")
    assert entry.evidence is Evidence.OBSERVED
    assert ledger.view().strays == (entry,)


def test_the_event_before_its_snapshot_is_folded_until_the_snapshot_tells(ledger: Ledger, host: Session) -> None:
    ledger.take([_made("/proj/file:db3"), _made("/proj/file:db3-journal")], dict.fromkeys(_PAIR, PLAIN))
    assert ledger.view().other_count == 2
    ledger.show_snapshot(host.snapshot(host.touch("/proj/file:db3")), 1.1)
    assert ledger.view().other_count == 0
    assert {entry.kind for entry in ledger.view().entries} == {FileKind.DATABASE, FileKind.JOURNAL}
    assert all(entry.role is FileRole.STRAY for entry in ledger.view().entries)


def test_a_journal_seen_before_its_database_is_known_is_taken_from_the_others_once(ledger: Ledger) -> None:
    ledger.take([_made(path) for path in _PAIR], dict.fromkeys(_PAIR, PLAIN))
    ledger.take([FileEvent(_PAIR[0], EventKind.MODIFIED, 1.1)], {_PAIR[0]: DATABASE})
    assert ledger.view().other_count == 0
    assert {entry.kind for entry in ledger.view().entries} == {FileKind.DATABASE, FileKind.JOURNAL}


def test_journals_beside_a_stray_are_stray_and_inferred(ledger: Ledger, host: Session) -> None:
    connection = host.connection("c4", file="/proj/file:db3")
    ledger.show_snapshot(host.snapshot(host.touch("/proj/file:db3"), connections=(connection,)), 1.0)
    for suffix, kind in (("-journal", FileKind.JOURNAL), ("-wal", FileKind.WAL), ("-shm", FileKind.SHARED_MEMORY)):
        path = "/proj/file:db3" + suffix
        ledger.take([_made(path)], {path: PLAIN})
        entry = next(entry for entry in ledger.view().entries if entry.path == path)
        assert (entry.role, entry.kind, entry.made_by) == (FileRole.STRAY, kind, ("c4",))
        assert (entry.evidence, entry.string) == (Evidence.INFERRED, STRAY_STRING)


def test_a_file_that_was_there_stays_stray_and_says_so(ledger: Ledger, host: Session) -> None:
    ledger.show_snapshot(host.snapshot(host.touch("/proj/file:db3", existed=True)), 1.0)
    assert _only(ledger).change is FileChange.OPENED
    assert _only(ledger).was_there
    assert "already there" in _only(ledger).reason
    changed = FileEvent("/proj/file:db3", EventKind.MODIFIED, 2.0, was_there=True)
    ledger.take([changed], {"/proj/file:db3": DATABASE})
    assert _only(ledger).change is FileChange.CHANGED
    assert _only(ledger).role is FileRole.STRAY


def test_of_a_file_nobody_looked_for_it_is_not_said_that_it_was_there(ledger: Ledger, host: Session) -> None:
    ledger.show_snapshot(host.snapshot(host.asked_for("/proj/a.db", existed=None)), 1.0)
    entry = _only(ledger)
    assert (entry.change, entry.was_there) == (FileChange.OPENED, False)
    assert entry.reason.endswith("Whether it was there before c1 opened it is not known.")


def test_a_file_nobody_looked_for_was_made_when_that_was_seen(ledger: Ledger, host: Session) -> None:
    ledger.take([_made("/proj/a.db")], {"/proj/a.db": DATABASE})
    ledger.show_snapshot(host.snapshot(host.asked_for("/proj/a.db", existed=None)), 1.0)
    entry = _only(ledger)
    assert (entry.change, entry.was_there, entry.made_by) == (FileChange.MADE, False, ("c1",))
    assert entry.reason == "The string names a file."


def test_a_file_meant_as_one_is_asked_for_with_its_statement(ledger: Ledger, host: Session) -> None:
    touch = host.asked_for("/proj/x", reason=FileReason.ATTACH, statement="ATTACH 'x'", explanation="")
    ledger.show_snapshot(host.snapshot(touch), 1.0)
    entry = _only(ledger)
    assert (entry.role, entry.statement, entry.reason) == (FileRole.ASKED_FOR, "ATTACH 'x'", "c1 ran ATTACH 'x'.")
    assert entry.suggestion == ""


def test_one_connection_by_mistake_makes_a_file_stray_whoever_made_it(ledger: Ledger, host: Session) -> None:
    first = host.asked_for("/proj/f", "c1", at=1.0)
    second = host.touch("/proj/f", "c2", at=2.0, existed=True)
    ledger.show_snapshot(host.snapshot(first, second), 2.0)
    assert (_only(ledger).role, _only(ledger).made_by) == (FileRole.STRAY, ("c2",))
    assert "c1 made it before." in _only(ledger).reason


def test_a_touch_is_remembered_after_its_connection_is_gone(ledger: Ledger, host: Session) -> None:
    ledger.show_snapshot(host.snapshot(host.touch("/proj/f", at=1.0)), 1.0)
    ledger.show_snapshot(host.snapshot(host.asked_for("/proj/f", at=2.0)), 2.0)
    assert _only(ledger).role is FileRole.STRAY


def test_what_is_known_better_by_now_takes_the_place_of_what_was_said_before(ledger: Ledger, host: Session) -> None:
    early = host.asked_for("/proj/f", at=1.0, explanation="What its string means is not known yet.")
    for touch in (early, host.asked_for("/proj/f", at=1.0), host.touch("/proj/f", "c1", at=1.0)):
        ledger.show_snapshot(host.snapshot(touch), 1.0)
        assert _only(ledger).reason == touch.explanation
        assert _only(ledger).role is (FileRole.STRAY if touch.meant_as_memory else FileRole.ASKED_FOR)


def test_a_database_nobody_here_opened_is_shown_as_such(ledger: Ledger) -> None:
    ledger.take([_made("/proj/a.db")], {"/proj/a.db": DATABASE})
    entry = _only(ledger)
    assert (entry.role, entry.evidence, entry.made_by) == (FileRole.OTHER, Evidence.UNKNOWN, ())
    assert "no known connection of this session opened it" in entry.reason


def test_a_file_becomes_a_database_when_its_header_is_written(ledger: Ledger) -> None:
    ledger.take([_made("/proj/a")], {"/proj/a": PLAIN})
    assert (len(ledger.view().entries), ledger.view().other_count) == (0, 1)
    ledger.take([FileEvent("/proj/a", EventKind.MODIFIED, 2.0)], {"/proj/a": DATABASE})
    assert (len(ledger.view().entries), ledger.view().other_count) == (1, 0)


def test_made_and_removed_between_two_looks_is_told(ledger: Ledger, host: Session) -> None:
    ledger.show_snapshot(host.snapshot(host.asked_for("/proj/f")), 1.0)
    ledger.take([FileEvent("/proj/f-journal", EventKind.VANISHED, 2.0)], {})
    entry = next(entry for entry in ledger.view().entries if entry.path == "/proj/f-journal")
    assert (entry.change, entry.size_bytes) == (FileChange.MADE_AND_REMOVED, None)


def test_a_file_made_anew_after_its_removal_is_not_the_sessions(ledger: Ledger, host: Session) -> None:
    ledger.show_snapshot(host.snapshot(host.touch("/proj/f", at=1.0)), 1.0)
    ledger.take([_made("/proj/f")], {"/proj/f": DATABASE})
    record = ledger.record("/proj/f")
    assert record is not None
    assert record.is_sessions
    ledger.take([_went("/proj/f", 3.0)], {})
    assert _only(ledger).change is FileChange.MADE_AND_REMOVED
    ledger.take([_made("/proj/f", 4.0)], {"/proj/f": DATABASE})
    assert _only(ledger).change is FileChange.MADE
    assert not record.is_sessions
    ledger.take([FileEvent("/proj/f", EventKind.RECREATED, 5.0)], {"/proj/f": DATABASE})
    ledger.show_snapshot(host.snapshot(host.touch("/proj/f", at=1.0), host.touch("/proj/f", "c9", at=6.0)), 6.0)
    assert record.is_sessions


def test_a_replacement_with_another_inode_is_not_the_sessions(ledger: Ledger, host: Session) -> None:
    ledger.show_snapshot(host.snapshot(host.touch("/proj/f", at=1.0)), 1.0)
    ledger.take([_made("/proj/f")], {"/proj/f": DATABASE})
    other = FileFacts(exists=True, is_regular=True, size_bytes=8192, header=FileKind.DATABASE, inode=99)
    ledger.take([FileEvent("/proj/f", EventKind.MODIFIED, 3.0)], {"/proj/f": other})
    record = ledger.record("/proj/f")
    assert record is not None
    assert not record.is_sessions


def test_a_moved_stray_is_gone_and_its_new_name_is_a_database_of_nobody(ledger: Ledger, host: Session) -> None:
    ledger.show_snapshot(host.snapshot(host.touch("/proj/f")), 1.0)
    ledger.take([FileEvent("/proj/g", EventKind.MOVED, 2.0, moved_from="/proj/f")], {"/proj/g": DATABASE})
    entries = {entry.path: entry for entry in ledger.view().entries}
    assert entries["/proj/f"].change is FileChange.MADE_AND_REMOVED
    assert (entries["/proj/g"].role, entries["/proj/g"].change) == (FileRole.OTHER, FileChange.MADE)


def test_a_removed_folder_takes_its_files_with_it(ledger: Ledger, host: Session) -> None:
    ledger.show_snapshot(host.snapshot(host.touch("/proj/sub/f")), 1.0)
    event = FileEvent("/proj/sub", EventKind.DELETED, 2.0, is_folder=True)
    assert ledger.wanted([event]) == {"/proj/sub/f"}
    ledger.take([event], {"/proj/sub/f": GONE})
    assert _only(ledger).change is FileChange.MADE_AND_REMOVED


def test_other_programs_files_in_temporary_folders_are_not_even_looked_at(ledger: Ledger, host: Session) -> None:
    ledger.show_snapshot(host.snapshot(host.touch("/tmp/stray")), 1.0)
    events = [_made("/tmp/x"), _made("/tmp/a.db"), _made("/tmp/stray"), _made("/tmp/stray-wal"), _made("/proj/y")]
    assert ledger.wanted(events) == {"/tmp/stray", "/tmp/stray-wal", "/proj/y"}
    ledger.take(events, {**dict.fromkeys(("/tmp/stray", "/tmp/stray-wal"), DATABASE), "/proj/y": PLAIN})
    assert {entry.path for entry in ledger.view().entries} == {"/tmp/stray", "/tmp/stray-wal"}
    assert [entry.path for entry in ledger.view().others] == ["/proj/y"]


class TestTemporaryFiles:
    """Who needed an `etilqs_*` file, and how that is known."""

    PATH = "/var/tmp/etilqs_48d90a43b347efce"

    def _vanish(self, ledger: Ledger, *, at: float = 10.0, held: bool = False) -> None:
        held_paths = frozenset({self.PATH}) if held else frozenset()
        ledger.take([FileEvent(self.PATH, EventKind.VANISHED, at)], {}, held_paths)

    def test_held_by_the_host_it_is_observed(self, ledger: Ledger, host: Session) -> None:
        running = host.connection("c1", running="SELECT 1", since=9.0)
        ledger.show_snapshot(host.snapshot(connections=(running,)), 9.0)
        self._vanish(ledger, held=True)
        entry = _only(ledger)
        assert (entry.role, entry.kind) == (FileRole.TEMPORARY, FileKind.TEMPORARY)
        assert (entry.evidence, entry.made_by, entry.statement) == (Evidence.OBSERVED, ("c1",), "SELECT 1")

    def test_seen_to_be_held_only_after_it_was_made_it_is_observed(self, ledger: Ledger, host: Session) -> None:
        running = host.connection("c1", running="SELECT 1", since=9.0)
        ledger.show_snapshot(host.snapshot(connections=(running,)), 9.0)
        ledger.take([FileEvent(self.PATH, EventKind.CREATED, 10.0)], {self.PATH: PLAIN})
        assert _only(ledger).evidence is Evidence.INFERRED
        ledger.take([FileEvent(self.PATH, EventKind.DELETED, 10.1)], {}, frozenset({self.PATH}))
        entry = _only(ledger)
        assert (entry.evidence, entry.made_by, entry.statement) == (Evidence.OBSERVED, ("c1",), "SELECT 1")

    def test_several_running_may_each_have_made_it(self, ledger: Ledger, host: Session) -> None:
        running = tuple(host.connection(name, running="SELECT 1", since=9.0) for name in ("c1", "c2"))
        ledger.show_snapshot(host.snapshot(connections=(*running, host.connection("c3"))), 9.0)
        self._vanish(ledger)
        entry = _only(ledger)
        assert (entry.evidence, entry.made_by, entry.statement) == (Evidence.INFERRED, ("c1", "c2"), "")

    def test_with_nobody_running_it_is_another_programs(self, ledger: Ledger, host: Session) -> None:
        ledger.show_snapshot(host.snapshot(connections=(host.connection("c1"),)), 9.0)
        self._vanish(ledger)
        assert not ledger.view().entries
        assert ledger.view().other_count == 0

    def test_a_snapshot_that_comes_later_tells_who_was_running(self, ledger: Ledger, host: Session) -> None:
        ledger.show_snapshot(host.snapshot(connections=(host.connection("c1"),)), 9.0)
        self._vanish(ledger)
        running = host.connection("c1", running="SELECT 1", since=9.9)
        ledger.show_snapshot(host.snapshot(connections=(running,)), 10.2)
        assert _only(ledger).made_by == ("c1",)

    def test_who_ran_long_before_or_began_long_after_did_not_make_it(self, ledger: Ledger, host: Session) -> None:
        ledger.show_snapshot(host.snapshot(connections=(host.connection("c1", running="A", since=1.0),)), 1.0)
        ledger.show_snapshot(host.snapshot(connections=(host.connection("c1"),)), 5.0)
        self._vanish(ledger)
        ledger.show_snapshot(host.snapshot(connections=(host.connection("c2", running="B", since=11.0),)), 11.0)
        assert not ledger.view().entries

    def test_held_with_nobody_known_it_is_shown_without_a_name(self, ledger: Ledger, host: Session) -> None:
        ledger.show_snapshot(host.snapshot(), 9.0)
        self._vanish(ledger, held=True)
        assert (_only(ledger).made_by, _only(ledger).evidence) == ((), Evidence.OBSERVED)
        assert "not known" in _only(ledger).reason


def test_a_snapshot_between_the_look_and_its_use_loses_nothing(ledger: Ledger, host: Session) -> None:
    ledger.show_snapshot(host.snapshot(), 0.5)
    events = [_made("/tmp/stray")]
    facts = dict.fromkeys(ledger.wanted(events), DATABASE)
    to_look_at = ledger.show_snapshot(host.snapshot(host.touch("/tmp/stray", at=1.0)), 1.0)
    ledger.take(events, facts)
    assert _only(ledger).change is FileChange.MADE
    assert "/tmp/stray" in to_look_at
    record = ledger.record("/tmp/stray")
    assert record is not None
    assert record.is_sessions


def test_the_view_is_the_same_object_until_something_changes(ledger: Ledger, host: Session) -> None:
    snapshot = host.snapshot(host.touch("/proj/f"), connections=(host.connection("c4"),))
    ledger.show_snapshot(snapshot, 1.0)
    view = ledger.view()
    ledger.show_snapshot(snapshot, 2.0)
    ledger.show_watched((), is_live=False)
    ledger.take([_made("/tmp/of-another-program")], {})
    assert ledger.view() is view


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(list(EventKind)[:3]), st.booleans()), max_size=60))
def test_every_path_is_counted_once_and_stands_in_one_place(history: list[tuple[int, EventKind, bool]]) -> None:
    ledger = Ledger([CWD])
    paths = set()
    for number, kind, is_database in history:
        path = f"/proj/f{number}"
        paths.add(path)
        facts = {} if kind is EventKind.DELETED else {path: DATABASE if is_database else PLAIN}
        ledger.take([FileEvent(path, kind, 1.0)], facts)
    view = ledger.view()
    assert {entry.path for entry in (*view.entries, *view.others)} == paths
    assert len(view.entries) + view.other_count == len(paths)


def test_a_burst_of_50000_files_keeps_the_newest_200_and_the_count_and_no_memory(ledger: Ledger) -> None:
    def burst(begin: int) -> None:
        for number in range(begin, begin + 50_000, 100):
            events = [_made(f"/proj/f{n}", float(n)) for n in range(number, number + 100)]
            ledger.take(events, dict.fromkeys(ledger.wanted(events), PLAIN))

    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        burst(0)
        view = ledger.view()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert view.other_count == pytest.approx(50_000, abs=3)
    assert [entry.path for entry in view.others] == [f"/proj/f{n}" for n in range(49_999, 49_999 - MOST_OTHERS, -1)]
    assert grown < 2_000_000


def test_a_kept_no_longer_other_is_not_counted_twice(ledger: Ledger) -> None:
    for number in range(MOST_OTHERS + 50):
        ledger.take([_made(f"/proj/f{number}")], {f"/proj/f{number}": PLAIN})
    ledger.take([FileEvent("/proj/f0", EventKind.MODIFIED, 2.0)], {"/proj/f0": PLAIN})
    assert ledger.view().other_count == MOST_OTHERS + 50
    ledger.take([FileEvent("/proj/f1", EventKind.MODIFIED, 2.0)], {"/proj/f1": DATABASE})
    assert ledger.view().other_count == MOST_OTHERS + 49


def test_databases_of_nobody_are_bounded_too(ledger: Ledger) -> None:
    for number in range(MOST_FOREIGN + 20):
        ledger.take([_made(f"/proj/f{number}.db")], {f"/proj/f{number}.db": DATABASE})
    assert (len(ledger.view().entries), ledger.view().other_count) == (MOST_FOREIGN, 20)
