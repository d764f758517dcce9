"""Values travel as JSON and come back as they were."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memdb_tui.errors import ProtocolError
from memdb_tui.model import (
    Cache,
    Cell,
    CellKind,
    CellPart,
    Closing,
    Connection,
    DatabaseSchema,
    FilesView,
    FileTouch,
    Given,
    HostFacts,
    LockReport,
    Opened,
    Origin,
    Run,
    Snapshot,
    StatementFailure,
    Window,
)
from memdb_tui.protocol import messages
from memdb_tui.protocol.codec import from_wire, to_wire
from memdb_tui.protocol.messages import Answer
from memdb_tui.protocol.snapshots import SnapshotReader, SnapshotWriter
from memdb_tui.protocol.windows import answer_from_wire, answer_to_wire, window_from_wire, window_to_wire

WIRED = [Cache, Closing, Connection, DatabaseSchema, FilesView, Given, HostFacts, LockReport, Opened, Run, Snapshot]
WIRED += [
    StatementFailure,
    CellPart,
    *(method.params for method in (messages.OPEN, messages.EXECUTE, messages.SET_MODE)),
]

# Where a program's connections came from is not said on this wire.
st.register_type_strategy(Origin, st.none())
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(str, st.text(st.characters() | st.sampled_from('\ud800\udcff\n\0\u2028"\\')))


def through_json(data: object) -> object:
    line = json.dumps(data, allow_nan=False)
    assert "\n" not in line
    return json.loads(line)


@pytest.mark.parametrize("cls", WIRED)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_value_comes_back_as_it_went(cls: type[object], data: st.DataObject) -> None:
    value: object = data.draw(st.from_type(cls))
    assert from_wire(cls, through_json(to_wire(value))) == value


@st.composite
def cells(draw: st.DrawFn) -> Cell:
    kind = draw(st.sampled_from(list(CellKind)))
    if kind is CellKind.NULL:
        return Cell(kind, "", 0, is_whole=True)
    text = draw(st.text(st.characters()))
    if kind is CellKind.TEXT and draw(st.booleans()):
        return Cell(kind, text, len(text), is_whole=True)
    return Cell(kind, text, draw(st.integers(0)), is_whole=draw(st.booleans()) and kind is not CellKind.TEXT)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    rows = draw(st.lists(st.lists(cells(), max_size=4).map(tuple), max_size=4).map(tuple))
    number = st.integers(0, 1 << 40)
    return Window(draw(number), draw(number), draw(number), draw(number), rows)  # type: ignore[arg-type]  # ids are ints


@settings(deadline=None)
@given(window=windows())
def test_a_window_comes_back_as_it_went(window: Window) -> None:
    assert window_from_wire(through_json(window_to_wire(window))) == window


@settings(max_examples=30, deadline=None)
@given(run=st.from_type(Run), window=st.none() | windows())
def test_an_answer_comes_back_as_it_went(run: Run, window: Window | None) -> None:
    answer = Answer(run, window)
    assert answer_from_wire(through_json(answer_to_wire(answer))) == answer


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
)


@settings(max_examples=200, deadline=None)
@given(data=JSON, cls=st.sampled_from(WIRED))
def test_what_has_another_shape_is_refused_and_nothing_else_happens(data: object, cls: type[object]) -> None:
    try:
        value = from_wire(cls, data)
    except ProtocolError:
        return
    assert isinstance(value, cls)


@given(data=JSON)
def test_what_is_no_window_is_refused(data: object) -> None:
    for decode in (window_from_wire, answer_from_wire, SnapshotReader().read):
        with pytest.raises(ProtocolError):
            decode(data)


def test_a_bool_is_no_number_and_a_number_no_text() -> None:
    for data in ([True], ["1"], [1.5], [None], [], [1, 2], {"version": 1}, None):
        with pytest.raises(ProtocolError, match="does not hold a Hello"):
            from_wire(messages.Hello, data)


def test_what_json_cannot_hold_is_not_sent() -> None:
    with pytest.raises(ProtocolError, match="cannot carry a bytes"):
        to_wire(b"")


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    connections = draw(st.lists(st.from_type(Connection), max_size=3, unique_by=lambda c: c.id))
    caches = draw(st.lists(st.from_type(Cache), max_size=4, unique_by=lambda c: c.id))
    touches = draw(st.lists(st.from_type(FileTouch), max_size=3))
    facts = draw(st.from_type(HostFacts))
    return Snapshot(draw(st.integers()), facts, tuple(connections), tuple(caches), tuple(touches))


@settings(max_examples=25, deadline=None)
@given(first=snapshots(), second=snapshots(), keep=st.integers(0, 4))
def test_snapshots_come_back_as_they_went_whatever_was_kept_from_the_one_before(
    first: Snapshot, second: Snapshot, keep: int
) -> None:
    kept = {c.id: c for c in (*second.connections, *first.connections[:keep])}
    mixed = Snapshot(second.seq, first.facts, tuple(kept.values()), second.caches, first.touches + second.touches)
    writer, reader = SnapshotWriter(), SnapshotReader()
    for snapshot in (first, second, mixed, mixed, first):
        assert reader.read(json.loads(writer.write(snapshot))) == snapshot


@given(snapshot=snapshots())
@settings(max_examples=10, deadline=None)
def test_what_did_not_change_is_the_same_object(snapshot: Snapshot) -> None:
    writer, reader = SnapshotWriter(), SnapshotReader()
    first = reader.read(json.loads(writer.write(snapshot)))
    again = reader.read(json.loads(writer.write(snapshot)))
    assert all(a is b for a, b in zip(first.connections, again.connections, strict=True))
    assert all(a is b for a, b in zip(first.caches, again.caches, strict=True))
