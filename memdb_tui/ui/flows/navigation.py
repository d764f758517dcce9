"""Getting about: jump labels, pane tabs, menus, from a lock to its holder, from a table name to the editor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.errors import NoWidget
from textual.geometry import Offset
from textual.widget import Widget

from memdb_tui.errors import MemdbError
from memdb_tui.model import Connection, ConnectionId, CopyState, DatabaseSchema, FileEntry, Outcome, Snapshot
from memdb_tui.ui.actions import Action
from memdb_tui.ui.connection_lines import connection_of
from memdb_tui.ui.flows.limits import why_not
from memdb_tui.ui.key_words import key_words, main_key
from memdb_tui.ui.menus import app_menu, pane_menu, program_menu
from memdb_tui.ui.pane_lines import badge, is_in_transaction
from memdb_tui.ui.screens.choice import ChoiceScreen, Option
from memdb_tui.ui.widgets.action_line import ActionLine
from memdb_tui.ui.widgets.alarm_bar import AlarmBar
from memdb_tui.ui.widgets.database_pane import DatabasePane
from memdb_tui.ui.widgets.header_bar import HeaderBar
from memdb_tui.ui.widgets.pane_tabs import PaneTab, PaneTabs
from memdb_tui.ui.wording import clip, printable

if TYPE_CHECKING:
    from memdb_tui.ui.screens.workbench import Workbench

_BAR_ACTIONS = (
    "choose_connection",
    "choose_mode",
    "commit",
    "roll_back",
    "go_to_holder",
    "pane_menu",
    "refresh_copy",
)
_LABEL_CHARACTERS = 16
_LABEL_CELLS = 3
_OWN_KEYS = {
    "focus CacheMap": "c",
    "#lower-tabs connections": "c",
    "focus FileFeed": "f",
    "#lower-tabs files": "f",
    "focus OutputView": "o",
    "#pane-tabs output": "o",
    "#pane-tabs open_database": "n",
    "action app_menu": "m",
    "action why": "w",
    "action dismiss_alarm": "h",
}
"""Jump labels that are the same at all times, so that they can be learnt."""
_NUMBERED_PANES = 9
"""So many have a number of one key; those after them have a letter while they are seen."""
_PASSING_ACTIONS = ("commit", "roll_back", "go_to_holder", "refresh_copy")
"""Parts of a pane's line that come and go: labelled last, so that they take no other part's letter."""


class Navigation:
    """Moves the focus, and asks where to.

    Args:
        workbench: The screen to move about on.
    """

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    # Panes.

    def show_pane_tabs(self) -> None:
        """Shows the databases as tabs, for terminals too narrow to show them side by side."""
        workbench = self._workbench
        panes, active = workbench.panes.panes, workbench.panes.active
        hides_all = workbench.arrangement.hides_upper
        shows_databases = workbench.upper.shows_databases and not hides_all
        output = None
        if workbench.output is not None:
            is_chosen = not hides_all and (active is None or not shows_databases)
            output = PaneTab("Output", "output", is_chosen=is_chosen)
        tabs = [
            self._tab(number, pane, is_chosen=pane is active and shows_databases)
            for number, pane in enumerate(panes, start=1)
        ]
        workbench.query_one(PaneTabs).show_tabs(
            tabs, active=panes.index(active) if active is not None else 0, before=output
        )

    def _tab(self, number: int, pane: DatabasePane, *, is_chosen: bool) -> PaneTab:
        snapshot, connection = self._workbench.snapshot, pane.connection
        cache = snapshot.cache_of(connection.id) if snapshot is not None and connection is not None else None
        words, is_stray = badge(connection, cache)
        is_file = connection is not None and connection.outcome is Outcome.FILE
        disk = " STRAY" if is_stray else " DISK" if is_file else ""
        # The sign alone, or all of what is said where there is none: `◆A`, `not open`.
        mark = words.split(" ")[0] if connection is not None and not connection.closed else words
        is_open = " ●" if is_in_transaction(connection) else ""
        name = clip(printable(pane.label), _LABEL_CHARACTERS)
        if pane.elsewhere:
            name += f" → {clip(printable(pane.elsewhere), _LABEL_CHARACTERS)}"
        text = f"{number} {name} {mark}{disk}{is_open}"
        return PaneTab(text, f"pane:{pane.id}", is_chosen=is_chosen, is_stray=is_stray)

    def in_view(self) -> frozenset[ConnectionId]:
        """The connections whose panes are on the screen."""
        if self._workbench.arrangement.hides_upper or self._workbench.upper.hides_databases:
            return frozenset()
        return frozenset(pane.connection_id for pane in self._workbench.panes.in_view if pane.connection_id)

    async def tab_pressed(self, action: str) -> None:
        """Goes to the pane of a tab, or opens one more."""
        if action == "output" and self._workbench.output is not None:
            self._workbench.output.view.focus()
            return
        if not action.startswith("pane:"):
            self._workbench.commands.do(action)
            return
        pane = self._workbench.query_one(f"#{action.removeprefix('pane:')}", DatabasePane)
        self._workbench.panes.activate(pane)

    async def pane_menu(self) -> None:
        """Everything that can be done with the active pane."""
        pane = self._workbench.panes.active
        if pane is None:
            return
        programs = program_menu() if self._workbench.bridge.hub is not None else ()
        await self._menu(f"Pane: {pane.label}", (*programs, *pane_menu()))

    async def app_menu(self) -> None:
        """What concerns the whole program."""
        await self._menu("memdb-tui", app_menu())

    async def program_menu(self) -> None:
        """What concerns a program that is looked into."""
        programs = self._workbench.snapshot.programs if self._workbench.snapshot is not None else ()
        only = programs[0] if len(programs) == 1 else None
        title = f"{only.name} (pid {only.pid})" if only is not None else "A program that is looked into"
        await self._menu(title, program_menu())

    async def _menu(self, title: str, actions: Sequence[Action]) -> None:
        reasons = why_not(self._workbench)
        options = [Option(each.id, each.label, reasons.get(each.id) or key_words(main_key(each))) for each in actions]
        answer = await self._workbench.app.push_screen_wait(ChoiceScreen(title, options))
        if answer is not None:
            self._workbench.commands.do(answer.id)

    async def choose_connection(self, pane: DatabasePane, snapshot: Snapshot) -> None:
        """Asks which connection the pane's SQL runs on."""
        options = []
        for number, connection in enumerate(snapshot.connections, start=1):
            cache = snapshot.cache_of(connection.id)
            words, _ = badge(connection, cache)
            now = " (now)" if connection.id == pane.connection_id else ""
            name = cache.name if cache is not None else ""
            key = str(number) if number < 10 else ""  # noqa: PLR2004 - digits
            options.append(Option(connection.id, f"{connection.id}{now}", f"{printable(name)}  {words}", key))
        answer = await self._workbench.app.push_screen_wait(
            ChoiceScreen(f"Which connection runs the SQL of {pane.label}?", options, chosen=pane.connection_id or "")
        )
        if answer is not None:
            pane.run_on(ConnectionId(answer.id))
            self._workbench.showing.show_panes()

    async def find_tables(self, pane: DatabasePane) -> None:
        """Shows what the pane's connection can see; the name chosen goes into the editor."""
        from memdb_tui.ui.screens.find_tables import FindTablesScreen  # noqa: PLC0415 - not on the first screen

        connection = pane.connection_id
        if connection is None:
            return

        async def read() -> DatabaseSchema:
            schema = await self._workbench.bridge.session_for(connection).schema(connection)
            pane.show_tables_known(has_tables=bool(schema.tables))
            return schema

        text = await self._workbench.app.push_screen_wait(FindTablesScreen(f"Tables that {connection} sees", read))
        if text:
            pane.insert(text)

    async def learn_tables(self, pane: DatabasePane) -> None:
        """Whether a database just opened has tables, for the words of its empty pane."""
        if pane.connection_id is None:
            return
        try:
            schema = await self._workbench.bridge.session_for(pane.connection_id).schema(pane.connection_id)
        except MemdbError:
            # Locked by another's transaction, or closed meanwhile: then nothing is said of tables.
            return
        pane.show_tables_known(has_tables=bool(schema.tables))

    # Locks.

    def is_locked(self, pane: DatabasePane | None) -> bool:
        """The pane's last run met a lock."""
        failure = pane.run_shown.failure if pane is not None and pane.run_shown is not None else None
        return failure is not None and failure.lock is not None

    def holder(self, pane: DatabasePane | None) -> ConnectionId | None:
        """The first connection known to stand in the way of the pane's last run."""
        failure = pane.run_shown.failure if pane is not None and pane.run_shown is not None else None
        if failure is None or failure.lock is None:
            return None
        return next((holder.connection for holder in failure.lock.holders if holder.connection), None)

    def sharers(self, pane: DatabasePane) -> tuple[str, ...]:
        """Connections that run on the same cache as the pane's, now."""
        snapshot, mine = self._workbench.snapshot, pane.connection_id
        cache = snapshot.cache_of(mine) if snapshot is not None and mine is not None else None
        if snapshot is None or cache is None:
            return ()
        others = {member.connection for member in cache.members} - {mine}
        return tuple(c.id for c in snapshot.connections if c.id in others and c.running)

    async def go_to_connection(self, wanted: ConnectionId) -> None:
        """To the pane that runs on a connection, else to its line among the connections."""
        if not await self._go_where_it_is_shown(wanted):
            cache_map = self._workbench.lower.cache_map
            cache_map.focus()
            cache_map.move_cursor(wanted)

    async def open_connection(self, wanted: ConnectionId) -> None:
        """To the pane that runs on a connection; one without a pane gets one, or a word says why not."""
        if await self._go_where_it_is_shown(wanted):
            return
        snapshot = self._workbench.snapshot
        connection = snapshot.connection(wanted) if snapshot is not None else None
        if snapshot is None or connection is None or connection.closed:
            why = f": {connection.closed}" if connection is not None else ""
            words = f"{wanted} is closed{why}"
            if connection is not None and connection.has_ended_with_process:
                words = f"The process of {wanted} is gone. Its in-memory databases died with it."
            self._workbench.app.notify(words, severity="warning")
            return
        cache = snapshot.cache_of(wanted)
        name = cache.name if cache is not None else ""
        await self._workbench.open_pane_on(wanted, name.rpartition("/")[2] or wanted)

    async def _go_where_it_is_shown(self, wanted: ConnectionId) -> bool:
        """To the connection's pane, or to the database of a program's connection; False where neither is."""
        pane = self._workbench.panes.pane_of(wanted)
        if pane is not None:
            self._workbench.panes.activate(pane)
            return True
        snapshot = self._workbench.snapshot
        connection = snapshot.connection(wanted) if snapshot is not None else None
        if connection is None or connection.origin is None:
            return False
        if not connection.closed or connection.origin.reading is CopyState.FILE:
            await self._workbench.copies.open_database_of(connection)
            return True
        return False

    def connection_at_hand(self) -> Connection | None:
        """The connection under the cursor of the Connections pane, else the active pane's."""
        snapshot, cache_map = self._workbench.snapshot, self._workbench.lower.cache_map
        if snapshot is not None and cache_map.has_focus and cache_map.cursor_key is not None:
            return snapshot.connection(connection_of(cache_map.cursor_key))
        pane = self._workbench.panes.active
        return pane.connection if pane is not None else None

    def stray_at_hand(self, alarms: Sequence[FileEntry]) -> str | None:
        """The stray under the cursor of the Files pane, else the newest."""
        feed = self._workbench.lower.file_feed
        if feed.has_focus and feed.cursor_key is not None:
            return feed.cursor_key
        return alarms[0].path if alarms else None

    # Jump labels.

    async def jump(self) -> None:
        """Shows a label on every pane and control, and goes where its key says."""
        from memdb_tui.ui.screens.jump import JumpScreen, label_targets  # noqa: PLC0415 - not on the first screen

        places: dict[str, Offset | None] = dict(self._places())
        own_keys = dict(_OWN_KEYS)
        for number, pane in enumerate(self._workbench.panes.panes[:_NUMBERED_PANES], start=1):
            # On its tab, where the pane is not seen; the number of a pane without either leads to it too.
            editor, tab = f"{pane.id} editor", f"#pane-tabs pane:{pane.id}"
            own_keys |= dict.fromkeys((editor, tab), str(number))
            places.setdefault(editor, None)
        targets = label_targets(list(places.items()), own_keys)
        answer = await self._workbench.app.push_screen_wait(JumpScreen(targets))
        if answer is not None:
            await self._go(answer)

    def _places(self) -> list[tuple[str, Offset]]:
        """Every place that is seen, as "id what", with the cell for its label; those that come and go are last."""
        seen = [(place, at) for place, widget, at in self._displayed_places() if self._is_at(widget, at)]
        return sorted(seen, key=lambda place: place[0].endswith(_PASSING_ACTIONS))

    def _is_at(self, widget: Widget, at: Offset) -> bool:
        """The widget is what is seen at a cell: it is neither clipped there nor under another."""
        try:
            found, _ = self._workbench.get_widget_at(*at)
        except NoWidget:
            return False
        return widget in found.ancestors_with_self

    def _displayed_places(self) -> list[tuple[str, Widget, Offset]]:
        workbench, places = self._workbench, list[tuple[str, Widget, Offset]]()
        for pane in workbench.panes.panes:
            if _is_seen(pane):
                places += self._places_of(pane)
        # The lists before their tabs, which lead to the same.
        output, lists = workbench.output, (workbench.lower.cache_map, workbench.lower.file_feed)
        if output is not None and _is_seen(output):
            places.append(("focus OutputView", output, output.region.offset + Offset(1, 0)))
        for widget in lists:
            if _is_seen(widget):
                places.append((f"focus {type(widget).__name__}", widget, widget.region.offset + Offset(1, 0)))
        for where in ("#pane-tabs", "#lower-tabs"):
            places += _line_places(workbench.query_one(where, ActionLine), where)
        header, alarm = workbench.query_one(HeaderBar), workbench.query_one(AlarmBar)
        places.append(("action app_menu", header, header.region.offset + Offset(header.region.width - 4, 0)))
        for action, x in (("why", alarm.fix_cell), ("dismiss_alarm", alarm.hide_cell)):
            if _is_seen(alarm) and x is not None:
                places.append((f"action {action}", alarm, alarm.region.offset + Offset(x, 0)))
        return places

    def _places_of(self, pane: DatabasePane) -> list[tuple[str, Widget, Offset]]:
        editor, tabs = pane.editor, pane.query_one("ResultTabs")
        bar = pane.query_one(".pane-bar", ActionLine)
        body: Widget = pane.grid if pane.grid.display else pane.message
        # Of a pane that is seen in part, its number stands where that part begins.
        x = max(editor.region.x, self._workbench.panes.region.x)
        places: list[tuple[str, Widget, Offset]] = []
        if x + _LABEL_CELLS <= min(editor.region.right, self._workbench.panes.region.right):
            places.append((f"{pane.id} editor", editor, Offset(x, editor.region.y)))
        places += _line_places(bar, f"{pane.id}", only=_BAR_ACTIONS)
        places.append((f"{pane.id} tabs", tabs, tabs.region.offset))
        places.append((f"{pane.id} body", body, body.region.offset))
        return places

    async def _go(self, answer: str) -> None:
        where, _, what = answer.partition(" ")
        workbench = self._workbench
        if where == "action":
            workbench.commands.do(what)
        elif where == "focus":
            workbench.query_one(what).focus()
        elif where.startswith("#"):
            line = workbench.query_one(where, ActionLine)
            line.post_message(ActionLine.Pressed(line, what))
        else:
            pane = workbench.query_one(f"#{where}", DatabasePane)
            workbench.panes.enter(pane)
            focus: dict[str, Widget] = {
                "editor": pane.editor,
                "tabs": pane.query_one("ResultTabs"),
                "body": pane.grid if pane.grid.display else pane.message,
            }
            if what in focus:
                focus[what].focus()
            else:
                workbench.commands.do(what)


def _is_seen(widget: Widget) -> bool:
    return widget.display and widget.region.area > 0


def _line_places(line: ActionLine, where: str, *, only: Sequence[str] = ()) -> list[tuple[str, Widget, Offset]]:
    """The parts of a line that can be clicked."""
    if not _is_seen(line):
        return []
    places: dict[str, tuple[str, Widget, Offset]] = {}
    for part in (*line.row.left, *line.row.right):
        x = line.cell_of(part.action) if part.action and (not only or part.action in only) else None
        if x is not None:
            place = f"{where} {part.action}"
            places.setdefault(place, (place, line, line.region.offset + Offset(x, 0)))
    return list(places.values())
