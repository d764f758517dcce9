"""The databases as tabs, for when one of them is seen at a time."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from memdb_tui.frozen import dataclass
from memdb_tui.ui.rows import Part, Row
from memdb_tui.ui.tab_strip import place_tabs
from memdb_tui.ui.widgets.action_line import ActionLine

_PREVIOUS, _NEXT = "\u2039", "\u203a"
_BORDER = Part("│", "$faint", gap=0)
_OPEN = Part(" + ", "bold $primary", gap=0, action="open_database")


@dataclass(frozen=True, slots=True)
class PaneTab:
    """A tab of the strip."""

    text: str
    action: str
    """What a click on it means."""
    is_chosen: bool = False
    """What it stands for is what is seen."""
    is_stray: bool = False

    @property
    def part(self) -> Part:
        """The tab as it is drawn."""
        style = "bold $error" if self.is_stray else "bold $primary" if self.is_chosen else "$muted"
        text = f"▐{self.text}▌" if self.is_chosen else f" {self.text} "
        return Part(text, style, gap=0, action=self.action)


def tabs_row(
    tabs: Sequence[PaneTab], *, active: int, first: int, width: int, before: PaneTab | None = None
) -> tuple[Row, int]:
    """The strip in `width` cells, the active tab always in view, with `‹ n of m ›` where not all of them are.

    Args:
        tabs: All of them.
        active: The one that is in view, from 0.
        first: What was the first in view the last time.
        width: Terminal cells.
        before: A tab that stands before the others and does not count among them.

    Returns:
        The strip, and the first tab in view.
    """
    fixed = () if before is None else (before.part, _BORDER)
    room = width - sum(cell_len(part.text) for part in (*fixed, _OPEN))

    def cells(index: int) -> int:
        return cell_len(tabs[index].part.text) + 1

    placed = place_tabs(cells, len(tabs), active=active, first=first, room=room)
    counter: tuple[Part, ...] = ()
    if not placed.is_all:
        counter = _counter(tabs, active)
        room -= sum(cell_len(part.text) for part in counter)
        placed = place_tabs(cells, len(tabs), active=active, first=first, room=room)
    shown = [part for index in placed.tabs for part in (tabs[index].part, _BORDER)]
    ends = (*counter, _OPEN)
    row = Row((*fixed, *shown), ends) if counter else Row((*fixed, *shown, *ends))
    return row, placed.tabs.start


def _counter(tabs: Sequence[PaneTab], active: int) -> tuple[Part, ...]:
    """Which of how many; its arrows go to the neighbours. Of one width for all, so that the tabs stand still."""
    before = tabs[active - 1].action if active else ""
    behind = tabs[active + 1].action if active + 1 < len(tabs) else ""
    count = str(len(tabs))
    return (
        Part(f" {_PREVIOUS} ", "bold $primary" if before else "$faint", gap=0, action=before),
        Part(f"{active + 1:>{len(count)}} of {count}", "$muted", gap=0),
        Part(f" {_NEXT} ", "bold $primary" if behind else "$faint", gap=0, action=behind),
    )


class PaneTabs(ActionLine):
    """A strip of tabs, of which those in view are drawn whole."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._tabs: tuple[PaneTab, ...] = ()
        self._active = 0
        self._first = 0
        self._before: PaneTab | None = None

    def show_tabs(self, tabs: Sequence[PaneTab], *, active: int, before: PaneTab | None = None) -> None:
        """Shows these tabs.

        Args:
            tabs: One for each database.
            active: The one that is in view whatever else is, from 0.
            before: A tab for something else, which stands before them.
        """
        self._tabs, self._active, self._before = tuple(tabs), active, before
        self._lay_out()

    def on_resize(self) -> None:
        """As many tabs as fit."""
        self._lay_out()

    def _lay_out(self) -> None:
        row, self._first = tabs_row(
            self._tabs, active=self._active, first=self._first, width=self.size.width, before=self._before
        )
        self.show_row(row)
