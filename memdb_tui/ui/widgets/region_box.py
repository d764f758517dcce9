"""The box around a region of the screen."""

from __future__ import annotations

from typing import Self

from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region


class RegionBox(Vertical):
    """A box whose border carries words; new words repaint their own line of the border, and nothing inside the box.

    Textual repaints a whole widget, and all within it, whenever its border's title is set. While rows arrive that
    happens many times a second.
    """

    _border_line: int | None = None
    """The line of the border that is being changed, counted from the top or, negative, from the bottom."""
    _title_shown = Content("")
    _bottom_shown = Content("")

    def show_title(self, words: Content) -> None:
        """Shows words in the upper border."""
        if not words.is_same(self._title_shown):
            self._title_shown = words
            self._border_line = 0
            self.border_title = words
            self._border_line = None

    def show_bottom(self, text: str) -> None:
        """Shows text in the lower border; it is not markup."""
        words = Content(text)
        if not words.is_same(self._bottom_shown):
            self._bottom_shown = words
            self._border_line = -1
            self.border_subtitle = words
            self._border_line = None

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """As of every widget; while the border's words change, of their line alone."""
        if self._border_line is not None and not regions:
            box, inside = self.outer_size, self.content_offset
            # Regions are counted from the content's corner.
            regions = (Region(-inside.x, self._border_line % max(1, box.height) - inside.y, box.width, 1),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
