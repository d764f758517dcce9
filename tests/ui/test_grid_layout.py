"""Where columns stand and how cursor and view move."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memdb_tui.ui.grid_layout import (
    PADDING,
    WIDEST_COLUMN,
    ColumnLayout,
    Cursor,
    Move,
    gutter_width,
    moved,
    scrolled_into_view,
    shown_widths,
    widened,
)

widths = st.lists(st.integers(1, 60), max_size=40)


@given(widths, st.integers(0, 2000), st.integers(0, 200))
def test_visible_columns_are_exactly_those_that_overlap_the_view(
    given_widths: list[int], scroll: int, room: int
) -> None:
    layout = ColumnLayout.of(given_widths)
    overlapping = [
        column
        for column in range(len(given_widths))
        if layout.starts[column] < scroll + room and layout.starts[column + 1] > scroll
    ]
    assert list(layout.visible(scroll, room)) == (overlapping if room else [])


@given(widths, st.integers(-5, 3000))
def test_the_column_at_a_place_is_the_one_whose_slot_covers_it(given_widths: list[int], x: int) -> None:
    layout = ColumnLayout.of(given_widths)
    column = layout.column_at(x)
    if column is None:
        assert not 0 <= x < layout.total
    else:
        start, width = layout.slot(column)
        assert start <= x < start + width
        assert width == given_widths[column] + 2 * PADDING


@given(st.lists(st.integers(0, 500), min_size=1, max_size=30), st.data())
def test_columns_widen_and_never_narrow(needs: list[int], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(needs) - 1))
    seen = data.draw(st.lists(st.integers(0, 500), min_size=1, max_size=len(needs) - first))
    after = widened(tuple(needs), first, seen)
    assert len(after) == len(needs)
    assert all(new >= old for new, old in zip(after, needs, strict=True))
    assert all(after[first + offset] >= need for offset, need in enumerate(seen))
    assert widened(after, first, seen) is after


@given(st.lists(st.integers(0, 500), min_size=1, max_size=30), st.integers(0, 300))
def test_only_the_last_column_may_pass_the_limit_and_only_into_free_room(needs: list[int], room: int) -> None:
    shown = shown_widths(needs, room)
    assert all(1 <= width <= WIDEST_COLUMN for width in shown[:-1])
    assert shown[-1] <= WIDEST_COLUMN or sum(shown) + 2 * PADDING * len(shown) <= room


@given(
    st.builds(Cursor, row=st.integers(0, 10**6), column=st.integers(0, 2000)),
    st.sampled_from(Move),
    st.integers(0, 10**6),
    st.integers(0, 2000),
    st.integers(0, 100),
)
def test_the_cursor_stays_in_the_grid(cursor: Cursor, move: Move, rows: int, columns: int, page: int) -> None:
    after = moved(cursor, move, row_count=rows, column_count=columns, page_rows=page)
    assert 0 <= after.row <= max(0, rows - 1)
    assert 0 <= after.column <= max(0, columns - 1)


def test_first_and_last_go_to_the_edges() -> None:
    def go(move: Move) -> Cursor:
        return moved(Cursor(row=5, column=3), move, row_count=1000, column_count=9, page_rows=20)

    assert go(Move.LAST_ROW) == Cursor(row=999, column=3)
    assert go(Move.FIRST_ROW) == Cursor(row=0, column=3)
    assert go(Move.LAST_COLUMN) == Cursor(row=5, column=8)
    assert go(Move.FIRST_COLUMN) == Cursor(row=5, column=0)
    assert go(Move.PAGE_DOWN) == Cursor(row=25, column=3)


@given(st.integers(0, 1000), st.integers(1, 50), st.integers(0, 1000), st.integers(1, 100))
def test_scrolling_into_view_shows_it_and_moves_no_further_than_needed(
    first: int, length: int, scroll: int, room: int
) -> None:
    after = scrolled_into_view(first, length, scroll=scroll, room=room)
    if length <= room:
        assert after <= first
        assert first + length <= after + room
        if scroll <= first and first + length <= scroll + room and length < room:
            assert after == scroll
    else:
        assert after == first


def test_the_gutter_grows_with_the_row_numbers() -> None:
    assert [gutter_width(rows) for rows in (0, 9, 10, 1_000_000)] == [3, 3, 4, 9]
