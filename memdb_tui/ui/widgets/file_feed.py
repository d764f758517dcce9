"""The Files pane: what the session does to files, as it happens."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from memdb_tui.model import FileEntry, FileRole, FilesView
from memdb_tui.ui.file_lines import OTHERS_KEY, WATCHED_KEY, FileListing, file_lines, subtitle, titles
from memdb_tui.ui.widgets.line_list import LineList

_CORNERS_AND_BLANKS = 6
_LINES_AN_ENTRY_TAKES = 2


class FileFeed(LineList):
    """Files the session made, changed or removed, newest first, with who did it and how that is known."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("delete,x", "remove_file", "Remove", show=False, id="file-feed.remove"),
        Binding("o", "toggle_others", "Others", show=False, id="file-feed.others"),
    ]

    class RemoveRequested(Message):
        """The user wants a file removed."""

        def __init__(self, file_feed: FileFeed, path: str) -> None:
            super().__init__()
            self.file_feed = file_feed
            self.path = path

        @property
        def control(self) -> FileFeed:
            """The pane it was asked in."""
            return self.file_feed

    class FixRequested(Message):
        """The user asks what would have made no stray."""

        def __init__(self, file_feed: FileFeed, path: str) -> None:
            super().__init__()
            self.file_feed = file_feed
            self.path = path

        @property
        def control(self) -> FileFeed:
            """The pane it was asked in."""
            return self.file_feed

    class OthersToggled(Message):
        """The user wants the files that are not SQLite's shown, or folded again."""

        def __init__(self, file_feed: FileFeed) -> None:
            super().__init__()
            self.file_feed = file_feed

        @property
        def control(self) -> FileFeed:
            """The pane it was asked in."""
            return self.file_feed

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._view: FilesView | None = None
        self._listing = FileListing(now=0.0)

    def on_mount(self) -> None:
        """The pane has a name before it has anything to show."""
        self.show_titles([("Files", "")])

    def show_files(self, view: FilesView, now: float, *, show_others: bool) -> None:
        """Shows what is known of files.

        Args:
            view: The newest view.
            now: Seconds since the epoch; what is older than a day is told by its age.
            show_others: List the files that are not SQLite's, too.
        """
        self._view = view
        self._listing = replace(self._listing, now=now, show_others=show_others)
        self._show()
        self._show_border()

    def cursor_moved(self) -> None:
        """What explains the file under the cursor moves with it."""
        self._show()

    def on_focus(self) -> None:
        """Explains the file under the cursor, after what is under the pointer was taken note of."""
        self.call_later(self._show)

    def on_blur(self) -> None:
        """Without a cursor only strays are explained, unless there is room for everything."""
        self.call_later(self._show)

    def on_resize(self) -> None:
        """What explains a file is as wide as the pane, and so is the border."""
        self._show()
        self._show_border()

    def text_to_copy(self, key: str) -> str:
        """The file's path."""
        return "" if key in {OTHERS_KEY, WATCHED_KEY} else key

    def choose(self, key: str) -> None:
        """A stray asks for the way to do it right; the lines of the others and of the folders unfold them."""
        if not self._unfold(key) and (entry := self._entry(key)) is not None and entry.role is FileRole.STRAY:
            self.post_message(self.FixRequested(self, key))

    def press(self, key: str, x: int) -> bool:
        """A click unfolds the others, and the folders."""
        del x
        return self._unfold(key)

    def action_remove_file(self) -> None:
        """Asks for the file under the cursor to be removed."""
        key = self.cursor_key
        if key is not None and self._entry(key) is not None:
            self.post_message(self.RemoveRequested(self, key))

    def action_toggle_others(self) -> None:
        """Asks for the other files to be shown or folded."""
        self.post_message(self.OthersToggled(self))

    def _unfold(self, key: str) -> bool:
        """Shows what a line stands for, or folds it again; False where it stands for nothing else."""
        if key == OTHERS_KEY:
            self.action_toggle_others()
        elif key == WATCHED_KEY:
            self._listing = replace(self._listing, show_watched=not self._listing.show_watched)
            self._show()
        return key in {OTHERS_KEY, WATCHED_KEY}

    def _entry(self, path: str) -> FileEntry | None:
        if self._view is None:
            return None
        return next((entry for entry in (*self._view.entries, *self._view.others) if entry.path == path), None)

    @property
    def _border_width(self) -> int:
        return self.outer_size.width - _CORNERS_AND_BLANKS

    def _show_border(self) -> None:
        if self._view is not None:
            note = subtitle(self._view, show_others=self._listing.show_others, width=self._border_width)
            self.show_titles(titles(self._view), note)

    def _show(self) -> None:
        if self._view is None:
            return
        height = self.scrollable_content_region.height
        listing = replace(
            self._listing,
            width=self.wrap_width,
            border_width=self._border_width,
            detailed=self.cursor_key if self.has_focus else None,
        )
        shown = len(self._view.entries) + (len(self._view.others) if listing.show_others else 0)
        if shown * _LINES_AN_ENTRY_TAKES <= height:
            lines = file_lines(self._view, replace(listing, all_detailed=True))
            if len(lines) <= height:
                self.show_lines(lines)
                return
        self.show_lines(file_lines(self._view, listing))
