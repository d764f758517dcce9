"""The main screen: it composes the regions, routes what they ask for, and shows what the host says."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from memdb_tui.errors import HostGoneError, MemdbError
from memdb_tui.model import ConnectionId, CreatedBy, FilesView, Snapshot, is_of_program
from memdb_tui.sql.lines import read_a_first_script
from memdb_tui.ui.actions import ACTIONS, Place, footer_actions, key_words, main_key
from memdb_tui.ui.bridge import Bridge
from memdb_tui.ui.flows.closing import Closing
from memdb_tui.ui.flows.commands import Commands
from memdb_tui.ui.flows.copies import Copies
from memdb_tui.ui.flows.copying import Copying
from memdb_tui.ui.flows.door import Door, ProgramDoor, first_connection
from memdb_tui.ui.flows.host_life import HostLife
from memdb_tui.ui.flows.navigation import Navigation
from memdb_tui.ui.flows.opening import Opening
from memdb_tui.ui.flows.running import Request, Running
from memdb_tui.ui.flows.settings import Settings
from memdb_tui.ui.flows.strays import Strays
from memdb_tui.ui.pane_lines import cancelling_words, transaction_elsewhere
from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.undertaking import Undertaking
from memdb_tui.ui.widgets.action_line import ActionLine
from memdb_tui.ui.widgets.alarm_bar import AlarmBar
from memdb_tui.ui.widgets.cache_map import CacheMap
from memdb_tui.ui.widgets.database_pane import DatabasePane
from memdb_tui.ui.widgets.file_feed import FileFeed
from memdb_tui.ui.widgets.footer_bar import FooterBar, FooterKey
from memdb_tui.ui.widgets.header_bar import HeaderBar
from memdb_tui.ui.widgets.line_list import LineList
from memdb_tui.ui.widgets.lower_region import LowerRegion
from memdb_tui.ui.widgets.message_view import MessageView
from memdb_tui.ui.widgets.pane_row import MOST_PANES, PaneRow
from memdb_tui.ui.widgets.pane_tabs import PaneTabs
from memdb_tui.ui.widgets.result_grid import ResultGrid
from memdb_tui.ui.widgets.splitter import Splitter
from memdb_tui.ui.widgets.upper_region import UpperRegion, no_pane_rows

if TYPE_CHECKING:
    from memdb_tui.ui.widgets.output_pane import OutputPane

_LEAST_WIDTH = 100
_LEAST_HEIGHT = 30
"""Below this the databases become tabs, and so do Connections and Files."""
_ALARM_SECONDS = 3600.0
_COPY_AGE_SECONDS = 60.0
_FIRST_FRAME_SECONDS = 0.15
"""How long the first frame waits for the databases, at most."""
_PREPARING_SECONDS = 0.1
"""How long what is not needed for the first frame waits for it to be shown."""


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
    ) -> None:
        super().__init__()
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
        self._pane_number = 0
        self._mispredicted: set[ConnectionId] = set()
        self._ages: Timer | None = None
        self._copy_ages: Timer | None = None
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
        self._ages = self.set_interval(1.0, self._show_ages, pause=True)
        self._copy_ages = self.set_interval(_COPY_AGE_SECONDS, self.show_panes, pause=True)
        if self._door is not None:
            self.program = ProgramDoor(self, self._door)
        if (pane := self.panes.active) is not None:
            pane.editor.focus()
        elif self.output is not None:
            self.output.view.focus()
        self.show_presence()
        self.flow(self._begin())

    # The regions.

    @property
    def panes(self) -> PaneRow:
        """The databases."""
        return self.query_one(PaneRow)

    @property
    def upper(self) -> UpperRegion:
        """A program's output, where there is one, and the databases."""
        return self.query_one(UpperRegion)

    def show_presence(self) -> None:
        """Says what to do where no database is shown."""
        self.upper.show_presence(words=no_pane_rows(has_program=self._door is not None))

    @property
    def lower(self) -> LowerRegion:
        """Connections and files."""
        return self.query_one(LowerRegion)

    @property
    def is_narrow(self) -> bool:
        """Databases are tabs."""
        return self.has_class("-narrow")

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

    # The beginning and the end.

    async def _begin(self) -> None:
        panes = self.panes.panes
        # Most often the databases are open before the first frame is: then one frame is enough.
        with self.app.batch_update():
            await self.opening.tried(_FIRST_FRAME_SECONDS)
        # Questions come last: what needs no answer is there, and watched, while they stand.
        asking = []
        for number, pane in enumerate(panes):
            if await self.opening.has_question(number):
                asking.append((number, pane))
            else:
                await self.opening.open_into(pane, self._arguments[number], begun=number)
        self.snapshot = self.bridge.snapshot
        self.show_panes()
        # Until now there was nothing to collect; what is there stays.
        gc.freeze()
        gc.enable()
        self.set_timer(_PREPARING_SECONDS, read_a_first_script)
        await self.bridge.start_files()
        if self.program is not None:
            await self.program.open()
        for number, pane in asking:
            await self.opening.open_into(pane, self._arguments[number], begun=number)
            self.show_panes()
        for pane in panes:
            self.flow(self.navigation.learn_tables(pane))
        if len(self._arguments) > MOST_PANES:
            left_out = ", ".join(self._arguments[MOST_PANES:])
            self.app.notify(f"{MOST_PANES} databases fit side by side; left out: {left_out}", severity="warning")
        for argument, path in self._scripts:
            await self._run_script(argument, path)

    async def _run_script(self, argument: str, path: Path) -> None:
        pane = next((p for p in self.panes.panes if argument in {p.label, p.string}), None)
        if pane is None:
            pane = await self.open_pane(argument)
        if pane is None:
            return
        try:
            text = await asyncio.to_thread(path.read_text, "utf-8")
        except (OSError, ValueError) as error:
            words = f"--sql: {path} cannot be read: {error}. SQL files are read as UTF-8."
            self.app.notify(words, severity="error", timeout=10)
            return
        pane.editor.load_text(text)
        await self.running.run(pane, Request(text, 1, 1))

    def has_room(self) -> bool:
        """One more pane fits; says so where none does."""
        if len(self.panes.panes) < MOST_PANES:
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
        self.show_panes()
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
        self.show_panes()
        self.flow(self.navigation.learn_tables(pane))
        return pane

    # What the host and the files say.

    @on(Bridge.SnapshotArrived)
    def _snapshot_arrived(self, event: Bridge.SnapshotArrived) -> None:
        self.snapshot = event.snapshot
        self._alarm_wrong_predictions(event.snapshot)
        self._follow_caches(event.snapshot)
        self.show_panes()
        if self.program is not None:
            self.flow(self.program.show_first(event.snapshot))

    def _follow_caches(self, snapshot: Snapshot) -> None:
        """A pane on a program's database stays on it when the connection it knew is closed, but another is left."""
        for pane in self.panes.panes:
            if pane.connection_id is None or not is_of_program(pane.connection_id) or pane.cache is None:
                continue
            connection = snapshot.connection(pane.connection_id)
            if connection is None or connection.closed:
                pane.connection_id = first_connection(snapshot, pane.cache.id) or pane.connection_id

    def _alarm_wrong_predictions(self, snapshot: Snapshot) -> None:
        """Where SQLite did something else than was predicted, that is an alarm, once for each connection."""
        for connection in snapshot.connections:
            if connection.is_mispredicted and connection.id not in self._mispredicted:
                self._mispredicted.add(connection.id)
                self.app.notify(
                    f"{connection.id} was predicted to be {connection.predicted}, and is {connection.outcome.value}: "
                    "a fault of memdb-tui. F2 on it shows the two side by side.",
                    title="Prediction and observation differ",
                    severity="error",
                    timeout=_ALARM_SECONDS,
                )

    @on(Bridge.RunMoved)
    def _run_moved(self, event: Bridge.RunMoved) -> None:
        pane = self.panes.pane_showing(event.run.id)
        if pane is not None:
            pane.show_run(event.run)
            self.show_footer()
        if not event.run.state.is_over:
            return
        self._say_others_ran(event.run.connection)
        if isinstance(self.app.screen, Modal):
            self.app.screen.run_ended()

    def _say_others_ran(self, connection: ConnectionId) -> None:
        """Panes on a database that SQL from elsewhere has run on can no longer say that it is empty."""
        caches = self.snapshot.caches if self.snapshot is not None else ()
        reached = {cache.id for cache in caches if any(member.connection == connection for member in cache.members)}
        for pane in self.panes.panes:
            if pane.connection_id != connection and pane.cache is not None and pane.cache.id in reached:
                pane.show_others_ran()

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

    def show_panes(self) -> None:
        """Shows the newest picture everywhere."""
        snapshot, now = self.snapshot, self.bridge.now()
        words: dict[ConnectionId, str] = {}
        holding = frozenset(c.id for c in snapshot.connections if c.can_hold_lock) if snapshot is not None else None
        for number, pane in enumerate(self.panes.panes, start=1):
            connection = snapshot.connection(pane.connection_id or "") if snapshot is not None else None
            cache = snapshot.cache_of(connection.id) if snapshot is not None and connection is not None else None
            process = connection.origin.process if connection is not None and connection.origin is not None else ""
            pane.show_program(snapshot.program(process) if snapshot is not None and process else None)
            pane.show_copy(self.copies.taken_at(connection.id) if connection is not None else None)
            pane.show_connection(connection, cache, now, holding=holding)
            if connection is not None:
                words[connection.id] = (
                    f"{words[connection.id]}, {number}" if connection.id in words else f"pane {number}"
                )
        if snapshot is not None:
            self.lower.show_snapshot(snapshot, now, words)
        opened = snapshot.open_only() if snapshot is not None else None
        self.query_one(HeaderBar).show_facts(
            snapshot.facts if snapshot is not None else None,
            databases=len(opened.caches) if opened is not None else 0,
            connections=len(opened.connections) if opened is not None else 0,
            is_live=self.host_life.is_live,
            programs=snapshot.programs if snapshot is not None else (),
            transaction=transaction_elsewhere(opened.connections, self.navigation.in_view(), now) if opened else "",
        )
        self.navigation.show_pane_tabs()
        self._mind_ages()
        self.show_footer()

    def _mind_ages(self) -> None:
        """A clock ticks only while something shown grows older."""
        connections = self.snapshot.connections if self.snapshot is not None else ()
        ages = any(c.transaction_since or c.running_since for c in connections)
        ages = ages or any(pane.is_running for pane in self.panes.panes)
        if self._ages is not None:
            (self._ages.resume if ages else self._ages.pause)()
        copies = any(self.copies.taken_at(pane.connection_id) for pane in self.panes.panes if pane.connection_id)
        if self._copy_ages is not None:
            (self._copy_ages.resume if copies else self._copy_ages.pause)()

    def _show_ages(self) -> None:
        self.show_panes()
        for pane in self.panes.panes:
            run = pane.run_shown
            if run is not None and run.state.value == "cancelling":
                seconds = self.bridge.now() - run.started_at
                pane.show_cancelling(cancelling_words(sharers=self.navigation.sharers(pane), seconds=seconds))

    def show_footer(self) -> None:
        """The keys of most use where the focus is."""
        keys = [
            FooterKey(key_words(main_key(action)), action.footer, action.id)
            for action in footer_actions(self._place())
        ]
        self.query_one(FooterBar).show_keys(tuple(keys))

    def _place(self) -> Place:
        focused, pane = self.focused, self.panes.active
        places: dict[type, Place] = {
            CacheMap: Place.CONNECTIONS,
            FileFeed: Place.FILES,
            ResultGrid: Place.GRID,
            MessageView: Place.ERROR,
        }
        if self.output is not None and focused is self.output.view:
            return Place.OUTPUT
        is_list = isinstance(focused, (CacheMap, FileFeed))
        if pane is None and (self._door is None or not is_list):
            return Place.EMPTY
        if pane is not None and pane.is_running and not is_list:
            return Place.RUNNING
        if isinstance(focused, MessageView) and not self.navigation.is_locked(pane):
            return Place.EDITOR
        return places.get(type(focused), Place.EDITOR)

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

    @on(CacheMap.CloseRequested)
    def _close_requested(self, event: CacheMap.CloseRequested) -> None:
        self.flow(self.commands.close_one(event.connection))

    @on(FileFeed.RemoveRequested)
    def _remove_requested(self, event: FileFeed.RemoveRequested) -> None:
        self.flow(self.strays.remove(event.path))

    @on(FileFeed.FixRequested)
    @on(AlarmBar.FixRequested)
    def _fix_requested(self, event: FileFeed.FixRequested | AlarmBar.FixRequested) -> None:
        event.stop()
        self.flow(self.commands.fix(event.path))

    @on(AlarmBar.DismissRequested)
    def _dismissed(self, event: AlarmBar.DismissRequested) -> None:
        event.stop()
        self.strays.dismiss(event.path)
        self.show_alarms()

    @on(FileFeed.OthersToggled)
    def _others_toggled(self) -> None:
        self.commands.show_others()

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
    def _turned(self) -> None:
        self.show_panes()

    @on(PaneRow.Changed)
    def show_zoom(self) -> None:
        """Follows which panes are seen."""
        self.set_class(self.panes.is_zoomed, "-zoomed")
        self.show_presence()
        self.show_panes()

    def on_descendant_focus(self, _event: events.DescendantFocus) -> None:
        """The footer follows the focus."""
        self.show_footer()

    def on_resize(self, event: events.Resize) -> None:
        """Side by side, or tabs."""
        is_narrow = event.size.width < _LEAST_WIDTH or event.size.height < _LEAST_HEIGHT
        self.set_class(is_narrow, "-narrow")
        self.panes.show_narrow(is_narrow=is_narrow)
        self.upper.show_single(is_single=is_narrow)
        self.lower.show_narrow(is_narrow=is_narrow)

    def action_do(self, action: str) -> None:
        """Does an action of the table."""
        self.commands.do(action)
