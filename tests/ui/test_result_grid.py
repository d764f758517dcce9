"""The result grid in a small app, over rows that SQLite gave."""

from __future__ import annotations

import re
import time

import pytest
from grid_host import RUN, GridHost, query, result_of, series
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip

from memdb_tui.model import RunId, RunState, Window
from memdb_tui.ui import grid_scroll
from memdb_tui.ui.copying import CopyScope
from memdb_tui.ui.grid_windows import Area
from memdb_tui.ui.widgets.result_grid import ResultGrid

MILLION = 1_000_000
SIZE = (80, 20)
DEADLINE_SECONDS = 60.0


async def settle(pilot: Pilot[None]) -> None:
    await pilot.pause()
    await pilot.pause()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lines of grids that were drawn, in that order."""
    lines: list[int] = []
    render_line = ResultGrid.render_line

    def noted(grid: ResultGrid, y: int) -> Strip:
        lines.append(y)
        return render_line(grid, y)

    monkeypatch.setattr(ResultGrid, "render_line", noted)
    return lines


def on_screen(app: GridHost) -> str:
    """What stands on the screen, also where that is not what the grid would draw now."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_only_what_is_visible_and_a_screen_ahead_is_asked_for() -> None:
    app = GridHost(*series(1000), row_count=MILLION)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "name 1 " in app.screen_lines()[1]
        assert sum(request.row_count for request in app.requests) <= 3 * SIZE[1]


async def test_end_shows_the_last_row_of_a_million_after_one_request_for_it() -> None:
    app = GridHost(*series(1000), row_count=MILLION)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.requests.clear()
        await pilot.press("end")
        await settle(pilot)
        assert app.grid.cursor.row == MILLION - 1
        assert app.screen_lines()[-2 if app.grid.show_horizontal_scrollbar else -1].startswith(" 1000000 ")
        assert app.requests[0].first_row + app.requests[0].row_count == MILLION
        await pilot.press("home")
        await settle(pilot)
        assert app.grid.cursor.row == 0
        assert app.grid.scroll_offset.y == 0


async def test_rows_that_are_not_here_are_dots_and_never_blank() -> None:
    app = GridHost(*series(100))
    app.is_answering = False
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        line = app.screen_lines()[1]
        assert line.split() == ["1", *"·····"]
        app.answer(app.requests[0])
        assert "name 1 " in app.screen_lines()[1]


async def test_one_request_at_a_time_while_scrolling_and_the_last_place_wins() -> None:
    app = GridHost(*series(1000), row_count=MILLION)
    app.is_answering = False
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        for _ in range(30):
            await pilot.press("pagedown")
        await settle(pilot)
        assert len(app.requests) == 1
        first_visible = app.grid.scroll_offset.y
        app.answer(app.requests[0])
        await settle(pilot)
        assert len(app.requests) == 2
        assert app.requests[1].first_row == first_visible


async def test_a_request_that_cannot_be_served_is_not_repeated_until_the_view_moves() -> None:
    app = GridHost(*series(1000), row_count=MILLION)
    app.is_answering = False
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.grid.show_no_window()
        app.grid.show_result(RUN, app.shown_result)
        await settle(pilot)
        assert len(app.requests) == 1
        await pilot.press("end")
        await settle(pilot)
        assert len(app.requests) == 2


async def test_windows_shorter_than_asked_are_followed_by_the_rest() -> None:
    app = GridHost(*series(100))
    app.most_rows = 4
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(10):
            await settle(pilot)
        assert not any("·" in line for line in app.screen_lines())


async def test_growing_keeps_cursor_and_place() -> None:
    app = GridHost(*series(1000), row_count=500)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        for key in ("pagedown", "pagedown", "down", "right"):
            await pilot.press(key)
        await settle(pilot)
        before = (app.grid.cursor, app.grid.scroll_offset)
        for row_count in (700, 900):
            app.grow(row_count)
            await settle(pilot)
        assert (app.grid.cursor, app.grid.scroll_offset) == before
        await pilot.press("end")
        assert app.grid.cursor.row == 899


