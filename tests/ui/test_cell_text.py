"""How values look in a cell."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from memdb_tui.model import Cell, CellKind
from memdb_tui.ui.cell_text import (
    ELLIPSIS,
    header_parts,
    is_number,
    padded,
    shown,
    tone,
    type_sign,
    wanted_width,
)

any_text = st.text(st.characters(), max_size=60) | st.text(
    st.sampled_from("a雪é\u0301\u200d\ufe0f👩❤\t\n\x1b\u202e\u2028\u00ad ")
)
cells = st.builds(
    lambda text, is_whole: Cell(kind=CellKind.TEXT, text=text, length=len(text), is_whole=is_whole),
    any_text,
    st.booleans(),
)


def blob(size: int, *, kind: CellKind = CellKind.BLOB) -> Cell:
    return Cell(kind=kind, text="ab" * min(size, 512), length=size, is_whole=size <= 512)


@given(cells, st.integers(1, 50))
@example(Cell(kind=CellKind.TEXT, text="a" + "\u0301" * 2000, length=2001, is_whole=True), 5)
def test_a_cell_fills_exactly_its_width_and_holds_no_control_character(cell: Cell, width: int) -> None:
    text = shown(cell, width)
    assert cell_len(text) <= width
    assert cell_len(padded(text, width)) == width
    assert cell_len(padded(text, width, is_right=True)) == width
    assert not any(ord(sign) < 0x20 or 0x7F <= ord(sign) < 0xA0 for sign in text)
    text.encode()


@given(cells)
def test_the_wanted_width_shows_the_whole_text(cell: Cell) -> None:
    width = wanted_width(cell, 400)
    text = shown(cell, max(1, width))
    assert text.endswith(ELLIPSIS) == (not cell.is_whole or cell.text.endswith(ELLIPSIS))


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("雪雪雪", 5, "雪雪…"),
        ("雪雪雪", 4, "雪 …"),
        ("a\nb\tc\x00", 20, "a⏎b⇥c␀"),
        ("", 5, ""),
        ("abc", 0, ""),
    ],
)
def test_texts_are_clipped_with_a_mark(text: str, limit: int, expected: str) -> None:
    assert shown(Cell(kind=CellKind.TEXT, text=text, length=len(text), is_whole=True), limit) == expected


def test_a_text_that_is_not_all_here_says_so() -> None:
    assert shown(Cell(kind=CellKind.TEXT, text="abc", length=9000, is_whole=False), 20) == "abc…"


def test_bytes_say_their_length_and_begin() -> None:
    assert shown(blob(0), 40) == "\u2039blob 0 B\u203a"
    assert shown(blob(3), 40) == "\u2039blob 3 B\u203a ababab"
    assert shown(blob(12), 16) == "\u2039blob 12 B\u203a aba…"
    assert shown(blob(2_000_000), 400).startswith("\u2039blob 1.9 MiB\u203a abab")
    assert shown(blob(2, kind=CellKind.BAD_TEXT), 40) == "\u2039not UTF-8, 2 B\u203a abab"


def test_long_bytes_widen_a_column_only_by_their_beginning() -> None:
    assert wanted_width(blob(500), 400) < 25


def test_null_is_not_the_text_null() -> None:
    null = Cell(kind=CellKind.NULL, text="", length=0, is_whole=True)
    text = Cell(kind=CellKind.TEXT, text="NULL", length=4, is_whole=True)
    assert shown(null, 20) != shown(text, 20)
    assert tone(null) is not tone(text)
    assert not is_number(null)


@pytest.mark.parametrize(
    ("kinds", "sign"),
    [
        ((), ""),
        ((CellKind.NULL,), "∅"),
        ((CellKind.INTEGER, CellKind.NULL), "#"),
        ((CellKind.REAL,), "#.#"),
        ((CellKind.TEXT,), "T"),
        ((CellKind.BLOB,), "▤"),
        ((CellKind.INTEGER, CellKind.TEXT), "~"),
    ],
)
def test_the_sign_tells_the_kinds_seen(kinds: tuple[CellKind, ...], sign: str) -> None:
    assert type_sign(kinds) == sign


@given(any_text, st.sampled_from(["", "#", "#.#"]), st.integers(1, 40))
def test_a_header_fits_its_column(name: str, sign: str, width: int) -> None:
    shown_name, shown_sign = header_parts(name, sign, width)
    assert cell_len(shown_name + shown_sign) <= width
