"""The Connections pane: who shares a cache with whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from memdb_tui.model import ConnectionId, Snapshot
from memdb_tui.ui.cache_lines import cache_lines, caches_state
from memdb_tui.ui.connection_lines import CacheListing, connection_of, is_waiting_copy
from memdb_tui.ui.folding import fold_of
from memdb_tui.ui.widgets.line_list import LineList

_NAME = "Connections"
_LINES_A_MEMBER_TAKES = 3


class _OfConnection(Message):
    """Something about a connection."""

    def __init__(self, cache_map: CacheMap, connection: ConnectionId) -> None:
        super().__init__()
        self.cache_map = cache_map
        self.connection = connection

    @property
    def control(self) -> CacheMap:
        """The pane it was asked in."""
        return self.cache_map


class CacheMap(LineList):
    """All connections, grouped by cache, with how the grouping is known."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "close_connection", "Close", show=False, id="cache-map.close"),
    ]

    class ConnectionChosen(_OfConnection):
        """The user wants to go to a connection."""

    class CloseRequested(_OfConnection):
        """The user wants a connection closed."""

    class CallOffRequested(_OfConnection):
        """The user no longer wants to wait for a copy of a connection's database."""

    class CursorMoved(Message):
        """The cursor is on another line."""

        def __init__(self, cache_map: CacheMap) -> None:
            super().__init__()
            self.cache_map = cache_map

        @property
        def control(self) -> CacheMap:
            """The pane it moved in."""
            return self.cache_map

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._snapshot: Snapshot | None = None
        self._listing = CacheListing(now=0.0, panes={})

    def on_mount(self) -> None:
        """The pane has a name before it has anything to show."""
        self.show_titles([(_NAME, "")])

    def show_snapshot(
        self,
        snapshot: Snapshot,
        now: float,
        panes: Mapping[ConnectionId, str],
        copying: Mapping[ConnectionId, str] | None = None,
    ) -> None:
        """Shows a snapshot.

        Args:
            snapshot: The whole picture.
            now: Seconds since the epoch, from which ages are told.
            panes: The words for the pane that runs a connection's SQL (`pane 1`), for connections that have one.
            copying: The words for copies that are waited for in the background, by the program's connection.
        """
        self._snapshot = snapshot
        self._listing = replace(self._listing, now=now, panes=panes, copying=copying or {})
        self._show()
        has_open = bool(snapshot.open_only().connections)
        note = "Enter opens · d closes" if has_open else ""
        if snapshot.programs and has_open:
            note = "Enter shows its database"
        self.show_titles([(_NAME, caches_state(snapshot)), (_NAME, f"{len(snapshot.connections):,}")], note)

    def cursor_moved(self) -> None:
        """What explains the connection under the cursor moves with it."""
        self._listing = replace(self._listing, kept=self.pointed_at)
        self._show()
        self.post_message(self.CursorMoved(self))

    @property
    def pointed_at(self) -> ConnectionId | None:
        """The connection under the cursor."""
        return None if self.cursor_key is None else connection_of(self.cursor_key)

    def on_focus(self) -> None:
        """Explains the connection under the cursor, after what is under the pointer was taken note of."""
        self.call_later(self._show)

    def on_blur(self) -> None:
        """Without a cursor nothing is explained, unless there is room for everything."""
        self.call_later(self._show)

    def on_resize(self) -> None:
        """What explains a connection is as wide as the pane."""
        self._show()

    def text_to_copy(self, key: str) -> str:
        """The connection's string."""
        connection = self._snapshot.connection(connection_of(key)) if self._snapshot else None
        return connection.string if connection else ""

    def move_cursor(self, key: str) -> None:
        """To a line; to that of a connection out of its fold."""
        if key not in self._places:
            self._listing = replace(self._listing, kept=ConnectionId(key))
            self._show()
        super().move_cursor(key)

    def choose(self, key: str) -> None:
        """A connection was chosen, or the line of a copy that is waited for, or one that stands for many."""
        if (fold := fold_of(key)) is not None:
            self._listing = replace(self._listing, unfolded=self._listing.unfolded ^ {fold})
            self._show()
            return
        kind = self.CallOffRequested if is_waiting_copy(key) else self.ConnectionChosen
        self.post_message(kind(self, connection_of(key)))

    def action_close_connection(self) -> None:
        """Asks for the connection under the cursor to be closed."""
        if (connection := self.pointed_at) is not None:
            self.post_message(self.CloseRequested(self, connection))

    def _show(self) -> None:
        if self._snapshot is None:
            return
        height = self.scrollable_content_region.height
        listing = replace(self._listing, width=self.wrap_width)
        members = sum(len(cache.members) for cache in self._snapshot.caches)
        if members * _LINES_A_MEMBER_TAKES + len(self._snapshot.caches) <= height:
            lines = cache_lines(self._snapshot, replace(listing, all_detailed=True))
            if len(lines) <= height:
                self.show_lines(lines)
                return
        self.show_lines(
            cache_lines(self._snapshot, replace(listing, detailed=self.cursor_key if self.has_focus else None))
        )