async def test_rows_that_come_below_the_view_change_the_scrollbar_alone(drawn: list[int]) -> None:
    app = GridHost(*series(1000), row_count=500)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        before = app.grid.scrollable_content_region
        drawn.clear()
        layouts: list[Screen[object]] = []
        app.screen.screen_layout_refresh_signal.subscribe(app.grid, layouts.append)
        app.grow(999)
        await settle(pilot)
        assert (drawn, layouts) == ([], [])
        assert app.grid.vertical_scrollbar.window_virtual_size == app.grid.virtual_size.height == 1000
        assert app.grid.scrollable_content_region == before
        await pilot.press("end")
        await settle(pilot)
        assert app.screen_lines()[-1].startswith(" 999 ")


async def test_rows_that_come_into_view_are_drawn_at_once_as_is_a_wider_gutter() -> None:
    app = GridHost(*series(1000), row_count=5)
    app.is_answering = False
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        for row_count, last in ((8, " 8 "), (900, "  19 "), (1000, "   19 ")):
            app.grow(row_count)
            await settle(pilot)
            assert on_screen(app).splitlines()[min(row_count, SIZE[1] - 1)].startswith(last)


async def test_the_scrollbar_across_comes_when_a_wider_gutter_leaves_too_little_room() -> None:
    names, rows = query("SELECT 'x' AS v")
    app = GridHost((*names, "w"), [(rows[0][0], query("SELECT '" + "y" * 40 + "'")[1][0][0])] * 50)
    async with app.run_test(size=(52, 20)) as pilot:
        app.grow(90)
        await settle(pilot)
        shown = []
        for row_count in (99, 999, 9_999, 99_999, 999_999):
            app.grow(row_count)
            await settle(pilot)
            shown.append(app.grid.show_horizontal_scrollbar)
            assert shown[-1] == (app.grid.virtual_size.width > app.grid.size.width - 1)
        assert shown[0] is False
        assert shown[-1] is True


async def test_a_window_that_is_not_in_view_is_not_drawn(drawn: list[int]) -> None:
    app = GridHost(*series(1000), row_count=MILLION)
    app.is_answering = False
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.answer(app.requests[-1])
        await settle(pilot)
        ahead = app.requests[-1]
        assert ahead.first_row >= SIZE[1] - 1
        drawn.clear()
        app.answer(ahead)
        await settle(pilot)
        assert drawn == []


async def test_a_jump_is_drawn_once_with_its_rows(drawn: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_scroll, "PATIENCE_SECONDS", 3600.0)
    app = GridHost(*series(1000), row_count=MILLION)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.is_answering = False
        drawn.clear()
        await pilot.press("end")
        await settle(pilot)
        assert drawn == []
        assert "name 1 " in on_screen(app)
        assert app.grid.vertical_scrollbar.position == 0
        app.answer(app.requests[-1])
        await settle(pilot)
        assert sorted(drawn) == list(range(SIZE[1]))
        assert "name 1000 " in on_screen(app)
        assert app.grid.vertical_scrollbar.position == app.grid.scroll_y > 0


async def test_a_jump_whose_rows_do_not_come_is_drawn_without_them() -> None:
    app = GridHost(*series(1000), row_count=MILLION)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.is_answering = False
        await pilot.press("end")
        end = time.monotonic() + DEADLINE_SECONDS
        while " 1000000  ·" not in (text := re.sub(r" +·", "  ·", on_screen(app))):
            assert time.monotonic() < end, text
            await pilot.pause()


async def test_a_jump_to_rows_that_cannot_be_had_is_drawn_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_scroll, "PATIENCE_SECONDS", 3600.0)
    app = GridHost(*series(1000), row_count=MILLION)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.is_answering = False
        await pilot.press("end")
        await settle(pilot)
        app.grid.show_no_window()
        await settle(pilot)
        assert " 1000000 " in on_screen(app)


