"""The strip of result tabs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from memdb_tui.ui.tab_strip import TabLabel, place_tabs
from memdb_tui.ui.theme import THEMES
from memdb_tui.ui.widgets.result_tabs import ResultTabs


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self.selected: list[int] = []

    def compose(self) -> ComposeResult:
        yield ResultTabs()

    @property
    def tabs(self) -> ResultTabs:
        return self.query_one(ResultTabs)

    def line(self) -> str:
        return self.tabs.render_line(0).text

    def on_result_tabs_selected(self, message: ResultTabs.Selected) -> None:
        assert message.control is self.tabs
        self.selected.append(message.index)


def labels(count: int) -> tuple[TabLabel, ...]:
    return tuple(TabLabel(f"Result {number}") for number in range(1, count + 1))


@given(st.lists(st.integers(2, 40), min_size=1, max_size=60), st.data())
def test_the_active_tab_is_visible_and_the_tabs_fit(widths: list[int], data: st.DataObject) -> None:
    active = data.draw(st.integers(0, len(widths) - 1))
    first = data.draw(st.integers(0, len(widths) + 3))
    room = data.draw(st.integers(1, 200))
    placed = place_tabs(widths.__getitem__, len(widths), active=active, first=first, room=room)
    assert active in placed.tabs
    assert len(placed.starts) == len(placed.tabs) + 1
    assert [b - a for a, b in zip(placed.starts, placed.starts[1:], strict=False)] == [widths[t] for t in placed.tabs]
    assert placed.starts[-1] <= room or len(placed.tabs) == 1
    assert placed.is_all == (len(placed.tabs) == len(widths))
    if sum(widths) <= room:
        assert placed.is_all
    again = place_tabs(widths.__getitem__, len(widths), active=active, first=placed.tabs.start, room=room)
    assert again == placed


def test_only_tabs_near_the_active_one_are_measured() -> None:
    asked: list[int] = []

    def width_of(tab: int) -> int:
        asked.append(tab)
        return 12

    place_tabs(width_of, 1_000_000, active=500_000, first=499_998, room=100)
    assert len(asked) < 50


async def test_no_result_is_an_empty_strip() -> None:
    app = Host()
    async with app.run_test(size=(30, 5)):
        assert app.line() == "┄ Results ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄"


async def test_the_active_tab_is_marked_without_colour() -> None:
    app = Host()
    async with app.run_test(size=(40, 5)):
        app.tabs.show_tabs((TabLabel("Result 1"), TabLabel("Error 2", is_error=True)), 1)
        assert app.line() == "┄ Result 1 ┄▐Error 2▌" + "┄" * 19
        error = next(segment for segment in app.tabs.render_line(0) if "Error" in segment.text)
        result = next(segment for segment in app.tabs.render_line(0) if "Result" in segment.text)
        assert error.style != result.style


async def test_keys_and_clicks_select() -> None:
    app = Host()
    async with app.run_test(size=(60, 5)) as pilot:
        app.tabs.show_tabs(labels(3), 2)
        app.tabs.focus()
        await pilot.press("left", "right", "right", "home", "end")
        await pilot.click(ResultTabs, offset=(app.line().index("Result 2"), 0))
        await pilot.pause()
        assert app.selected == [1, 2, 0, 2, 1]
        assert app.tabs.active == 1


async def test_of_a_thousand_tabs_those_around_the_active_one_are_drawn() -> None:
    app = Host()
    async with app.run_test(size=(60, 5)) as pilot:
        app.tabs.show_tabs(labels(1000), 499)
        line = app.line()
        assert "▐Result 500▌" in line
        assert line.endswith(" \u2039   500 of 1,000 \u203a ")
        assert cell_len(line) == 60
        await pilot.click(ResultTabs, offset=(line.index("\u203a"), 0))
        assert app.tabs.active == 500
        await pilot.click(ResultTabs, offset=(line.index("\u2039"), 0))
        assert app.tabs.active == 499


async def test_labels_are_never_markup_nor_control_characters() -> None:
    app = Host()
    async with app.run_test(size=(60, 5)):
        app.tabs.show_tabs((TabLabel("[b]x[/]\x1b[31m\n"),), 0)
        assert "▐[b]x[/]␛[31m⏎▌" in app.line()
