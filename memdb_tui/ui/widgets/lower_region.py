"""Connections and files: side by side, or one at a time where the terminal is narrow."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from memdb_tui.model import ConnectionId, FilesView, Snapshot
from memdb_tui.ui.file_lines import without_sides
from memdb_tui.ui.rows import Part, Row
from memdb_tui.ui.widgets.action_line import ActionLine
from memdb_tui.ui.widgets.cache_map import CacheMap
from memdb_tui.ui.widgets.file_feed import FileFeed
from memdb_tui.ui.widgets.splitter import Splitter

_LEAST_ROWS = 4
_LEAST_COLUMNS = 30


class LowerRegion(Vertical):
    """The two lists below the databases."""

    DEFAULT_CSS = """
    LowerRegion {
        height: 12;
        & > ActionLine { display: none; }
        & > Horizontal { height: 1fr; }
        & LineList { width: 1fr; height: 1fr; }
        &.-narrow {
            height: 8;
            & > ActionLine { display: block; }
            & Splitter, & LineList { display: none; }
            &.-connections CacheMap { display: block; }
            &.-files FileFeed { display: block; }
            &.-folded { height: 1; }
            &.-folded > Horizontal { display: none; }
        }
    }
    """

    def __init__(self) -> None:
        super().__init__(classes="-connections")
        self._connections = 0
        self._strays = 0
        self._show_others = False
        self._user_rows: int | None = None

    def compose(self) -> ComposeResult:
        """The tabs for narrow terminals, the two lists, the border between them."""
        yield ActionLine(id="lower-tabs")
        with Horizontal():
            yield CacheMap()
            yield Splitter("vertical", id="splitter-feed")
            yield FileFeed()

    @property
    def cache_map(self) -> CacheMap:
        """The connections."""
        return self.query_one(CacheMap)

    @property
    def file_feed(self) -> FileFeed:
        """The files."""
        return self.query_one(FileFeed)

    def show_narrow(self, *, is_narrow: bool, is_folded: bool) -> None:
        """One list at a time, or both; folded, the tabs of one at a time alone."""
        self.set_class(is_narrow, "-narrow")
        self.set_class(is_folded, "-folded")
        self.styles.height = None if is_narrow or self._user_rows is None else self._user_rows

    def show_snapshot(
        self,
        snapshot: Snapshot,
        now: float,
        panes: Mapping[ConnectionId, str],
        copying: Mapping[ConnectionId, str] | None = None,
    ) -> None:
        """Shows the newest picture."""
        self._connections = len(snapshot.open_only().connections)
        self.cache_map.show_snapshot(snapshot, now, panes, copying)
        self._show_tabs()

    def show_files(self, view: FilesView, now: float) -> None:
        """Shows the newest files; a new stray turns to them, unless the user is in the other list."""
        strays = len(without_sides(view.strays))
        if strays > self._strays and not self.cache_map.has_focus:
            self.turn_to_files(is_files=True)
        self._strays = strays
        self.file_feed.show_files(view, now, show_others=self._show_others)
        self._show_tabs()

    def toggle_others(self) -> None:
        """Lists or folds the files that are not SQLite's; the next view shows it."""
        self._show_others = not self._show_others

    def turn_to_files(self, *, is_files: bool) -> None:
        """Which list a narrow terminal shows."""
        self.set_class(is_files, "-files")
        self.set_class(not is_files, "-connections")
        self._show_tabs()

    def grow(self, rows: int, most: int) -> None:
        """Takes rows from the databases, or gives some back."""
        self._user_rows = max(_LEAST_ROWS, min(most, self.outer_size.height + rows))
        self.styles.height = self._user_rows

    @on(Splitter.Moved, "#splitter-feed")
    def _border_dragged(self, event: Splitter.Moved) -> None:
        event.stop()
        width = self.cache_map.outer_size.width + event.delta
        most = self.outer_size.width - _LEAST_COLUMNS
        self.cache_map.styles.width = max(_LEAST_COLUMNS, min(most, width))

    @on(ActionLine.Pressed, "#lower-tabs")
    def _tab_pressed(self, event: ActionLine.Pressed) -> None:
        event.stop()
        self.turn_to_files(is_files=event.action == "files")
        (self.file_feed if event.action == "files" else self.cache_map).focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A list that is gone to is shown, as long as the focus is there."""
        if isinstance(event.widget, (CacheMap, FileFeed)) and event.widget is self.screen.focused:
            self.turn_to_files(is_files=isinstance(event.widget, FileFeed))

    def _show_tabs(self) -> None:
        is_files = self.has_class("-files")
        strays = f" ▲{self._strays}" if self._strays else ""
        chosen, other = "bold $primary", "$muted"
        files_style = "bold $error" if self._strays else (chosen if is_files else other)
        parts = (
            Part(
                f" {'▐' if not is_files else ' '}Connections {self._connections}{'▌' if not is_files else ' '}",
                other if is_files else chosen,
                action="connections",
            ),
            Part("│", "$faint", gap=0),
            Part(
                f"{'▐' if is_files else ' '}Files{strays}{'▌' if is_files else ' '}",
                files_style,
                gap=0,
                action="files",
            ),
        )
        self.query_one("#lower-tabs", ActionLine).show_row(Row(parts))
