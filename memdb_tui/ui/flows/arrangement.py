"""Which regions are seen: side by side or one at a time, one alone while it is zoomed, lists folded in few rows."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.widget import Widget

from memdb_tui.ui.widgets.cache_map import CacheMap
from memdb_tui.ui.widgets.file_feed import FileFeed
from memdb_tui.ui.widgets.upper_region import UpperRegion

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench

_LEAST_WIDTH = 100
_LEAST_HEIGHT = 30
"""Below this the databases become tabs, and so do Connections and Files."""
_UNFOLDED_HEIGHT = 24
"""Below this Connections and Files have their tabs alone as long as the focus is elsewhere."""


class _Half(Enum):
    """Where on the screen a region is."""

    UPPER = "upper"
    LOWER = "lower"


class Arrangement:
    """Gives the regions their room; the focus decides which is seen where not all are.

    Args:
        workbench: The screen with the regions.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._is_narrow = False
        self._is_low = False
        self._is_zoomed = False
        self._half = _Half.UPPER
        """Where the focus is, or was last."""

    @property
    def hides_upper(self) -> bool:
        """A list has the whole window."""
        return self._is_zoomed and self._half is _Half.LOWER

    def resized(self, size: Size) -> None:
        """The terminal has another size."""
        self._is_narrow = size.width < _LEAST_WIDTH or size.height < _LEAST_HEIGHT
        self._is_low = size.height < _UNFOLDED_HEIGHT
        self._show()

    def focused(self, widget: Widget) -> None:
        """The focus has come to a widget: its region is seen."""
        half = _half_of(widget)
        if half is not None and half is not self._half:
            self._half = half
            self._show()
            if self._is_zoomed:
                self._workbench.showing.show_panes()

    def toggle_zoom(self) -> None:
        """The region with the focus alone, or all again."""
        self._is_zoomed = not self._is_zoomed
        self._show()

    def leave_zoom(self) -> bool:
        """All regions again; False when none was zoomed."""
        was_zoomed = self._is_zoomed
        self._is_zoomed = False
        self._show()
        return was_zoomed

    def _show(self) -> None:
        workbench, is_single = self._workbench, self._is_narrow or self._is_zoomed
        workbench.set_class(self._is_narrow, "-narrow")
        workbench.set_class(self._is_zoomed, "-zoomed")
        workbench.set_class(self.hides_upper, "-lists-alone")
        workbench.panes.show_single(is_single=is_single)
        workbench.upper.show_single(is_single=is_single)
        workbench.lower.show_narrow(
            is_narrow=self._is_narrow or self.hides_upper, is_folded=self._is_low and self._half is _Half.UPPER
        )


def _half_of(widget: Widget) -> _Half | None:
    for region in widget.ancestors_with_self:
        if isinstance(region, (CacheMap, FileFeed)):
            return _Half.LOWER
        if isinstance(region, UpperRegion):
            return _Half.UPPER
    return None