async def test_the_first_rows_of_a_long_result_are_drawn_once(drawn: list[int]) -> None:
    app = GridHost(*series(1000), row_count=0)
    async with app.run_test(size=SIZE) as pilot:
        await app.grid.remove()
        grid = ResultGrid()
        grid.display = False
        await app.mount(grid)
        await settle(pilot)
        app.grow(MILLION)
        app.answer(
            ResultGrid.WindowRequested(grid, run_id=RUN, result_index=1, area=Area(0, 50, 0, len(app.rows[0])))
        )
        assert grid.show_vertical_scrollbar, "before it is laid out, not after"
        drawn.clear()
        grid.display = True
        await settle(pilot)
        assert grid.show_vertical_scrollbar
        assert drawn.count(2) == 1


async def test_coming_back_to_a_result_comes_back_to_the_place_in_it() -> None:
    app = GridHost(*series(1000))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("end")
        await settle(pilot)
        before = (app.grid.cursor, app.grid.scroll_offset)
        app.grid.show_result(RUN, result_of(("a",), 5, index=2))
        await settle(pilot)
        assert app.grid.cursor.row == 0
        app.grid.show_result(RUN, app.shown_result)
        await settle(pilot)
        assert (app.grid.cursor, app.grid.scroll_offset) == before
        app.grid.show_result(RunId(2), app.shown_result)
        await settle(pilot)
        assert app.grid.cursor.row == 0


async def test_a_window_of_another_result_is_left_out() -> None:
    names, rows = series(50)
    app = GridHost(names, rows)
    app.is_answering = False
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.grid.show_window(Window(run=RunId(9), result=1, first_row=0, first_column=0, rows=tuple(rows)))
        assert "name 1 " not in app.screen_lines()[1]


async def test_memory_does_not_grow_with_the_rows_looked_at() -> None:
    app = GridHost(*series(1000), row_count=MILLION)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        held = app.grid._feed.held
        for place in range(0, MILLION, 20_000):
            app.grid.scroll_to(y=place, animate=False)
            await pilot.pause()
        assert 0 < held.size_bytes < 5 * 1024 * 1024


@pytest.mark.parametrize(
    "value",
    [
        "雪村 友子",
        "e\u0301te\u0301",
        "👩\u200d👩\u200d👧",
        "❤\ufe0f",
        "a\tb\nc\x1b[31m",
        "\u202eabc",
        "x" * 500,
        "\u200b",
        "",
    ],
)
async def test_columns_stay_aligned_beside_any_text(value: str) -> None:
    app = GridHost(*query("SELECT ? AS v, 'end' AS e UNION ALL SELECT 'plain', 'end'", (value,)))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        first, second = app.screen_lines()[1:3]
        assert cell_len(first) == cell_len(second) == SIZE[0]
        assert cell_len(first[: first.rindex("end")]) == cell_len(second[: second.rindex("end")])
        assert first.isprintable()


async def test_every_kind_of_value_looks_its_own_way() -> None:
    sql = "SELECT NULL AS n, 'NULL' AS t, '' AS e, x'00ff' AS b, 1.5 AS r, 7 AS i, CAST(x'80' AS TEXT) AS bad"
    app = GridHost(*query(sql))
    async with app.run_test(size=(120, 10)) as pilot:
        await settle(pilot)
        header, line = app.screen_lines()[:2]
        assert header.split() == ["n", "∅", "t", "T", "e", "T", "b", "▤", "r", "#.#", "i", "#", "bad", "T!"]
        words = [
            "1",
            "∅",
            "null",
            "NULL",
            "\u2039blob",
            "2",
            "B\u203a",
            "00ff",
            "1.5",
            "7",
            "\u2039not",
            "UTF-8,",
            "1",
            "B\u203a",
            "80",
        ]
        assert line.split() == words


