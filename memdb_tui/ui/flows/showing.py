"""What stands on the screen: the newest picture, how far runs have come, and the keys for where the focus is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memdb_tui.model import ConnectionId, ProgramState, Run, RunState, Snapshot, is_of_program
from memdb_tui.ui.actions import Action
from memdb_tui.ui.key_words import key_words, main_key
from memdb_tui.ui.menus import Place, footer_actions
from memdb_tui.ui.pane_lines import cancelling_words, transaction_elsewhere
from memdb_tui.ui.rows import clip_cells
from memdb_tui.ui.widgets.cache_map import CacheMap
from memdb_tui.ui.widgets.file_feed import FileFeed
from memdb_tui.ui.widgets.footer_bar import FooterBar, FooterKey
from memdb_tui.ui.widgets.header_bar import HeaderBar
from memdb_tui.ui.widgets.message_view import MessageView
from memdb_tui.ui.widgets.result_grid import ResultGrid
from memdb_tui.ui.wording import printable

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench

_ALARM_SECONDS = 3600.0
_AGE_SECONDS = 1.0
_COPY_AGE_SECONDS = 60.0
_PROGRAM_CHARACTERS = 24


class Showing:
    """Shows in every region what is known now, and again while that grows older.

    Args:
        workbench: The screen to show it on.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench
        self._mispredicted: set[ConnectionId] = set()
        self._ages = workbench.set_interval(_AGE_SECONDS, self._show_ages, pause=True)
        self._copy_ages = workbench.set_interval(_COPY_AGE_SECONDS, self.show_panes, pause=True)

    # The picture.

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Shows a new picture, once what follows from it is done."""
        self._alarm_wrong_predictions(snapshot)
        self._follow_caches(snapshot)
        self.show_panes()

    def _alarm_wrong_predictions(self, snapshot: Snapshot) -> None:
        """Where SQLite did something else than was predicted, that is an alarm, once for each connection."""
        for connection in snapshot.connections:
            if connection.is_mispredicted and connection.id not in self._mispredicted:
                self._mispredicted.add(connection.id)
                self._workbench.app.notify(
                    f"{connection.id} was predicted to be {connection.predicted}, and is {connection.outcome.value}: "
                    "a fault of memdb-tui. F2 on it shows the two side by side.",
                    title="Prediction and observation differ",
                    severity="error",
                    timeout=_ALARM_SECONDS,
                )

    def _follow_caches(self, snapshot: Snapshot) -> None:
        """A pane on a program's database stays on it when the connection it knew is closed, but another is left."""
        for pane in self._workbench.panes.panes:
            if pane.connection_id is None or not is_of_program(pane.connection_id) or pane.cache is None:
                continue
            connection = snapshot.connection(pane.connection_id)
            if connection is None or connection.closed:
                pane.connection_id = _first_connection(snapshot, pane.cache.id) or pane.connection_id

    def show_panes(self) -> None:
        """Shows the newest picture everywhere."""
        workbench = self._workbench
        workbench.show_presence()
        snapshot, now = workbench.snapshot, workbench.bridge.now()
        words: dict[ConnectionId, str] = {}
        holding = frozenset(c.id for c in snapshot.connections if c.can_hold_lock) if snapshot is not None else None
        for number, pane in enumerate(workbench.panes.panes, start=1):
            connection = snapshot.connection(pane.connection_id or "") if snapshot is not None else None
            cache = snapshot.cache_of(connection.id) if snapshot is not None and connection is not None else None
            process = connection.origin.process if connection is not None and connection.origin is not None else ""
            pane.show_program(snapshot.program(process) if snapshot is not None and process else None)
            pane.show_copy(workbench.copies.taken_at(connection.id) if connection is not None else None)
            pane.show_connection(connection, cache, now, holding=holding)
            if connection is not None:
                words[connection.id] = (
                    f"{words[connection.id]}, {number}" if connection.id in words else f"pane {number}"
                )
        if snapshot is not None:
            workbench.lower.show_snapshot(snapshot, now, words, workbench.copies.in_background())
        self._show_header(snapshot, now)
        workbench.navigation.show_pane_tabs()
        self._mind_ages()
        self.show_footer()

    def _show_header(self, snapshot: Snapshot | None, now: float) -> None:
        opened = snapshot.open_only() if snapshot is not None else None
        in_view = self._workbench.navigation.in_view()
        self._workbench.query_one(HeaderBar).show_facts(
            snapshot.facts if snapshot is not None else None,
            databases=len(opened.caches) if opened is not None else 0,
            are_databases_known=opened is None or opened.has_known_caches,
            connections=len(opened.connections) if opened is not None else 0,
            is_live=self._workbench.host_life.is_live,
            programs=snapshot.programs if snapshot is not None else (),
            transaction=transaction_elsewhere(opened.connections, in_view, now) if opened else "",
        )

    def _mind_ages(self) -> None:
        """A clock ticks only while something shown grows older."""
        workbench = self._workbench
        connections = workbench.snapshot.connections if workbench.snapshot is not None else ()
        ages = any(c.transaction_since or c.running_since for c in connections)
        ages = ages or any(pane.is_running for pane in workbench.panes.panes)
        (self._ages.resume if ages else self._ages.pause)()
        shown = (pane.connection_id for pane in workbench.panes.panes)
        copies = any(workbench.copies.taken_at(connection) for connection in shown if connection)
        (self._copy_ages.resume if copies else self._copy_ages.pause)()

    def _show_ages(self) -> None:
        self.show_panes()
        for pane in self._workbench.panes.panes:
            run = pane.run_shown
            if run is not None and run.state is RunState.CANCELLING:
                seconds = self._workbench.bridge.now() - run.started_at
                sharers = self._workbench.navigation.sharers(pane)
                pane.show_cancelling(cancelling_words(sharers=sharers, seconds=seconds))

    # Runs.

    def show_run(self, run: Run) -> None:
        """Shows how far a run has come, and what its end means for other panes."""
        pane = self._workbench.panes.pane_showing(run.id)
        if pane is not None:
            pane.show_run(run)
            self.show_footer()
        if run.state.is_over:
            self._say_others_ran(run.connection)

    def _say_others_ran(self, connection: ConnectionId) -> None:
        """Panes on a database that SQL from elsewhere has run on can no longer say that it is empty."""
        caches = self._workbench.snapshot.caches if self._workbench.snapshot is not None else ()
        reached = {cache.id for cache in caches if any(member.connection == connection for member in cache.members)}
        for pane in self._workbench.panes.panes:
            if pane.connection_id != connection and pane.cache is not None and pane.cache.id in reached:
                pane.show_others_ran()

    # Keys.

    def show_footer(self) -> None:
        """The keys of most use where the focus is; while they go to a program, the one that does not."""
        output = self._workbench.output
        if output is not None and output.is_typing:
            keys = typing_keys(output.state.name)
        else:
            keys = tuple(
                FooterKey(key_words(main_key(action)), self._word(action), action.id)
                for action in footer_actions(
                    self._place(), self._workbench.commands.refused(), waits=self._has_waiting_program()
                )
            )
        self._workbench.query_one(FooterBar).show_keys(keys)

    def _has_waiting_program(self) -> bool:
        """Whether a program waits that does not go on by quitting."""
        program, snapshot = self._workbench.program, self._workbench.snapshot
        if snapshot is None or (program is not None and program.is_held):
            return False
        return any(each.state is ProgramState.WAITING for each in snapshot.programs)

    def _word(self, action: Action) -> str:
        """The footer's word: to quit is to let a program go on that waits for this session's end."""
        program = self._workbench.program
        return "go on" if action.id == "quit" and program is not None and program.is_held else action.footer

    def _place(self) -> Place:
        workbench = self._workbench
        focused, pane = workbench.focused, workbench.panes.active
        places: dict[type, Place] = {
            CacheMap: Place.CONNECTIONS,
            FileFeed: Place.FILES,
            ResultGrid: Place.GRID,
            MessageView: Place.ERROR,
        }
        if workbench.output is not None and focused is workbench.output.view:
            return Place.OUTPUT
        is_list = isinstance(focused, (CacheMap, FileFeed))
        has_any = workbench.snapshot is not None and bool(workbench.snapshot.open_only().connections)
        is_bare = workbench.program is None and not has_any
        if pane is None and (is_bare or not is_list):
            return Place.EMPTY
        if pane is not None and pane.is_running and not is_list:
            return Place.RUNNING
        if isinstance(focused, MessageView) and not workbench.navigation.is_locked(pane):
            return Place.EDITOR
        return places.get(type(focused), Place.EDITOR)


def typing_keys(program: str) -> tuple[FooterKey, ...]:
    """What the footer says while keys go to a program: then no other key means anything here."""
    name = clip_cells(printable(program), _PROGRAM_CHARACTERS)
    return (FooterKey("Keys", f"go to {name}", ""), FooterKey(key_words("ctrl+g"), "back", "jump"))


def _first_connection(snapshot: Snapshot, cache_id: str) -> ConnectionId | None:
    """A connection that is still on a cache, for a pane whose own connection was closed."""
    cache = snapshot.cache(cache_id)
    if cache is None:
        return None
    return next((member.connection for member in cache.members if member.schema == "main"), None)
