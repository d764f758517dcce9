"""Several happenings to one path become one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memdb_tui.files.events import EventBatch, EventKind, FileEvent, merged

_RAW = (EventKind.CREATED, EventKind.MODIFIED, EventKind.DELETED)


def _live(first_exists: bool, choices: list[int]) -> list[EventKind]:  # noqa: FBT001 drawn by hypothesis
    """A history that can happen: what exists can change or go, what does not exist can come."""
    exists, history = first_exists, []
    for choice in choices:
        kind = EventKind.CREATED if not exists else _RAW[1 + choice]
        exists = kind is not EventKind.DELETED
        history.append(kind)
    return history


@given(st.booleans(), st.lists(st.integers(0, 1), min_size=1, max_size=12))
def test_a_merged_history_tells_how_it_began_and_how_it_ended(
    first_exists: bool,  # noqa: FBT001 drawn by hypothesis
    choices: list[int],
) -> None:
    history = _live(first_exists, choices)
    kind = history[0]
    for later in history[1:]:
        kind = merged(kind, later)
    ends = history[-1] is not EventKind.DELETED
    broke = EventKind.DELETED in history and EventKind.CREATED in history
    expected = {
        (False, True): EventKind.CREATED,
        (False, False): EventKind.VANISHED,
        (True, False): EventKind.DELETED,
        (True, True): EventKind.RECREATED if broke else EventKind.MODIFIED,
    }
    assert kind is expected[first_exists, ends]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(_RAW)), max_size=40))
def test_a_batch_has_each_path_once_in_the_order_of_their_first_events(happened: list[tuple[str, EventKind]]) -> None:
    batch = EventBatch()
    for path, kind in happened:
        batch.add(FileEvent(path, kind, 1.0))
    events = batch.take()
    assert [event.path for event in events] == list(dict.fromkeys(path for path, _ in happened))
    assert not batch.take()


def test_what_follows_a_move_is_kept_apart_from_what_came_before() -> None:
    batch = EventBatch()
    batch.add(FileEvent("/a", EventKind.CREATED, 1.0))
    batch.add(FileEvent("/b", EventKind.MOVED, 2.0, moved_from="/a"))
    batch.add(FileEvent("/a", EventKind.CREATED, 3.0))
    batch.add(FileEvent("/b", EventKind.DELETED, 4.0))
    assert [(event.path, event.kind) for event in batch.take()] == [
        ("/a", EventKind.CREATED),
        ("/b", EventKind.MOVED),
        ("/a", EventKind.CREATED),
        ("/b", EventKind.DELETED),
    ]


def test_a_file_found_after_its_creation_was_told_stays_created() -> None:
    assert merged(EventKind.CREATED, EventKind.FOUND) is EventKind.CREATED
    assert merged(EventKind.FOUND, EventKind.CREATED) is EventKind.CREATED
    assert merged(EventKind.FOUND, EventKind.MODIFIED) is EventKind.FOUND


@given(st.sampled_from(list(EventKind)))
def test_asking_how_a_file_looks_hides_nothing_that_happened(kind: EventKind) -> None:
    assert merged(kind, EventKind.LOOK) is kind
    if kind in _RAW:
        assert merged(EventKind.LOOK, kind) is kind
