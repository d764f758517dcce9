"""The results of a run as a strip of tabs, one line high."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from memdb_tui.ui.cell_text import clipped
from memdb_tui.ui.component_styles import component_style
from memdb_tui.ui.tab_strip import Placed, TabLabel, place_tabs

_FILLER = "┄"
_WIDEST_LABEL = 32
_EMPTY = "Results"
_PREVIOUS, _NEXT = "\u2039", "\u203a"


class ResultTabs(Widget, can_focus=True):
    """A strip of tabs that draws only those that fit: a thousand cost what five cost."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "result-tabs--tab",
        "result-tabs--active",
        "result-tabs--error",
        "result-tabs--filler",
        "result-tabs--focused",
    }
    DEFAULT_CSS = """
    ResultTabs {
        height: 1;
        background: $surface;
        color: $foreground;
        & > .result-tabs--tab { color: $muted; }
        & > .result-tabs--active { color: $foreground; text-style: bold; }
        & > .result-tabs--error { color: $error; }
        & > .result-tabs--filler { color: $border-blurred; }
        & > .result-tabs--focused { background: $block-cursor-background; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "select(-1)", "Previous result", id="result-previous", show=False),
        Binding("right", "select(1)", "Next result", id="result-next", show=False),
        Binding("home", "select_first", "First result", id="result-first", show=False),
        Binding("end", "select_last", "Last result", id="result-last", show=False),
    ]

    class Selected(Message):
        """The user chose a tab."""

        def __init__(self, tabs: ResultTabs, index: int) -> None:
            super().__init__()
            self.tabs = tabs
            self.index = index

        @property
        def control(self) -> ResultTabs:
            """The strip that sent it."""
            return self.tabs

    class Dragged(Message):
        """The strip was dragged by some rows, as the border that it is; down is positive."""

        def __init__(self, tabs: ResultTabs, delta: int) -> None:
            super().__init__()
            self.tabs = tabs
            self.delta = delta

        @property
        def control(self) -> ResultTabs:
            """The strip that was dragged."""
            return self.tabs

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(id=id, classes=classes)
        self._labels: tuple[TabLabel, ...] = ()
        self._active = 0
        self._first = 0
        self._grip: int | None = None

    @property
    def active(self) -> int:
        """The index of the active tab."""
        return self._active

    @property
    def labels(self) -> tuple[TabLabel, ...]:
        """What the tabs say."""
        return self._labels

    def show_tabs(self, labels: tuple[TabLabel, ...], active: int) -> None:
        """Show these tabs; none of them is said as an empty strip. `active` counts from 0."""
        active = max(0, min(active, len(labels) - 1))
        if (labels, active) != (self._labels, self._active):
            self._labels, self._active = labels, active
            self.refresh()

    def select(self, index: int) -> None:
        """Make a tab the active one, as a click does."""
        index = max(0, min(index, len(self._labels) - 1))
        if self._labels and index != self._active:
            self._active = index
            self.refresh()
            self.post_message(self.Selected(self, index))

    def action_select(self, step: int) -> None:
        """Select a neighbour."""
        self.select(self._active + step)

    def action_select_first(self) -> None:
        """Select the first tab."""
        self.select(0)

    def action_select_last(self) -> None:
        """Select the last tab."""
        self.select(len(self._labels) - 1)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the border."""
        self._grip = round(event.screen_y)
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say how far the border has come since the last time."""
        if self._grip is None:
            return
        if delta := round(event.screen_y) - self._grip:
            self._grip += delta
            self.post_message(self.Dragged(self, delta))

    def on_mouse_up(self) -> None:
        """Let go."""
        if self._grip is not None:
            self._grip = None
            self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Select the tab under the pointer; the counter's halves go to the neighbours."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        event.stop()
        placed = self._place()
        x = offset.x - 1
        for tab, start, end in zip(placed.tabs, placed.starts, placed.starts[1:], strict=False):
            if start <= x < end - 1:
                self.select(tab)
                return
        counter = self._counter(placed)
        into_counter = offset.x - (self.size.width - len(counter))
        if counter and into_counter >= 0:
            self.select(self._active + (-1 if into_counter < len(counter) // 2 else 1))

    def render_line(self, y: int) -> Strip:
        """The strip: tabs between dots, and which of how many where they do not all fit."""
        width = self.size.width
        if y or width <= 0:
            return Strip.blank(width, self.rich_style)
        filler = self._style("filler")
        segments = [Segment(_FILLER, filler)]
        if not self._labels:
            segments.append(Segment(f" {_EMPTY} ", self._style("tab")))
        placed = self._place()
        for tab in placed.tabs:
            segments += [Segment(self._text(tab), self._tab_style(tab)), Segment(_FILLER, filler)]
        counter = self._counter(placed)
        taken = sum(segment.cell_length for segment in segments) + len(counter)
        segments.append(Segment(_FILLER * max(0, width - taken), filler))
        segments.append(Segment(counter, self._style("tab")))
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _place(self) -> Placed:
        room = self.size.width - 1
        placed = place_tabs(self._width, len(self._labels), active=self._active, first=self._first, room=room)
        if not placed.is_all:
            room -= len(self._counter(placed))
            placed = place_tabs(self._width, len(self._labels), active=self._active, first=self._first, room=room)
        self._first = placed.tabs.start
        return placed

    def _counter(self, placed: Placed) -> str:
        """Which of how many; of one width for all of them, so that the tabs stand still."""
        if placed.is_all:
            return ""
        count = f"{len(self._labels):,}"
        return f" {_PREVIOUS} {f'{self._active + 1:,}':>{len(count)}} of {count} {_NEXT} "

    def _text(self, tab: int) -> str:
        label = clipped(self._labels[tab].text, _WIDEST_LABEL)
        return f"▐{label}▌" if tab == self._active else f" {label} "

    def _width(self, tab: int) -> int:
        return cell_len(self._text(tab)) + len(_FILLER)

    def _tab_style(self, tab: int) -> Style:
        style = self._style("active" if tab == self._active else "tab")
        if self._labels[tab].is_error:
            style += component_style(self, "result-tabs--error")
        if tab == self._active and self.has_focus:
            style += component_style(self, "result-tabs--focused")
        return style

    def _style(self, part: str) -> Style:
        return self.rich_style + component_style(self, f"result-tabs--{part}")
