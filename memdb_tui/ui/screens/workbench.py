"""The main screen: it composes the regions, and hands on what they ask for and what the host says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen

from memdb_tui.errors import HostGoneError, MemdbError
from memdb_tui.model import ConnectionId, CreatedBy, FilesView, Snapshot, is_of_program
from memdb_tui.ui.actions import ACTIONS
from memdb_tui.ui.bridge import Bridge
from memdb_tui.ui.flows.arrangement import Arrangement
from memdb_tui.ui.flows.beginning import begin
from memdb_tui.ui.flows.closing import Closing
from memdb_tui.ui.flows.commands import Commands
from memdb_tui.ui.flows.copies import Copies
from memdb_tui.ui.flows.copying import Copying
from memdb_tui.ui.flows.door import Door, ProgramDoor
from memdb_tui.ui.flows.host_life import HostLife
from memdb_tui.ui.flows.navigation import Navigation
from memdb_tui.ui.flows.opening import Opening
from memdb_tui.ui.flows.running import Request, Running
from memdb_tui.ui.flows.settings import Settings
from memdb_tui.ui.flows.showing import Showing
from memdb_tui.ui.flows.strays import Strays
from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.undertaking import Undertaking
from memdb_tui.ui.widgets.action_line import ActionLine
from memdb_tui.ui.widgets.alarm_bar import AlarmBar
from memdb_tui.ui.widgets.cache_map import CacheMap
from memdb_tui.ui.widgets.database_pane import DatabasePane
from memdb_tui.ui.widgets.file_feed import FileFeed
from memdb_tui.ui.widgets.footer_bar import FooterBar
from memdb_tui.ui.widgets.header_bar import HeaderBar
from memdb_tui.ui.widgets.line_list import LineList
from memdb_tui.ui.widgets.lower_region import LowerRegion
from memdb_tui.ui.widgets.pane_row import MOST_PANES, PaneRow
from memdb_tui.ui.widgets.pane_tabs import PaneTabs
from memdb_tui.ui.widgets.splitter import Splitter
from memdb_tui.ui.widgets.upper_region import UpperRegion, no_pane_rows

if TYPE_CHECKING:
    from memdb_tui.ui.widgets.output_pane import OutputPane


class Workbench(Screen[None]):
    """Databases side by side, who shares a cache, which files appear.

    Args:
        bridge: The way to the host and the files.
        opening: Opens strings; has begun with the arguments.
        arguments: What is opened at the start, each in a pane of its own.
        scripts: SQL files to run at the start, with the argument of the pane they run in.
        door: The program to look into, None for a session of its own.
    """

    DEFAULT_CSS = """
    Workbench {
        background: $background;
        & #pane-tabs { display: none; }
        &.-narrow #pane-tabs, &.-zoomed #pane-tabs { display: block; }
        &.-narrow #splitter-lower { display: none; }
        &.-zoomed LowerRegion, &.-zoomed #splitter-lower { display: none; }
        &.-lists-alone UpperRegion { display: none; }
        &.-lists-alone LowerRegion { display: block; height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                ",".join(action.keys), f"do({action.id!r})", action.label, show=False, priority=True, id=action.id
            )
            for action in ACTIONS
            if action.keys and action.id != "stop"
        ),
        # Not before the editor: with a selection ^C copies.
        Binding("ctrl+c", "do('stop')", "Stop", show=False, id="stop"),
        Binding("escape", "do('leave_zoom')", "All panes", show=False, id="leave-zoom"),
    ]

    class AlarmsChanged(Message):
        """Another stray is to be shown on every screen, or none."""

    def __init__(
        self,
        bridge: Bridge,
        opening: Opening,
        *,
        arguments: tuple[str, ...],
        scripts: tuple[tuple[str, Path], ...] = (),
        door: Door | None = None,
        on_set_up: Callable[[], None],
    ) -> None:
        super().__init__()
        self._on_set_up = on_set_up
        self.bridge = bridge
        self._door = door
        self.program: ProgramDoor | None = None
        """The program that is looked into, where there is one."""
        self.output: OutputPane | None = None
        """What a program writes that was started here."""
        self._arguments = arguments
        self._scripts = scripts
        self.opening = opening
        self.files: FilesView | None = None
        self.arrangement = Arrangement(self)
        self._pane_number = 0
        self.snapshot: Snapshot | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield HeaderBar()
        yield AlarmBar()
        yield PaneTabs(id="pane-tabs")
        if self._door is not None and self._door.command:
            # Only where a program is started.
            from memdb_tui.ui.output_lines import ProgramState  # noqa: PLC0415
            from memdb_tui.ui.widgets.output_pane import OutputPane  # noqa: PLC0415

            command = " ".join(self._door.command)
            self.output = OutputPane(ProgramState(self._door.name.rpartition("/")[2], command), id="output")
        panes = PaneRow(*(self.new_pane(argument) for argument in self._arguments[:MOST_PANES]))
        yield UpperRegion(panes, self.output)
        yield Splitter("horizontal", id="splitter-lower")
        yield LowerRegion()
        yield FooterBar()

    def on_mount(self) -> None:
        """Opens what was asked for, once the first frame is out."""
        self.running = Running(self.app, self.bridge)
        self.closing = Closing(self.app, self.bridge)
        self.copying = Copying(self.app, self.bridge)
        self.copies = Copies(self)
        self.strays = Strays(self.app, self.bridge)
        self.settings = Settings(self.app, self.bridge)
        self.host_life = HostLife(self)
        self.navigation = Navigation(self)
        self.commands = Commands(self)
        self.showing = Showing(self)
        if self._door is not None:
            self.program = ProgramDoor(self, self._door)
        self.focus_first()
        self.show_presence()
        self.flow(begin(self, self._arguments, scripts=self._scripts))
        self._on_set_up()

    # The regions.

    @property
    def panes(self) -> PaneRow:
        """The databases."""
        return self.query_one(PaneRow)

    @property
    def upper(self) -> UpperRegion:
        """A program's output, where there is one, and the databases."""
        return self.query_one(UpperRegion)

    def focus_first(self) -> None:
        """Puts the focus where keys do most: into the active pane, else the output, else the connections."""
        if (pane := self.panes.active) is not None:
            pane.editor.focus()
        elif self.output is not None:
            self.output.view.focus()
        else:
            self.lower.cache_map.focus()

    def show_presence(self) -> None:
        """Says what to do where no database is shown."""
        self.upper.show_presence(words=no_pane_rows(self.snapshot, has_program=self._door is not None))

    @property
    def lower(self) -> LowerRegion:
        """Connections and files."""
        return self.query_one(LowerRegion)

    def new_pane(self, label: str, text: str = "") -> DatabasePane:
        """A pane that is not on the screen yet."""
        self._pane_number += 1
        return DatabasePane(label, id=f"pane-{self._pane_number}", text=text)

    def flow(self, work: Coroutine[object, object, object]) -> None:
        """Begins something that asks the user or the host; what they refuse is said."""
        self.run_worker(Undertaking(self._guarded(Undertaking(work))), exit_on_error=True)

    async def _guarded(self, work: Awaitable[object]) -> None:
        """Where a call becomes an answer: nothing the host refuses is lost."""
        try:
            await work
        except HostGoneError:
            # Its end has a message and a question of its own; who did not want a fresh one then is asked again.
            self.host_life.has_host()
        except MemdbError as error:
            self.app.notify(f"{error} {error.hint}".strip(), severity="error", timeout=10)

    # More panes.

    def has_room(self) -> bool:
        """One more pane fits; says so where none does."""
        if not self.panes.is_full:
            return True
        words = f"{MOST_PANES} databases fit side by side. Close one first: ≡ of a pane, Close this pane."
        self.app.notify(words, severity="warning")
        return False

    async def open_pane(self, argument: str, text: str = "") -> DatabasePane | None:
        """Opens a string in a pane of its own; None where there is no room or it was not opened."""
        if not self.has_room():
            return None
        pane = self.new_pane(argument, text)
        await self.panes.add(pane)
        opened = await self.opening.open_into(pane, argument)
        if pane.is_declined:
            await self.panes.remove_pane(pane)
            self.focus_first()
        self.showing.show_panes()
        if not opened:
            return None
        self.flow(self.navigation.learn_tables(pane))
        return pane

    async def open_pane_on(self, connection: ConnectionId, label: str) -> DatabasePane | None:
        """A pane of its own for a connection that is open already; None where there is no room."""
        if not self.has_room():
            return None
        pane = self.new_pane(label)
        pane.connection_id = connection
        known = self.snapshot.connection(connection) if self.snapshot is not None else None
        if known is not None and known.origin is None and known.created_by is not CreatedBy.COPY:
            pane.string = known.string
        await self.panes.add(pane)
        self.showing.show_panes()
        self.flow(self.navigation.learn_tables(pane))
        return pane

    # What the host and the files say.

    @on(Bridge.SnapshotArrived)
    def _snapshot_arrived(self, event: Bridge.SnapshotArrived) -> None:
        self.snapshot = event.snapshot
        self.showing.show_snapshot(event.snapshot)
        if self.program is not None:
            self.flow(self.program.show_first())

    @on(Bridge.RunMoved)
    def _run_moved(self, event: Bridge.RunMoved) -> None:
        self.showing.show_run(event.run)
        if event.run.state.is_over and isinstance(self.app.screen, Modal):
            self.app.screen.run_ended()

    @on(Bridge.FilesChanged)
    def _files_changed(self, event: Bridge.FilesChanged) -> None:
        self.files = event.view
        self.strays.show_files(event.view)
        self.lower.show_files(event.view, self.bridge.now())
        self.show_alarms()

    @on(Bridge.HostGone)
    def _host_gone(self, event: Bridge.HostGone) -> None:
        self.snapshot = self.bridge.snapshot
        self.host_life.show_end(event)

    def show_alarms(self) -> None:
        """The strays not waved away go to every screen's bar; the app does that."""
        self.post_message(self.AlarmsChanged())

    # What the regions ask for.

    @on(DatabasePane.RunRequested)
    def _run_requested(self, event: DatabasePane.RunRequested) -> None:
        connection = event.pane.connection_id
        if (connection is None or not is_of_program(connection)) and not self.host_life.has_host():
            return
        self.flow(self.running.run(event.pane, Request(event.sql, event.line, event.column)))

    @on(DatabasePane.RowsRequested)
    def _rows_requested(self, event: DatabasePane.RowsRequested) -> None:
        self.flow(self.running.rows(event))

    @on(DatabasePane.CellRequested)
    def _cell_requested(self, event: DatabasePane.CellRequested) -> None:
        self.flow(self.copying.view_cell(event))

    @on(DatabasePane.ActionRequested)
    async def _pane_action(self, event: DatabasePane.ActionRequested) -> None:
        self.panes.enter(event.pane)
        self.commands.do(event.action)

    def on_output_pane_keys_typed(self, event: OutputPane.KeysTyped) -> None:
        """Keys for the program."""
        if self.program is not None:
            self.program.write(event.data)

    def on_output_pane_typing_changed(self) -> None:
        """The footer follows who gets the keys."""
        self.showing.show_footer()

    def on_output_pane_resized(self, event: OutputPane.Resized) -> None:
        """The program's terminal has another size."""
        if self.program is not None:
            self.program.resize(event.columns, event.rows)

    def on_output_pane_copy_requested(self, event: OutputPane.CopyRequested) -> None:
        """The output has what is to be copied."""
        self.copying.copy_text(event.text, event.what)

    @on(CacheMap.ConnectionChosen)
    def _connection_chosen(self, event: CacheMap.ConnectionChosen) -> None:
        self.flow(self.navigation.open_connection(event.connection))

    @on(CacheMap.CursorMoved)
    def _connection_pointed_at(self) -> None:
        self.showing.show_footer()

    @on(CacheMap.CloseRequested)
    def _close_requested(self, event: CacheMap.CloseRequested) -> None:
        self.flow(self.commands.connections.close_one(event.connection))

    @on(CacheMap.CallOffRequested)
    def _call_off_requested(self, event: CacheMap.CallOffRequested) -> None:
        self.copies.call_off(event.connection)

    @on(FileFeed.RemoveRequested)
    def _remove_requested(self, event: FileFeed.RemoveRequested) -> None:
        self.flow(self.strays.remove(event.path))

    @on(FileFeed.FixRequested)
    @on(AlarmBar.FixRequested)
    def _fix_requested(self, event: FileFeed.FixRequested | AlarmBar.FixRequested) -> None:
        event.stop()
        self.flow(self.commands.files.fix(event.path))

    @on(AlarmBar.DismissRequested)
    def _dismissed(self, event: AlarmBar.DismissRequested) -> None:
        event.stop()
        self.strays.dismiss(event.path)
        self.show_alarms()

    @on(FileFeed.OthersToggled)
    def _others_toggled(self) -> None:
        self.commands.files.show_others()

    @on(LineList.CopyRequested)
    def _line_copied(self, event: LineList.CopyRequested) -> None:
        self.copying.copy_text(event.text, "The line's text")

    @on(FooterBar.ActionRequested)
    @on(HeaderBar.ActionRequested)
    async def _bar_pressed(self, event: FooterBar.ActionRequested | HeaderBar.ActionRequested) -> None:
        self.commands.do(event.action)

    @on(ActionLine.Pressed, "#pane-tabs")
    async def _tab_pressed(self, event: ActionLine.Pressed) -> None:
        await self.navigation.tab_pressed(event.action)

    @on(Splitter.Moved, "#splitter-lower")
    def _border_dragged(self, event: Splitter.Moved) -> None:
        self.lower.grow(-event.delta, self.size.height // 2)

    @on(UpperRegion.Turned)
    @on(PaneRow.Changed)
    def _turned(self) -> None:
        self.showing.show_panes()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """What is seen, and the footer, follow the focus."""
        if event.widget is self.focused:
            self.arrangement.focused(event.widget)
        self.showing.show_footer()

    def on_resize(self, event: events.Resize) -> None:
        """Side by side, or tabs."""
        self.arrangement.resized(event.size)

    def action_do(self, action: str) -> None:
        """Does an action of the table."""
        self.commands.do(action)
