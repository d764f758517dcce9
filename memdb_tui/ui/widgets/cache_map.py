"""The Connections pane: who shares a cache with whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from memdb_tui.model import ConnectionId, Snapshot
from memdb_tui.ui.cache_lines import CacheListing, cache_lines, caches_state, connection_of
from memdb_tui.ui.widgets.line_list import LineList

_NAME = "Connections"
_LINES_A_MEMBER_TAKES = 3


class CacheMap(LineList):
    """All connections, grouped by cache, with how the grouping is known."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "close_connection", "Close", show=False, id="cache-map.close"),
    ]

    class ConnectionChosen(Message):
        """The user wants to go to a connection."""

        def __init__(self, cache_map: CacheMap, connection: ConnectionId) -> None:
            super().__init__()
            self.cache_map = cache_map
            self.connection = connection

        @property
        def control(self) -> CacheMap:
            """The pane it was chosen in."""
            return self.cache_map

    class CursorMoved(Message):
        """The cursor is on another line."""

        def __init__(self, cache_map: CacheMap) -> None:
            super().__init__()
            self.cache_map = cache_map

        @property
        def control(self) -> CacheMap:
            """The pane it moved in."""
            return self.cache_map

    class CloseRequested(Message):
        """The user wants a connection closed."""

        def __init__(self, cache_map: CacheMap, connection: ConnectionId) -> None:
            super().__init__()
            self.cache_map = cache_map
            self.connection = connection

        @property
        def control(self) -> CacheMap:
            """The pane it was asked in."""
            return self.cache_map

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._snapshot: Snapshot | None = None
        self._listing = CacheListing(now=0.0, panes={})

    def on_mount(self) -> None:
        """The pane has a name before it has anything to show."""
        self.show_titles([(_NAME, "")])

    def show_snapshot(self, snapshot: Snapshot, now: float, panes: Mapping[ConnectionId, str]) -> None:
        """Shows a snapshot.

        Args:
            snapshot: The whole picture.
            now: Seconds since the epoch, from which ages are told.
            panes: The words for the pane that runs a connection's SQL (`pane 1`), for connections that have one.
        """
        self._snapshot = snapshot
        self._listing = replace(self._listing, now=now, panes=panes)
        self._show()
        note = "Enter opens · d closes" if snapshot.connections else ""
        if snapshot.programs and snapshot.connections:
            note = "Enter shows its database"
        self.show_titles([(_NAME, caches_state(snapshot)), (_NAME, f"{len(snapshot.connections):,}")], note)

    def cursor_moved(self) -> None:
        """What explains the connection under the cursor moves with it."""
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

    def choose(self, key: str) -> None:
        """A connection was chosen."""
        self.post_message(self.ConnectionChosen(self, connection_of(key)))

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
