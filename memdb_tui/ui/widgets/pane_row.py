"""The databases side by side, or one at a time where the terminal is narrow."""

from __future__ import annotations

from textual import events
from textual.containers import HorizontalScroll
from textual.message import Message

from memdb_tui.model import ConnectionId, RunId
from memdb_tui.ui.widgets.database_pane import DatabasePane

MOST_PANES = 8
LEAST_COLUMNS = 38
"""A pane is never narrower: an editor and a grid of two columns can still be read."""


class PaneRow(HorizontalScroll, can_focus=False):
    """Panes that share the width, scroll when they get narrow, and know which of them is active."""

    DEFAULT_CSS = """
    PaneRow {
        height: 1fr; scrollbar-size-horizontal: 1;
        & DatabasePane { width: 1fr; margin: 0 1 0 0; }
        & DatabasePane.-last { margin: 0; }
        &.-single DatabasePane { display: none; margin: 0; }
        &.-single DatabasePane.-active { display: block; }
    }
    """

    class Changed(Message):
        """Another pane is active, or other ones are in view, or their number or order has changed."""

    def __init__(self, *panes: DatabasePane, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(*panes, id=id)
        self._active: DatabasePane | None = panes[0] if panes else None
        if self._active is not None:
            self._active.add_class("-active")
            panes[-1].add_class("-last")
        self._is_narrow = False
        self._is_zoomed = False
        self._in_view: tuple[DatabasePane, ...] = ()
        self._held: tuple[DatabasePane, int] | None = None
        self._leaving: DatabasePane | None = None

    @property
    def panes(self) -> tuple[DatabasePane, ...]:
        """The panes, from left to right."""
        return tuple(
            child for child in self.children if isinstance(child, DatabasePane) and child is not self._leaving
        )

    @property
    def active(self) -> DatabasePane | None:
        """The pane that has, or last had, the focus."""
        return self._active if self._active in self.panes else next(iter(self.panes), None)

    @property
    def is_zoomed(self) -> bool:
        """One pane has the whole width though there is room for more."""
        return self._is_zoomed

    @property
    def is_single(self) -> bool:
        """One pane is seen at a time."""
        return self._is_narrow or self._is_zoomed

    @property
    def in_view(self) -> tuple[DatabasePane, ...]:
        """The panes that are seen from border to border."""
        if self.is_single:
            return (self.active,) if self.active is not None else ()
        left = self.scroll_offset.x
        right = left + self.size.width
        return tuple(
            pane for pane in self.panes if left <= pane.virtual_region.x and pane.virtual_region.right <= right
        )

    def on_mount(self) -> None:
        """Numbers the panes."""
        self._renumber()

    def pane_of(self, connection: ConnectionId) -> DatabasePane | None:
        """The first pane whose SQL runs on a connection."""
        return next((pane for pane in self.panes if pane.connection_id == connection), None)

    def pane_showing(self, run: RunId) -> DatabasePane | None:
        """The pane that a run belongs to."""
        return next((pane for pane in self.panes if pane.run_shown is not None and pane.run_shown.id == run), None)

    async def add(self, pane: DatabasePane) -> None:
        """Puts a pane at the right end and goes to it."""
        await self.mount(pane)
        self.activate(pane)
        self._renumber()

    async def remove_pane(self, pane: DatabasePane) -> None:
        """Takes a pane away; its neighbour becomes the active one."""
        panes = self.panes
        index = panes.index(pane)
        rest = [other for other in panes if other is not pane]
        # Its parts go before it does; nothing is to be shown in it meanwhile.
        self._leaving = pane
        await pane.remove()
        self._leaving = None
        self._is_zoomed = False
        self._active = None
        if rest:
            self.activate(rest[min(index, len(rest) - 1)])
        self._renumber()

    def activate(self, pane: DatabasePane) -> None:
        """Makes a pane the active one and puts the cursor into its editor."""
        self.make_active(pane)
        pane.editor.focus()

    def move_active(self, step: int) -> bool:
        """Swaps the active pane with a neighbour; False at the end."""
        panes, active = self.panes, self.active
        if active is None:
            return False
        index = panes.index(active) + step
        if not 0 <= index < len(panes):
            return False
        if step < 0:
            self.move_child(active, before=panes[index])
        else:
            self.move_child(active, after=panes[index])
        self._renumber()
        return True

    def show_narrow(self, *, is_narrow: bool) -> None:
        """One pane at a time, or side by side."""
        self._is_narrow = is_narrow
        self._show_single()

    def toggle_zoom(self) -> None:
        """The active pane alone, or all again."""
        self._is_zoomed = not self._is_zoomed
        self._show_single()

    def leave_zoom(self) -> bool:
        """All panes again; False when none was zoomed."""
        was_zoomed = self._is_zoomed
        self._is_zoomed = False
        self._show_single()
        return was_zoomed

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The pane that has the focus is the active one."""
        for widget in event.widget.ancestors_with_self:
            if isinstance(widget, DatabasePane):
                self.make_active(widget)
                return

    def enter(self, pane: DatabasePane) -> None:
        """Makes a pane the active one; the focus comes into it, and stays where it is within it.

        Were it left in another pane, that one would be active again after the next modal.
        """
        if pane.has_focus_within:
            self.make_active(pane)
        else:
            self.activate(pane)

    def make_active(self, pane: DatabasePane) -> None:
        """Makes a pane the active one; the focus stays where it is."""
        if pane is self._active:
            return
        self._active = pane
        if self.is_single:
            self._show_single()
        self.post_message(self.Changed())
        # Where they stand is known once they are laid out.
        self.call_after_refresh(self._mind_view)

    def on_resize(self) -> None:
        """The panes share the new width."""
        self._share_width()
        self.call_after_refresh(self._mind_view)

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        """Other panes come into view."""
        super().watch_scroll_x(old_value, new_value)
        self._mind_view()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Takes hold of the margin between two panes."""
        if self.is_single:
            return
        x = round(event.screen_x)
        held = next((pane for pane in self.panes if pane.region.right == x), None)
        if held is not None and held is not self.panes[-1]:
            self._held = (held, x)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """One of the two panes gives way to the other."""
        if self._held is None:
            return
        left, x = self._held
        right = self.panes[self.panes.index(left) + 1]
        delta = round(event.screen_x) - x
        delta = max(LEAST_COLUMNS - left.outer_size.width, min(delta, right.outer_size.width - LEAST_COLUMNS))
        if delta:
            self._held = (left, x + delta)
            left.styles.width = left.outer_size.width + delta
            right.styles.width = right.outer_size.width - delta

    def on_mouse_up(self) -> None:
        """Lets go."""
        if self._held is not None:
            self._held = None
            self.release_mouse()

    def _share_width(self) -> None:
        """As wide as an equal share, but never too narrow to read: then the row scrolls."""
        if not self.panes or not self.size.width:
            return
        count = len(self.panes)
        fits = self.is_single or self.size.width >= count * LEAST_COLUMNS + count - 1
        for pane in self.panes:
            pane.styles.width = None if fits else LEAST_COLUMNS

    def _mind_view(self) -> None:
        in_view = self.in_view
        if in_view != self._in_view:
            self._in_view = in_view
            self.post_message(self.Changed())

    def _show_single(self) -> None:
        self.set_class(self.is_single, "-single")
        for pane in self.panes:
            pane.set_class(pane is self.active, "-active")
        self._share_width()

    def _renumber(self) -> None:
        panes = self.panes
        for number, pane in enumerate(panes, start=1):
            pane.show_number(number)
            pane.set_class(number == len(panes), "-last")
        self._show_single()
        self.post_message(self.Changed())