async def test_user_data_is_never_markup() -> None:
    app = GridHost(*query("SELECT '[bold]x[/]' AS \"[red]n[/]\""))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        header, line = app.screen_lines()[:2]
        assert "[red]n[/]" in header
        assert "[bold]x[/]" in line


async def test_columns_widen_for_later_rows_and_never_narrow() -> None:
    app = GridHost(*query("SELECT 'a' AS v UNION ALL SELECT 'a' UNION ALL SELECT 'much longer than before'"))
    app.shown_result = result_of(("v",), 2)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        before = app.grid.virtual_size.width
        app.grow(3)
        await settle(pilot)
        assert app.grid.virtual_size.width > before
        assert "much longer than before" in app.screen_lines()[3]


async def test_of_two_thousand_columns_only_the_visible_ones_are_asked_for() -> None:
    names, rows = query("SELECT " + ", ".join(f"{n} AS column_{n}" for n in range(2000)))
    app = GridHost(names, rows * 50)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+right")
        await settle(pilot)
        assert app.grid.cursor.column == 1999
        assert "column_1999" in app.screen_lines()[0]
        assert all(request.column_count <= 64 for request in app.requests)
        assert app.requests[-1].first_column + app.requests[-1].column_count == 2000


async def test_an_empty_result_says_so_under_its_column_names() -> None:
    app = GridHost(*query("SELECT 1 AS id, 2 AS other WHERE 0"))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert app.screen_lines()[0].split() == ["id", "other"]
        assert app.screen_lines()[1].strip() == "0 rows"
        app.grow(0, state=RunState.RUNNING)
        await settle(pilot)
        assert on_screen(app).splitlines()[1].strip() == "No row yet."
        app.grow(0, state=RunState.CANCELLED)
        await settle(pilot)
        assert on_screen(app).splitlines()[1].strip() == "0 rows, cancelled before the first"


async def test_enter_and_double_click_open_the_cell_and_y_copies() -> None:
    app = GridHost(*series(100))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("down", "right", "enter", "y", "Y")
        await settle(pilot)
        opened, cell, row = app.messages
        assert isinstance(opened, ResultGrid.CellOpenRequested)
        assert (opened.row, opened.column, opened.control) == (1, 1, app.grid)
        assert isinstance(cell, ResultGrid.CopyRequested)
        assert isinstance(row, ResultGrid.CopyRequested)
        assert (cell.scope, row.scope) == (CopyScope.CELL, CopyScope.ROW)
        app.messages.clear()
        x = app.screen_lines()[4].index("name 4")
        await pilot.click(ResultGrid, offset=(x, 4), times=2)
        await settle(pilot)
        assert [(m.row, m.column) for m in app.messages if isinstance(m, ResultGrid.CellOpenRequested)] == [(3, 1)]


async def test_the_cursor_shows_only_with_the_focus() -> None:
    app = GridHost(*series(10))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)

        def backgrounds(y: int) -> set[object]:
            return {s.style.bgcolor for s in app.grid.render_line(y) if s.style}

        assert len(backgrounds(1)) == 3 - 1
        assert len(backgrounds(2)) == 1
        app.set_focus(None)
        await settle(pilot)
        assert backgrounds(1) == backgrounds(2)


async def test_wheel_moves_the_view_and_not_the_cursor() -> None:
    app = GridHost(*series(1000))
    async with app.run_test(size=(40, 20)) as pilot:
        await settle(pilot)
        app.grid.scroll_to(y=100, animate=False)
        await settle(pilot)
        assert app.grid.cursor.row == 0
        assert app.screen_lines()[1].split()[0] == "101"
        await pilot.press("down")
        await settle(pilot)
        assert app.grid.scroll_offset.y == 1


async def test_another_theme_is_drawn_at_once() -> None:
    app = GridHost(*series(10))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        before = [segment.style for segment in app.grid.render_line(2)]
        app.theme = "memdb-light"
        await settle(pilot)
        assert all(new != old for new, old in zip([s.style for s in app.grid.render_line(2)], before, strict=True))
