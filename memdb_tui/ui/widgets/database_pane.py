"""One database: its connection line, its SQL editor, its results."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from memdb_tui.model import Cache, Connection, ConnectionId, Program, Result, Run, RunId, RunState, Window
from memdb_tui.ui import pane_lines
from memdb_tui.ui.cache_lines import cache_style
from memdb_tui.ui.grid_windows import Area
from memdb_tui.ui.rows import Part, Row, clip_cells, clip_words
from memdb_tui.ui.status_lines import status
from memdb_tui.ui.tab_strip import TabLabel
from memdb_tui.ui.widgets.action_line import ActionLine
from memdb_tui.ui.widgets.line_list import STATE_STYLE, spread_title
from memdb_tui.ui.widgets.message_view import MessageView
from memdb_tui.ui.widgets.region_box import RegionBox
from memdb_tui.ui.widgets.result_grid import ResultGrid
from memdb_tui.ui.widgets.result_tabs import ResultTabs
from memdb_tui.ui.widgets.sql_editor import SqlEditor
from memdb_tui.ui.wording import printable

_SEEN_SECONDS = 0.08
"""A run that is over before this long changes nothing on the screen but its result."""
_LEAST_EDITOR_ROWS = 2
_LEAST_RESULT_ROWS = 3
_CORNERS_AND_BLANKS = 6
"""Cells of a border that its words cannot have."""
_SHORT_ROWS = 16
"""A pane with less than this has no room for long words in place of a result."""
_FAILURE = 0
"""In place of a result's index: the failure is shown."""


