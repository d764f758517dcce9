"""A scroll view over cells that are fetched while it is looked at: how it does with few frames, and small ones."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.timer import Timer

PATIENCE_SECONDS = 0.04
"""How long the picture stays as it was while what came into view is on its way; then it is drawn without."""


class GridScroll(ScrollView):
    """A scroll view whose content grows without being laid out, and that draws a jump once, with its cells.

    Textual lays the screen out whenever the virtual size changes, and repaints the widget. While rows arrive that
    happens many times a second, and all that can be seen of it is the scrollbar.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(id=id, classes=classes)
        self._held_picture: Timer | None = None
        """Runs while the view has moved and is not drawn yet."""

    @property
    def is_picture_held(self) -> bool:
        """The view has moved and is not drawn yet."""
        return self._held_picture is not None

    def is_here(self) -> bool:
        """Everything in view can be drawn; for subclasses."""
        return True

    def view_moved(self) -> None:
        """Other cells are in view; for subclasses."""

    def draw(self) -> None:
        """Draw everything, as far as it is here."""
        if self._held_picture is not None:
            self._held_picture.stop()
            self._held_picture = None
        self._move_thumbs()
        self.refresh()

    def resize_content(self, size: Size) -> None:
        """Make room to scroll over content of this size."""
        if self._keeps_scrollbars(size):
            self.set_reactive(GridScroll.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
            if self.show_horizontal_scrollbar:
                self.horizontal_scrollbar.window_virtual_size = size.width
            return
        self.virtual_size = size
        if size.height > self.screen.size.height:
            # Else it would be laid out for the first time without its scrollbar, and then once more.
            self.show_vertical_scrollbar = True

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Draw what came into view."""
        self._scrolled(old_value, new_value)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw what came into view."""
        self._scrolled(old_value, new_value)

    def _scrolled(self, before: float, now: float) -> None:
        if round(before) == round(now):
            self._move_thumbs()
        elif self.is_here():
            self.draw()
        elif self._held_picture is None:
            self._held_picture = self.set_timer(PATIENCE_SECONDS, self.draw)
        self.view_moved()

    def _move_thumbs(self) -> None:
        """Show in the scrollbars where the view is.

        Not before the cells are drawn: after a frame Textual draws no other for up to two periods of its timer.
        """
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = self.scroll_y
        if self.show_horizontal_scrollbar:
            self.horizontal_scrollbar.position = self.scroll_x

    def _keeps_scrollbars(self, size: Size) -> bool:
        """Content that has grown to this size has the scrollbars that are there, and no others."""
        grows = size.width >= self.virtual_size.width and size.height >= self.virtual_size.height
        room = self.size.width - self.scrollbar_size_vertical
        return grows and self.show_vertical_scrollbar and (self.show_horizontal_scrollbar or size.width <= room)
