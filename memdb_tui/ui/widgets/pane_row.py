"""The databases side by side, or one at a time where the terminal is narrow."""

from __future__ import annotations

from textual import events
from textual.containers import HorizontalScroll
from textual.geometry import Size
from textual.message import Message

from memdb_tui.model import ConnectionId, RunId
from memdb_tui.ui.widgets.database_pane import DatabasePane

MOST_PANES = 8
LEAST_COLUMNS = 38
"""A pane is never narrower: an editor and a grid of two columns can still be read."""


def least_width(count: int) -> int:
    """How many columns that many panes take side by side, the margins between them included."""
    return count * LEAST_COLUMNS + count - 1


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
        self._is_single = False
        self._in_view: tuple[DatabasePane, ...] = ()
        self._held: tuple[DatabasePane, int] | None = None
        self._leaving: set[DatabasePane] = set()

    @property
    def panes(self) -> tuple[DatabasePane, ...]:
        """The panes, from left to right; one that still comes, or goes, lacks the parts to show anything in."""
        return tuple(
            child
            for child in self.children
            if isinstance(child, DatabasePane) and child.is_mounted and child not in self._leaving
        )

    @property
    def is_full(self) -> bool:
        """No other pane fits, those counted that still come or go."""
        return len(self.children) >= MOST_PANES

    @property
    def active(self) -> DatabasePane | None:
        """The pane that has, or last had, the focus."""
        return self._active if self._active in self.panes else next(iter(self.panes), None)

    @property
    def is_single(self) -> bool:
        """One pane is seen at a time."""
        return self._is_single

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
        self._leaving.add(pane)
        await pane.remove()
        self._leaving.discard(pane)
        self._active = None
        if rest:
            self.activate(rest[min(index, len(rest) - 1)])
        self._renumber()

    def activate(self, pane: DatabasePane) -> None:
        """Makes a pane the active one and puts the cursor into its editor."""
        self.make_active(pane)
        # At once: what is still to be heard of the focus before is then known to be old.
        self.screen.set_focus(pane.editor)

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

    def show_single(self, *, is_single: bool) -> None:
        """One pane at a time, or side by side; where that is so already, nothing moves."""
        if is_single != self._is_single:
            self._is_single = is_single
            self._show_single()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The pane that has the focus is the active one; where the focus has gone on meanwhile, that is another."""
        if event.widget is not self.screen.focused:
            return
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
            self._bring_into_view()
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
        self._bring_into_view()

    def on_resize(self) -> None:
        """The panes share the new width."""
        self._share_width()
        self._bring_into_view()

    def watch_virtual_size(self, old: Size, new: Size) -> None:
        """The panes are laid out anew: others than before may be in view."""
        if old.width != new.width:
            self._bring_into_view()

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
        fits = self.is_single or self.size.width >= least_width(count)
        for pane in self.panes:
            pane.styles.width = None if fits else LEAST_COLUMNS

    def _bring_into_view(self) -> None:
        """Has the active pane scrolled to, wherever it came to stand: keys must not go where nobody looks."""
        # Where they stand is known once they are laid out.
        self.call_after_refresh(self._scroll_to_active)

    def _scroll_to_active(self) -> None:
        active = self.active
        if active is not None and not self.is_single and active.region.area:
            self.scroll_to_widget(active, animate=False)
        self._mind_view()

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
        self._bring_into_view()

    def _renumber(self) -> None:
        panes = self.panes
        for number, pane in enumerate(panes, start=1):
            pane.show_number(number)
            pane.set_class(number == len(panes), "-last")
        self._show_single()
        self.post_message(self.Changed())
