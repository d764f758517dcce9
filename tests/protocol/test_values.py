"""SQLite's values as cells."""

from __future__ import annotations

import json
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memdb_tui.errors import ProtocolError
from memdb_tui.model import CellKind
from memdb_tui.protocol.values import CELL_CHARACTERS, cell_from_wire, cell_of, cell_to_wire, part_of, real_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=2000)
BAD_TEXTS = st.binary(min_size=1).map(lambda b: (b + b"\xff").decode("utf-8", "surrogateescape"))
VALUES = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | TEXTS
    | BAD_TEXTS
    | st.binary(max_size=2000)
)


@given(value=VALUES)
def test_a_cell_comes_back_as_it_went_and_fits_its_limit(value: object) -> None:
    cell = cell_of(value)
    assert len(cell.text) <= CELL_CHARACTERS
    assert cell_from_wire(json.loads(json.dumps(cell_to_wire(cell)))) == cell


@given(value=TEXTS)
def test_text_is_cut_and_says_so(value: str) -> None:
    cell = cell_of(value)
    assert (cell.kind, cell.text, cell.length) == (CellKind.TEXT, value[:CELL_CHARACTERS], len(value))
    assert cell.is_whole == (len(value) <= CELL_CHARACTERS)


@given(value=BAD_TEXTS | st.binary(max_size=2000))
def test_bytes_are_shown_as_hex(value: str | bytes) -> None:
    data = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
    cell = cell_of(value)
    assert cell.kind is (CellKind.BLOB if isinstance(value, bytes) else CellKind.BAD_TEXT)
    assert (cell.text, cell.length) == (data.hex()[:CELL_CHARACTERS], len(data))
    assert cell.is_whole == (2 * len(data) <= CELL_CHARACTERS)


@given(value=VALUES, size=st.integers(1, 700))
def test_the_pieces_of_a_value_make_the_whole(value: object, size: int) -> None:
    first = part_of(value, 0, size)
    pieces = [part_of(value, offset, size).text for offset in range(0, max(1, first.length), size)]
    if isinstance(value, str) and first.kind is CellKind.TEXT:
        assert "".join(pieces) == value
    elif first.kind in {CellKind.BLOB, CellKind.BAD_TEXT}:
        data = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")
        assert bytes.fromhex("".join(pieces)) == data


@given(value=st.floats(allow_nan=False))
def test_a_real_reads_back_as_itself(value: float) -> None:
    assert float(real_text(value)) == value


def test_infinities_are_written_as_sqlite_writes_them() -> None:
    with sqlite3.connect(":memory:") as raw:
        written = raw.execute("SELECT CAST(9e999 AS TEXT), CAST(-9e999 AS TEXT)").fetchone()
    raw.close()
    assert (real_text(float("inf")), real_text(float("-inf"))) == written


@pytest.mark.parametrize("data", [True, 1, [], ["?", "", 0, True], ["i", 1, 0, True], ["i", "1", 0], {}])
def test_what_is_no_cell_is_refused(data: object) -> None:
    with pytest.raises(ProtocolError, match="where a cell should be"):
        cell_from_wire(data)


def test_a_value_that_sqlite_cannot_have_is_refused() -> None:
    with pytest.raises(ProtocolError, match="no value of type object"):
        cell_of(object())
