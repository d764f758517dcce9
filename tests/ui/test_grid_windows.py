"""What the grid holds and asks for: a host in ten lines answers, Hypothesis scrolls."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from memdb_tui.model import Cell, CellKind, RunId, Window
from memdb_tui.ui.grid_windows import Area, HeldWindows, WindowFeed, area_of, next_area, overlaps, surroundings


def cell(row: int, column: int, filler: str = "") -> Cell:
    return Cell(kind=CellKind.TEXT, text=f"{row},{column}{filler}", length=0, is_whole=True)


def window(area: Area, filler: str = "") -> Window:
    rows = tuple(
        tuple(cell(row, column, filler) for column in range(area.first_column, area.end_column))
        for row in range(area.first_row, area.end_row)
    )
    return Window(run=RunId(1), result=1, first_row=area.first_row, first_column=area.first_column, rows=rows)


areas = st.builds(Area, st.integers(0, 60), st.integers(1, 30), st.integers(0, 20), st.integers(1, 10))


@given(st.lists(areas, max_size=8), areas)
def test_what_is_held_is_what_was_given_and_a_gap_is_really_missing(given_areas: list[Area], wanted: Area) -> None:
    held = HeldWindows()
    for area in given_areas:
        held.add(window(area))
    columns = range(wanted.first_column, wanted.end_column)
    for row in range(wanted.first_row, wanted.end_row):
        for column, found in zip(columns, held.cells(row, columns), strict=True):
            is_given = any(
                a.first_row <= row < a.end_row and a.first_column <= column < a.end_column for a in given_areas
            )
            assert found == (cell(row, column) if is_given else None)
    gap = held.gap(wanted)
    covered = [
        any(
            a.first_row <= row < a.end_row
            and a.first_column <= wanted.first_column
            and wanted.end_column <= a.end_column
            for a in given_areas
        )
        for row in range(wanted.first_row, wanted.end_row)
    ]
    if gap is None:
        assert all(covered)
    else:
        first, end = gap[0] - wanted.first_row, gap[1] - wanted.first_row
        assert all(covered[:first])
        assert not any(covered[first:end])
        assert end == len(covered) or covered[end]


@given(areas, areas)
def test_a_window_is_in_view_when_it_has_a_cell_of_it(given_area: Area, visible: Area) -> None:
    def cells(area: Area) -> set[tuple[int, int]]:
        return {
            (row, column)
            for row in range(area.first_row, area.end_row)
            for column in range(area.first_column, area.end_column)
        }

    assert area_of(window(given_area)) == given_area
    assert overlaps(given_area, visible) == bool(cells(given_area) & cells(visible))
    feed = WindowFeed()
    assert not feed.has(visible)
    feed.take(window(given_area))
    assert feed.has(visible) == (cells(visible) <= cells(given_area))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4990), st.integers(0, 190)), min_size=1, max_size=12),
    st.integers(1, 40),
    st.integers(1, 10),
    st.integers(1, 40),
    st.sampled_from([10_000, 200_000]),
)
def test_asking_ends_with_everything_visible_here_whatever_the_host_cuts(
    places: list[tuple[int, int]], height: int, width: int, most_rows: int, limit_bytes: int
) -> None:
    """At every place a bounded number of requests fills the screen, and memory stays bounded."""
    row_count, column_count = 5000, 200
    held = HeldWindows(limit_bytes)
    last = 0
    for first_row, first_column in places:
        visible = Area(
            first_row, min(height, row_count - first_row), first_column, min(width, column_count - first_column)
        )
        held.use(surroundings(visible, row_count))
        is_up, last = first_row < last, first_row
        is_first = True
        for _ in range(4 * height + 4):
            area = next_area(held, visible, row_count=row_count, column_count=column_count, is_up=is_up)
            if area is None:
                break
            if is_first and held.gap(visible):
                assert visible.first_row <= area.first_row
                assert area.end_row <= visible.end_row
            is_first = False
            assert area.row_count > 0
            assert area.end_row <= row_count
            assert area.end_column <= column_count
            assert held.gap(area)
            held.add(
                window(Area(area.first_row, min(area.row_count, most_rows), area.first_column, area.column_count))
            )
        else:
            raise AssertionError("asking does not end")
        assert held.gap(visible) is None
        three_screens = 3 * height * 3 * width * 300
        assert held.size_bytes <= limit_bytes + 2 * three_screens


def test_the_direction_decides_what_is_fetched_ahead() -> None:
    visible = Area(100, 20, 0, 5)
    held = HeldWindows()
    held.use(surroundings(visible, 1000))
    held.add(window(visible))
    down = next_area(held, visible, row_count=1000, column_count=5, is_up=False)
    up = next_area(held, visible, row_count=1000, column_count=5, is_up=True)
    assert down == Area(120, 20, 0, 5)
    assert up == Area(80, 20, 0, 5)


def test_single_steps_ask_once_in_half_a_screen() -> None:
    held = HeldWindows()
    asked = 0
    for first in range(200):
        visible = Area(first, 20, 0, 5)
        held.use(surroundings(visible, 1000))
        while area := next_area(held, visible, row_count=1000, column_count=5, is_up=False):
            held.add(window(area))
            asked += 1
    assert asked <= 2 + 200 // 10 + 1


def test_what_was_used_longest_ago_goes_first() -> None:
    held = HeldWindows(limit_bytes=3 * 10 * 210)
    one, two, three, four = (Area(start, 10, 0, 1) for start in (0, 10, 20, 30))
    for area in (one, two, three):
        held.add(window(area))
    held.use(one)
    held.use(Area(40, 10, 0, 1))
    held.add(window(four))
    assert held.gap(one) is None
    assert held.gap(two) == (10, 20)
