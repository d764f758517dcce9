"""The margin between two regions can be dragged."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.containers import Container
from textual.widgets import Label

from memdb_tui.ui.theme import THEMES
from memdb_tui.ui.widgets.splitter import Direction, Splitter


class SplitApp(App[None]):
    """Two regions, the margin between them, and how far it was dragged."""

    CSS = """
    Container { width: 1fr; height: 1fr; &.-vertical { layout: horizontal; } &.-horizontal { layout: vertical; } }
    Label { width: 1fr; height: 1fr; }
    """

    def __init__(self, direction: Direction) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "memdb-dark"
        self.direction = direction
        self.moves: list[int] = []

    def compose(self) -> ComposeResult:
        with Container(classes=f"-{self.direction}"):
            yield Label("one")
            yield Splitter(self.direction)
            yield Label("two")

    def on_splitter_moved(self, message: Splitter.Moved) -> None:
        assert message.control is self.query_one(Splitter)
        self.moves.append(message.delta)


@pytest.mark.parametrize("direction", ["vertical", "horizontal"])
async def test_a_drag_says_how_far_it_went(direction: Direction) -> None:
    app = SplitApp(direction)
    async with app.run_test(size=(41, 21)) as pilot:
        region = app.query_one(Splitter).region
        assert (region.width, region.height) == ((1, 21) if direction == "vertical" else (41, 1))

        def at(distance: int) -> tuple[int, int]:
            return (region.x + distance, 4) if direction == "vertical" else (4, region.y + distance)

        await pilot.hover(None, offset=at(3))
        assert app.moves == []
        await pilot.mouse_down(None, offset=at(0))
        await pilot.hover(None, offset=at(3))
        await pilot.hover(None, offset=at(-2))
        await pilot.mouse_up(None, offset=at(-2))
        await pilot.hover(None, offset=at(5))
        assert sum(app.moves) == -2
        assert app.moves[0] > 0


@pytest.mark.parametrize(("direction", "line"), [("vertical", "│"), ("horizontal", "─" * 41)])
async def test_the_margin_is_blank_until_the_pointer_is_on_it(direction: Direction, line: str) -> None:
    app = SplitApp(direction)
    async with app.run_test(size=(41, 21)) as pilot:
        splitter = app.query_one(Splitter)
        assert splitter.render_line(0).text.strip() == ""
        await pilot.hover(Splitter)
        assert splitter.render_line(0).text == line
        await pilot.hover(None, offset=(1, 1))
        assert splitter.render_line(0).text.strip() == ""