class DatabasePane(RegionBox):
    """A pane; it shows what it is told and says what the user asked for."""

    DEFAULT_CSS = """
    DatabasePane {
        width: 1fr; height: 1fr;
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-align: right;
        border-subtitle-color: $muted;
        & SqlEditor {
            height: 2fr; min-height: 2; border: none; padding: 0; background: transparent;
            scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0;
        }
        & SqlEditor:focus { border: none; }
        & ResultGrid { height: 3fr; min-height: 3; display: none; }
        & MessageView { height: 3fr; min-height: 3; }
        &:focus-within { border: heavy $border; border-title-color: $primary; border-title-style: bold; }
        &.-stray { border-title-color: $error; }
    }
    """

    @dataclass(eq=False, repr=False)
    class RunRequested(Message):
        """SQL is to run on this pane's connection."""

        pane: DatabasePane
        sql: str
        line: int
        column: int

        @property
        def control(self) -> DatabasePane:
            """The pane."""
            return self.pane

    @dataclass(eq=False, repr=False)
    class ActionRequested(Message):
        """Something of the action table, or of a lock message, was asked for with the mouse or a local key."""

        pane: DatabasePane
        action: str

        @property
        def control(self) -> DatabasePane:
            """The pane."""
            return self.pane

    @dataclass(eq=False, repr=False)
    class RowsRequested(Message):
        """The grid needs rows that are not here yet."""

        pane: DatabasePane
        run: RunId
        result: int
        area: Area

        @property
        def control(self) -> DatabasePane:
            """The pane."""
            return self.pane

    @dataclass(eq=False, repr=False)
    class CellRequested(Message):
        """The whole value of a cell is wanted; row and column from 0."""

        pane: DatabasePane
        result: Result
        row: int
        column: int

        @property
        def control(self) -> DatabasePane:
            """The pane."""
            return self.pane

    def __init__(self, label: str, *, id: str | None = None, text: str = "") -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.label = label
        self.string = ""
        """What its connection was opened with; empty as long as nothing is open."""
        self.unopened = ""
        """What was to be opened when the host died."""
        self.is_declined = False
        """The user was asked whether to open it, and said no."""
        self.connection_id: ConnectionId | None = None
        self.home: str | None = None
        """The cache of the database it is labelled for, once its SQL has been given to another connection."""
        self.run_shown: Run | None = None
        self._number = 1
        self._text = text
        self._connection: Connection | None = None
        self._cache: Cache | None = None
        self._copied_at: float | None = None
        self._program: Program | None = None
        self._now = 0.0
        self._holding: Collection[ConnectionId] | None = None
        self._has_tables: bool | None = None
        self._shown: int | None = None
        self._follows = True
        self._problem: Sequence[Row] = ()
        self._cancelling = "cancelling…"

    def compose(self) -> ComposeResult:
        """The parts, from top to bottom."""
        yield ActionLine(classes="pane-bar")
        yield SqlEditor(self._text)
        yield ResultTabs()
        yield ResultGrid()
        yield MessageView()

    def on_mount(self) -> None:
        """Shows what is known before anything ran."""
        self._show()

    @property
    def editor(self) -> SqlEditor:
        """Where SQL is typed."""
        return self.query_one(SqlEditor)

    @property
    def grid(self) -> ResultGrid:
        """Where rows are."""
        return self.query_one(ResultGrid)

    @property
    def message(self) -> MessageView:
        """What stands in place of rows."""
        return self.query_one(MessageView)

    @property
    def connection(self) -> Connection | None:
        """The connection its SQL runs on, as last seen."""
        return self._connection

    @property
    def cache(self) -> Cache | None:
        """The cache its database lives in, as last seen."""
        return self._cache

    @property
    def elsewhere(self) -> str:
        """The database its SQL runs on, where that is another than the one it is labelled for; else empty."""
        connection, cache = self._connection, self._cache
        if connection is None or cache is None or self.home in {None, cache.id}:
            return ""
        name = cache.name.rpartition("/")[2]
        return name if name != self.label else connection.id

    def run_on(self, connection: ConnectionId) -> None:
        """Gives its SQL to another connection."""
        if self.home is None and self._cache is not None:
            self.home = self._cache.id
        self.connection_id = connection

    @property
    def is_running(self) -> bool:
        """A run of this pane is not over yet."""
        return self.run_shown is not None and not self.run_shown.state.is_over

    @property
    def shown_result(self) -> Result | None:
        """The result whose tab is chosen, None for a failure or nothing."""
        return self._result(self._shown) if self._shown else None

    def show_number(self, number: int) -> None:
        """Shows which pane this is, from 1."""
        self._number = number
        self._show_title()

    def show_label(self, label: str) -> None:
        """Shows another label."""
        self.label = label
        self._show()

    def show_program(self, program: Program | None) -> None:
        """Learns whose the database is, where it is a program's; `show_connection` shows it."""
        self._program = program

    def show_copy(self, taken_at: float | None) -> None:
        """Learns when the copy was taken that it shows, None for none; `show_connection` shows it."""
        self._copied_at = taken_at

    def show_connection(
        self,
        connection: Connection | None,
        cache: Cache | None,
        now: float,
        *,
        holding: Collection[ConnectionId] | None = None,
    ) -> None:
        """Shows the newest state of the pane's connection.

        Args:
            connection: The connection.
            cache: The cache of its database.
            now: Seconds since the epoch, from which ages are told.
            holding: All connections that can hold a lock now; None where that is not known.
        """
        self._connection, self._cache, self._now, self._holding = connection, cache, now, holding
        if connection is not None:
            self._problem = ()
        self._show()

    def show_tables_known(self, *, has_tables: bool) -> None:
        """Learns whether there are tables, for the words of an empty pane."""
        self._has_tables = has_tables
        self._show_body()

    def show_others_ran(self) -> None:
        """Learns that SQL ran on its database from elsewhere: then "empty" is no longer known."""
        if self._has_tables is False:
            self._has_tables = None
            self._show_body()

    def show_problem(self, message: str, hint: str) -> None:
        """Shows why there is no connection."""
        self._problem = (
            Row((Part("×", "bold $error"), Part(printable(message), "bold $error"))),
            *((Row((Part("  " + printable(hint), "$foreground"),)),) if hint else ()),
        )
        self._show()

    def begin_run(self, run: Run) -> None:
        """A run was asked for; it is shown once it has lasted long enough to be seen."""
        self.run_shown = run
        self._shown = None
        self._follows = True
        self._cancelling = "cancelling…"
        if self._has_parts:
            self.editor.clear_error()
            self.set_timer(_SEEN_SECONDS, self._show_if_running)

    def _show_if_running(self) -> None:
        if self.is_running:
            self._show()

    def show_run(self, run: Run) -> None:
        """Shows a run as it stands; a run before the one shown is ignored."""
        before = self.run_shown
        if before is not None and (run.id < before.id or (run.id == before.id and before.state.is_over)):
            return
        self.run_shown = run
        if not self._has_parts:
            return
        if before is None or run.id != before.id:
            self._follows = True
            self._shown = None
            self.editor.clear_error()
        if self._follows:
            self._shown = _FAILURE if run.failure else (run.results[-1].index if run.results else None)
        if run.failure is not None and (before is None or before.failure is None or before.id != run.id):
            self.editor.show_error_at(run.failure.line, run.failure.column)
        self._show()

    def show_window(self, window: Window) -> None:
        """Gives the grid rows it asked for."""
        run = self.run_shown
        if self._has_parts and run is not None and window.run == run.id and window.result == self._shown:
            self.grid.show_window(window)

    def show_no_window(self) -> None:
        """The rows its grid asked for do not come."""
        if self._has_parts:
            self.grid.show_no_window()

    def show_cancelling(self, words: str) -> None:
        """Says that the run is being stopped, at once and until it is over."""
        run = self.run_shown
        if run is not None and not run.state.is_over:
            self.run_shown = replace(run, state=RunState.CANCELLING)
            self._cancelling = words
            self._show()

    def insert(self, text: str) -> None:
        """Puts text where the editor's cursor is, and goes there."""
        self.editor.insert(text)
        self.editor.focus()

    @on(SqlEditor.RunRequested)
    def _run_some(self, event: SqlEditor.RunRequested) -> None:
        event.stop()
        self.post_message(self.RunRequested(self, event.sql, event.start_line, event.start_column))

    @on(SqlEditor.RunAllRequested)
    def _run_everything(self, event: SqlEditor.RunAllRequested) -> None:
        event.stop()
        self.post_message(self.RunRequested(self, event.sql, 1, 1))

    @on(SqlEditor.NothingToRun)
    def _nothing_to_run(self, event: SqlEditor.NothingToRun) -> None:
        event.stop()
        room = self.outer_size.width - _CORNERS_AND_BLANKS
        self.show_bottom(clip_words("no statement here to run: type SQL first", room))

    @on(ActionLine.Pressed)
    def _bar_pressed(self, event: ActionLine.Pressed) -> None:
        event.stop()
        self.post_message(self.ActionRequested(self, event.action))

    @on(MessageView.Pressed)
    def _message_pressed(self, event: MessageView.Pressed) -> None:
        event.stop()
        self.post_message(self.ActionRequested(self, event.action))

    @on(ResultTabs.Selected)
    def _tab_selected(self, event: ResultTabs.Selected) -> None:
        event.stop()
        run = self.run_shown
        if run is None:
            return
        self._follows = False
        self._shown = run.results[event.index].index if event.index < len(run.results) else _FAILURE
        self._show_body()

    @on(ResultTabs.Dragged)
    def _border_dragged(self, event: ResultTabs.Dragged) -> None:
        """The border between editor and results moves."""
        event.stop()
        wanted = min(self._most_editor_rows, self.editor.outer_size.height + event.delta)
        self.editor.styles.height = max(_LEAST_EDITOR_ROWS, wanted)

    @property
    def _most_editor_rows(self) -> int:
        """The editor leaves room for the pane's bar, the tabs, and a few rows of a result."""
        return self.size.height - 2 - _LEAST_RESULT_ROWS

    @on(ResultGrid.WindowRequested)
    def _rows_wanted(self, event: ResultGrid.WindowRequested) -> None:
        event.stop()
        area = Area(event.first_row, event.row_count, event.first_column, event.column_count)
        self.post_message(self.RowsRequested(self, event.run_id, event.result_index, area))

    @on(ResultGrid.CellOpenRequested)
    def _cell_wanted(self, event: ResultGrid.CellOpenRequested) -> None:
        event.stop()
        result = self.shown_result
        if result is not None:
            self.post_message(self.CellRequested(self, result, event.row, event.column))

    @on(ResultGrid.CopyRequested)
    def _copy_wanted(self, event: ResultGrid.CopyRequested) -> None:
        event.stop()
        self.post_message(self.ActionRequested(self, f"copy_{event.scope}"))

    def on_resize(self) -> None:
        """The title fills the border, the words fit the room, and rows or an error are seen in little of it."""
        self.editor.styles.max_height = max(_LEAST_EDITOR_ROWS, self._most_editor_rows)
        self._show()

    def on_descendant_focus(self) -> None:
        """The title's filling has the border's own line."""
        self.call_after_refresh(self._show_title)

    def on_descendant_blur(self) -> None:
        """The title's filling has the border's own line."""
        self.call_after_refresh(self._show_title)

    @property
    def _has_parts(self) -> bool:
        """It is on the screen; what was asked for it may come when it has been closed."""
        return self.is_mounted and self.is_attached

    def _result(self, index: int) -> Result | None:
        results = self.run_shown.results if self.run_shown else ()
        return next((result for result in results if result.index == index), None)

    def _show(self) -> None:
        if not self._has_parts:
            return
        self._show_title()
        row = pane_lines.connection_row(
            self._connection, self.run_shown, self._now, holding=self._holding, copied_at=self._copied_at
        )
        self.query_one(".pane-bar", ActionLine).show_row(row)
        is_cancelling = self.run_shown is not None and self.run_shown.state is RunState.CANCELLING
        room = self.outer_size.width - _CORNERS_AND_BLANKS
        words = status(self.run_shown, now=self._now, width=room)
        self.show_bottom(clip_words(self._cancelling, room) if is_cancelling else words)
        self._show_body()

    def _show_title(self) -> None:
        words, is_stray = pane_lines.badge(self._connection, self._cache)
        self.set_class(is_stray, "-stray")
        name = f"{self._number} {printable(self.label)}"
        if self.elsewhere:
            name += f" → {printable(self.elsewhere)}"
        style = cache_style(self._cache.id) if self._cache is not None and not is_stray else "$muted"
        short = pane_lines.short_badge(words, is_stray=is_stray)
        form = self._badge(short, style, is_stray=is_stray)
        room = self.outer_size.width - _CORNERS_AND_BLANKS - len(" ─ ") - cell_len(short)
        titles = ((name, self._badge(words, style, is_stray=is_stray)), (name, form), (clip_cells(name, room), form))
        self.show_title(spread_title(self, titles))

    def _badge(self, words: str, style: str, *, is_stray: bool) -> Content:
        """The words of the badge, its sign in the colour of the cache."""
        sign, _, rest = words.partition(" ")
        if is_stray:
            return Content.styled(words, "bold $error")
        return Content.assemble((sign, f"bold {style}"), (f" {rest}" if rest else "", STATE_STYLE))

    def _show_body(self) -> None:
        if not self._has_parts:
            return
        run = self.run_shown
        result = self.shown_result
        self._show_tabs()
        has_rows = result is not None and bool(result.columns)
        # A class that says the same would have Textual find the styles of the whole pane anew.
        self.grid.display, self.message.display = has_rows, not has_rows
        if has_rows and result is not None and run is not None:
            self.grid.show_result(run.id, result)
            return
        self.message.show_rows(self._message_rows())

    def _message_rows(self) -> Sequence[Row]:
        run = self.run_shown
        if self._problem:
            return self._problem
        if run is not None and run.failure is not None and self._shown == _FAILURE:
            return pane_lines.failure_rows(run.failure, run, holding=self._holding)
        if run is not None and run.state is RunState.CANCELLING:
            return pane_lines.cancelling_rows(self._cancelling)
        return pane_lines.empty_rows(
            self.label,
            self._connection,
            has_tables=self._has_tables,
            run=run,
            shown=self.shown_result,
            is_short=self.size.height < _SHORT_ROWS,
            program=self._program,
        )

    def _show_tabs(self) -> None:
        run = self.run_shown
        labels: list[TabLabel] = []
        if run is not None:
            labels = [TabLabel(pane_lines.tab_words(result), is_error=False) for result in run.results]
            if run.failure is not None:
                labels.append(TabLabel(f"Error {run.failure.index}", is_error=True))
        active = len(labels) - 1
        if run is not None and self._shown:
            active = next((i for i, r in enumerate(run.results) if r.index == self._shown), active)
        self.query_one(ResultTabs).show_tabs(tuple(labels or [TabLabel("Results", is_error=False)]), max(0, active))
