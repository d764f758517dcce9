"""The rows of one result: only what is visible is drawn, from windows that somebody else fetches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from memdb_tui.model import Cell, Result, RunId, Window
from memdb_tui.ui.cell_text import Tone, clipped
from memdb_tui.ui.component_styles import component_style
from memdb_tui.ui.copying import CopyScope
from memdb_tui.ui.grid_columns import GridColumns
from memdb_tui.ui.grid_layout import PADDING, Cursor, Move, gutter_width, moved, scrolled_into_view
from memdb_tui.ui.grid_lines import Piece, header_pieces, row_pieces, why_empty
from memdb_tui.ui.grid_scroll import GridScroll
from memdb_tui.ui.grid_strip import GridStyles, line_strip
from memdb_tui.ui.grid_windows import Area, WindowFeed, area_of, overlaps

_HEADER_ROWS = 1
_PAD = " " * PADDING


class ResultGrid(GridScroll, can_focus=True):
    """A grid over a result of any size. It posts `WindowRequested` and is given windows by `show_window`.

    At most one request is under way; what is visible comes before what may be visible next.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "result-grid--header",
        "result-grid--muted",
        "result-grid--null",
        "result-grid--warning",
        "result-grid--faint",
        "result-grid--row",
        "result-grid--row-blurred",
        "result-grid--row-number",
        "result-grid--cursor",
    }
    DEFAULT_CSS = """
    ResultGrid {
        height: 1fr;
        background: $surface;
        color: $foreground;
        scrollbar-size: 1 1;
        & > .result-grid--header { color: $foreground; text-style: bold; }
        & > .result-grid--muted { color: $muted; }
        & > .result-grid--null { color: $muted; text-style: italic; }
        & > .result-grid--warning { color: $warning; }
        & > .result-grid--faint { color: $faint; }
        & > .result-grid--row { background: $cursor-line; }
        & > .result-grid--row-blurred { background: $surface; }
        & > .result-grid--row-number { color: $primary; text-style: bold; }
        & > .result-grid--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move('UP')", "Row up", id="grid-up", show=False),
        Binding("down", "move('DOWN')", "Row down", id="grid-down", show=False),
        Binding("left", "move('LEFT')", "Column left", id="grid-left", show=False),
        Binding("right", "move('RIGHT')", "Column right", id="grid-right", show=False),
        Binding("pageup", "move('PAGE_UP')", "Screen up", id="grid-page-up", show=False),
        Binding("pagedown", "move('PAGE_DOWN')", "Screen down", id="grid-page-down", show=False),
        Binding("home,ctrl+home", "move('FIRST_ROW')", "First row", id="grid-first-row", show=False),
        Binding("end,ctrl+end", "move('LAST_ROW')", "Last row", id="grid-last-row", show=False),
        Binding("ctrl+left", "move('FIRST_COLUMN')", "First column", id="grid-first-column", show=False),
        Binding("ctrl+right", "move('LAST_COLUMN')", "Last column", id="grid-last-column", show=False),
        Binding("enter", "open_cell", "Whole cell", id="grid-open", show=False),
        Binding("y", "copy('cell')", "Copy cell", id="grid-copy-cell", show=False),
        Binding("Y", "copy('row')", "Copy row", id="grid-copy-row", show=False),
    ]

    class GridMessage(Message):
        """A message of a grid; `control` is the grid."""

        def __init__(self, grid: ResultGrid) -> None:
            super().__init__()
            self.grid = grid

        @property
        def control(self) -> ResultGrid:
            """The grid that sent it."""
            return self.grid

    class WindowRequested(GridMessage):
        """The grid needs these cells; answer with `show_window`, or with `show_no_window` when there are none."""

        def __init__(self, grid: ResultGrid, *, run_id: RunId, result_index: int, area: Area) -> None:
            super().__init__(grid)
            self.run_id = run_id
            self.result_index = result_index
            self.first_row = area.first_row
            self.row_count = area.row_count
            self.first_column = area.first_column
            self.column_count = area.column_count

    class CursorMoved(GridMessage):
        """The cursor stands elsewhere."""

        def __init__(self, grid: ResultGrid, cursor: Cursor) -> None:
            super().__init__(grid)
            self.row = cursor.row
            self.column = cursor.column

        def can_replace(self, message: Message) -> bool:
            """The newest place is the one that counts."""
            return isinstance(message, ResultGrid.CursorMoved) and message.grid is self.grid

    class CellOpenRequested(GridMessage):
        """The user wants to see a whole cell."""

        def __init__(self, grid: ResultGrid, cursor: Cursor) -> None:
            super().__init__(grid)
            self.row = cursor.row
            self.column = cursor.column

    class CopyRequested(GridMessage):
        """The user wants the cell or the row at the cursor, or the whole result."""

        def __init__(self, grid: ResultGrid, scope: CopyScope, cursor: Cursor) -> None:
            super().__init__(grid)
            self.scope = scope
            self.row = cursor.row
            self.column = cursor.column

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - as every widget
        super().__init__(id=id, classes=classes)
        self._run_id: RunId | None = None
        self._result: Result | None = None
        self._columns = GridColumns(())
        self._feed = WindowFeed()
        self._cursor = Cursor()
        self._places: dict[int, tuple[Cursor, int, int]] = {}
        """Cursor and scroll position of the run's other results that were looked at."""
        self._styles_now: GridStyles | None = None

    @property
    def cursor(self) -> Cursor:
        """Where the cursor stands."""
        return self._cursor

    @property
    def result(self) -> Result | None:
        """The result shown."""
        return self._result

    def cell(self, row: int, column: int) -> Cell | None:
        """The cell, or its beginning, as far as it is here."""
        return self._feed.held.cells(row, range(column, column + 1))[0]

    def show_result(self, run_id: RunId, result: Result) -> None:
        """Show a result, or the same one as it has grown: cursor and scroll position stay."""
        before = self._result
        is_other = before is None or run_id != self._run_id or result.index != before.index
        if is_other:
            self._take_up(run_id, result)
        elif result == before:
            return
        looks_the_same = before is not None and not is_other and self._looks_the_same(before, result)
        self._result = result
        self._feed.retry()
        self._resize_content()
        if is_other:
            cursor, x, y = self._places.get(result.index, (Cursor(), 0, 0))
            self._cursor = cursor
            self.scroll_to(x, y, animate=False, force=True)
        if not looks_the_same:
            self.draw()
        self._ask()

    def clear(self) -> None:
        """Show nothing."""
        self._run_id, self._result = None, None
        self._places.clear()
        self._forget(())
        self._cursor = Cursor()
        self._resize_content()
        self.draw()

    def show_window(self, window: Window) -> None:
        """Show these cells; those of another result are left out."""
        if self._result is None or (window.run, window.result) != (self._run_id, self._result.index):
            return
        if not window.rows:
            self.show_no_window()
            return
        self._feed.take(window)
        anchor, follows_cursor = self._anchor(), self._shows_cursor_column()
        signs = dict(self._columns.signs)
        is_wider = self._columns.learn(window)
        if is_wider:
            self._resize_content()
            self._restore(anchor)
            if follows_cursor:
                self.scroll_to(self._scroll_x_for(self._cursor.column), animate=False, force=True)
        if is_wider or signs != self._columns.signs or overlaps(area_of(window), self._visible_area()):
            self.draw()
        self._ask()

    def show_no_window(self) -> None:
        """The cells asked for cannot be had: they are asked for again once the view or the result has changed."""
        self._feed.refuse()
        if self.is_picture_held:
            self.draw()

    def request_copy(self, scope: CopyScope) -> None:
        """Post the wish to copy, as the keys do."""
        if (
            self._result is not None
            and self._result.columns
            and (self._result.row_count or scope is CopyScope.RESULT)
        ):
            self.post_message(self.CopyRequested(self, scope, self._cursor))

    def move_cursor(self, cursor: Cursor) -> None:
        """Set the cursor and bring it into view."""
        before, self._cursor = self._cursor, cursor
        y = scrolled_into_view(cursor.row, 1, scroll=self.scroll_offset.y, room=self._body.height)
        self.scroll_to(self._scroll_x_for(cursor.column), y, animate=False, force=True)
        if not self.is_picture_held:
            self._refresh_row(before.row)
            self._refresh_row(cursor.row)
        if cursor != before:
            self.post_message(self.CursorMoved(self, cursor))

    def action_move(self, move: str) -> None:
        """Move the cursor; `move` names a `Move`."""
        if self._result is not None:
            self.move_cursor(
                moved(
                    self._cursor,
                    Move[move],
                    row_count=self._result.row_count,
                    column_count=len(self._columns),
                    page_rows=self._body.height,
                )
            )

    def action_open_cell(self) -> None:
        """Ask for the whole cell at the cursor."""
        if self._result is not None and self._cursor.row < self._result.row_count:
            self.post_message(self.CellOpenRequested(self, self._cursor))

    def action_copy(self, scope: str) -> None:
        """Ask for a copy; `scope` is a `CopyScope`."""
        self.request_copy(CopyScope(scope))

    def on_click(self, event: events.Click) -> None:
        """Set the cursor; a double click opens the cell."""
        offset = event.get_content_offset(self)
        if offset is None or self._result is None or offset.y < _HEADER_ROWS:
            return
        row = self.scroll_offset.y + offset.y - _HEADER_ROWS
        if row >= self._result.row_count:
            return
        x = offset.x - self._gutter
        column = self._columns.layout.column_at(x + self.scroll_offset.x) if x >= 0 else self._cursor.column
        if column is None:
            column = self._cursor.column
        event.stop()
        self.move_cursor(Cursor(row=row, column=column))
        if event.chain > 1:
            self.action_open_cell()

    def on_resize(self) -> None:
        """Lay out for the new size and fill it."""
        self._resize_content()
        self._ask()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Notice which way the view goes."""
        if old_value != new_value:
            self._feed.is_up = new_value < old_value
        super().watch_scroll_y(old_value, new_value)

    def is_here(self) -> bool:
        """The rows in view are here; those that are not would be dots."""
        return self._feed.has(self._visible_area())

    def view_moved(self) -> None:
        """Ask for what came into view."""
        self._ask()

    def notify_style_update(self) -> None:
        """Forget the styles: theme, focus or classes have changed."""
        super().notify_style_update()
        self._styles_now = None

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the header, a row, or what there is to say of an empty result."""
        result = self._result
        if result is None:
            return Strip.blank(self.size.width, self.rich_style)
        if y < _HEADER_ROWS:
            visible = self._visible_columns()
            return self._strip("", header_pieces(self._columns, visible), cut=self._cut(visible))
        row = self.scroll_offset.y + y - _HEADER_ROWS
        if row < result.row_count:
            visible = self._visible_columns()
            pieces = row_pieces(self._feed.held.cells(row, visible), self._columns, visible)
            cursor_at = self._cursor.column - visible.start if row == self._cursor.row else None
            return self._strip(f"{row + 1} ", pieces, cut=self._cut(visible), cursor_at=cursor_at)
        text = why_empty(result) if y == _HEADER_ROWS and not result.row_count else ""
        return self._strip("", [(_PAD + clipped(text, self._body.width - PADDING), Tone.MUTED)])

    def _looks_the_same(self, before: Result, after: Result) -> bool:
        """The result has grown below what is in view."""
        is_full = self.scroll_offset.y + self._body.height <= before.row_count
        return is_full and gutter_width(before.row_count) == gutter_width(after.row_count)

    def _strip(self, gutter: str, pieces: Sequence[Piece], *, cut: int = 0, cursor_at: int | None = None) -> Strip:
        if self._styles_now is None:
            self._styles_now = GridStyles(self.rich_style, lambda name: component_style(self, f"result-grid--{name}"))
        return line_strip(
            gutter.rjust(self._gutter),
            pieces,
            self._styles_now,
            room=self._body.width,
            cut=cut,
            cursor_at=cursor_at,
            has_focus=self.has_focus,
        )

    def _cut(self, visible: range) -> int:
        """How much of the first visible column is scrolled out."""
        return self.scroll_offset.x - self._columns.layout.starts[visible.start] if visible else 0

    @property
    def _gutter(self) -> int:
        return gutter_width(self._result.row_count) if self._result is not None and self._columns.names else 1

    @property
    def _body(self) -> Size:
        """The room for rows, without header and gutter."""
        width = self.size.width - self.scrollbar_size_vertical - self._gutter
        height = self.size.height - self.scrollbar_size_horizontal - _HEADER_ROWS
        return Size(max(0, width), max(0, height))

    def _visible_columns(self) -> range:
        return self._columns.layout.visible(self.scroll_offset.x, self._body.width)

    def _visible_area(self) -> Area:
        columns = self._visible_columns()
        row_count = 0 if self._result is None else self._result.row_count
        first = min(self.scroll_offset.y, row_count)
        return Area(first, max(0, min(row_count - first, self._body.height)), columns.start, len(columns))

    def _ask(self) -> None:
        """Post the next request unless one is under way."""
        if self._result is None or self._run_id is None:
            return
        area = self._feed.next(
            self._visible_area(), row_count=self._result.row_count, column_count=len(self._columns)
        )
        if area is None:
            return
        self.post_message(self.WindowRequested(self, run_id=self._run_id, result_index=self._result.index, area=area))

    def _take_up(self, run_id: RunId, result: Result) -> None:
        """Put the result shown aside and make room for another."""
        if run_id != self._run_id:
            self._places.clear()
        elif self._result is not None:
            self._places[self._result.index] = (self._cursor, self.scroll_offset.x, self.scroll_offset.y)
        self._run_id = run_id
        self._forget(result.columns)

    def _forget(self, names: tuple[str, ...]) -> None:
        self._columns = GridColumns(names)
        self._feed = WindowFeed()

    def _resize_content(self) -> None:
        """Tell the scroll view how large the content is."""
        rows = 0 if self._result is None else self._result.row_count
        will_scroll = rows + _HEADER_ROWS > self.size.height
        self._columns.fit(
            self.size.width - self._gutter - (self.styles.scrollbar_size_vertical if will_scroll else 0)
        )
        self.resize_content(Size(self._gutter + self._columns.layout.total, rows + _HEADER_ROWS))

    def _anchor(self) -> tuple[int, int] | None:
        """The first visible column and how far it is scrolled out; None while nothing is."""
        x = self.scroll_offset.x
        column = self._columns.layout.column_at(x) if x else None
        return None if column is None else (column, x - self._columns.layout.starts[column])

    def _restore(self, anchor: tuple[int, int] | None) -> None:
        """Keep the first visible column where it was, though columns before it have widened."""
        if anchor is not None:
            self.scroll_to(self._columns.layout.starts[anchor[0]] + anchor[1], animate=False, force=True)

    def _scroll_x_for(self, column: int) -> int:
        """The horizontal scroll position, moved as little as it takes to show the column."""
        x = self.scroll_offset.x
        if column >= len(self._columns):
            return x
        start, width = self._columns.layout.slot(column)
        return scrolled_into_view(start, width, scroll=x, room=self._body.width)

    def _shows_cursor_column(self) -> bool:
        return self._scroll_x_for(self._cursor.column) == self.scroll_offset.x

    def _refresh_row(self, row: int) -> None:
        y = row - self.scroll_offset.y + _HEADER_ROWS
        if _HEADER_ROWS <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))
