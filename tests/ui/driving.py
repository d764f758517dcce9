"""Driving the real program: a real host, real SQLite, a real watch, and Textual's pilot in place of a terminal."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self, TypeVar

from textual import events
from textual.css.query import NoMatches
from textual.notifications import Notification, Notifications
from textual.pilot import Pilot
from textual.widget import Widget

from memdb_tui.client.launch import spawn_host
from memdb_tui.model import Cache, Connection, FilesView, Run, Snapshot
from memdb_tui.programs.reachable import connect
from memdb_tui.ui.app import MemdbApp, Options
from memdb_tui.ui.flows.door import Door
from memdb_tui.ui.screens.jump import JumpScreen, Target
from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.screens.workbench import Workbench
from memdb_tui.ui.widgets.action_line import ActionLine
from memdb_tui.ui.widgets.cache_map import CacheMap
from memdb_tui.ui.widgets.database_pane import DatabasePane
from memdb_tui.ui.widgets.file_feed import FileFeed
from memdb_tui.ui.widgets.footer_bar import FooterBar
from memdb_tui.ui.widgets.line_list import LineList
from memdb_tui.ui.widgets.result_tabs import ResultTabs

SECONDS = 60.0
"""How long a condition may take to come true before a test fails."""
WIDE = (120, 36)
NARROW = (80, 24)

RAW_SHARED = "file:{}?mode=memory&cache=shared"
"""A shared in-memory database opened with sqlite3 alone: quicker to start, since SQLAlchemy is not imported."""
STRAY_URL = "sqlite:///file:{}?mode=memory&cache=shared"
"""Without uri=true, so SQLAlchemy takes the name for a path."""
ENDLESS_SQL = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
"""Never ends, and gives no row."""
LONG_STEP_SQL = "SELECT instr(printf('%.10000000c', 'a'), printf('%.5000000c', 'a') || 'b')"
"""One step, which nothing interrupts for minutes."""
ENDLESS_ROWS_SQL = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"

_T = TypeVar("_T")


class _Notes(Notifications):
    """Keeps what has gone from the screen: how long it stands there is a matter of the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Notification] = []

    def add(self, notification: Notification) -> Self:
        self.all.append(notification)
        return super().add(notification)


class Driver:
    """The running program, its keys, and what stands on its screen."""

    def __init__(self, app: MemdbApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot
        self._notes = _Notes()
        for note in app._notifications:
            self._notes.add(note)
        app._notifications = self._notes

    @property
    def workbench(self) -> Workbench:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, Workbench))

    @property
    def panes(self) -> tuple[DatabasePane, ...]:
        """The panes that have all their parts."""
        return self.workbench.panes.panes

    @property
    def pane(self) -> DatabasePane:
        """The active pane."""
        pane = self.workbench.panes.active
        assert pane is not None
        return pane

    @property
    def snapshot(self) -> Snapshot:
        assert self.workbench.snapshot is not None
        return self.workbench.snapshot

    @property
    def files(self) -> FilesView:
        assert self.app.bridge is not None
        return self.app.bridge.files.view()

    @property
    def connection(self) -> Connection:
        """The active pane's connection."""
        connection = self.pane.connection
        assert connection is not None
        return connection

    @property
    def cache_map(self) -> CacheMap:
        return self.workbench.lower.cache_map

    @property
    def file_feed(self) -> FileFeed:
        return self.workbench.lower.file_feed

    @property
    def is_modal(self) -> bool:
        return isinstance(self.app.screen, Modal)

    @property
    def takes_keys(self) -> bool:
        """A modal is up, and its focus stands where keys are meant to go."""
        screen = self.app.screen
        return isinstance(screen, Modal) and screen._takes_keys.is_set()

    def cache_of(self, connection: str) -> Cache:
        cache = self.snapshot.cache_of(connection)
        assert cache is not None
        return cache

    # What is seen.

    def lines(self) -> list[str]:
        """The screen, line by line."""
        return ["".join(segment.text for segment in strip) for strip in self.app.screen._compositor.render_strips()]

    def text(self) -> str:
        """The screen."""
        return "\n".join(self.lines())

    def text_of(self, widget: Widget) -> str:
        """The part of the screen that a widget takes, its border included."""
        region = widget.region
        lines = self.lines()[max(0, region.y) : region.bottom]
        return "\n".join(line[max(0, region.x) : region.right] for line in lines)

    def pane_text(self, number: int = 0) -> str:
        """What a pane shows; the active one unless a number, from 1, is given."""
        return self.text_of(self.panes[number - 1] if number else self.pane)

    def footer(self) -> str:
        """The last line."""
        return self.text_of(self.app.screen.query_one(FooterBar)).rstrip()

    def said(self) -> str:
        """What notifications say, all there have been."""
        return "\n".join(f"{note.title} {note.message}" for note in self._notes.all)

    # Waiting.

    async def until(self, condition: Callable[[], _T | None], what: str = "") -> _T:
        """The first true answer of a condition; fails when there is none in a generous time.

        A condition may ask for what is not there yet: a pane is in its row before it has an editor.
        """
        end = time.monotonic() + SECONDS
        missing: Exception | None = None
        while time.monotonic() < end:
            try:
                answer = condition()
            except (AssertionError, NoMatches) as error:
                missing = error
            else:
                if answer:
                    await self.pilot.pause()
                    return answer
            await asyncio.sleep(0.005)
        raise AssertionError(f"did not happen: {what or condition}\n{self.said()}\n{self.text()}") from missing

    async def shows(self, *texts: str, within: Widget | None = None) -> str:
        """Waits until all of the texts stand on the screen, or in a widget's part of it; returns that part.

        Blanks and borders between words do not count, since texts are wrapped.
        """
        wanted = [_squeezed(text) for text in texts]

        def shown() -> str:
            part = self.text() if within is None else self.text_of(within)
            squeezed = _squeezed(part)
            return part if all(text in squeezed for text in wanted) else ""

        return await self.until(shown, f"shown: {texts}")

    async def says(self, text: str) -> str:
        """Waits for a notification with this text."""
        await self.until(lambda: text in self.said(), f"said: {text}")
        return self.said()

    async def ready(self) -> None:
        """Waits until every pane is open or says why not, or a question is asked."""
        await self.until(lambda: isinstance(self.app.screen, (Workbench, Modal)) and self._is_ready(), "ready")

    def _is_ready(self) -> bool:
        if self.is_modal:
            return True
        opened = all(pane.connection is not None or pane._problem for pane in self.panes)
        return opened and self.workbench.files is not None and self.workbench.files.is_live

    # Doing.

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Types printable text."""
        await self.pilot.press(*[" " if key == " " else key for key in text])

    def write(self, sql: str) -> None:
        """Puts a script into the active pane's editor, the cursor at its beginning."""
        self.pane.editor.load_text(sql)

    async def run(self, sql: str, *, key: str = "ctrl+r") -> None:
        """Runs a script in the active pane and waits for its end."""
        await self.begin(sql, key=key)
        await self.over()

    async def begin(self, sql: str, *, key: str = "ctrl+r") -> None:
        """Runs a script in the active pane; returns when the run has begun."""
        await self.until(lambda: self.panes, "a pane")
        self.write(sql)
        self.pane.editor.focus()
        await self.begin_with(key)

    async def begin_with(self, key: str) -> None:
        """Presses a run key and waits until a new run is shown."""
        pane = self.pane
        before = _which(pane.run_shown)
        await self.press(key)
        await self.until(lambda: _which(pane.run_shown) != before, "a run")

    async def over(self, pane: DatabasePane | None = None) -> None:
        """Waits for the end of a pane's run."""
        pane = pane or self.pane
        await self.until(lambda: not pane.is_running, "the end of the run")

    async def go(self, number: int) -> None:
        """Into the editor of a pane, by its jump label."""
        await self.press("ctrl+g", str(number))
        await self.until(
            lambda: not self.is_modal and self.panes[number - 1].editor.has_focus, f"pane {number} focused"
        )

    def jump_targets(self) -> tuple[Target, ...]:
        """The labels of the jump screen that is up."""
        screen = self.app.screen
        assert isinstance(screen, JumpScreen)
        return screen._targets

    async def jump(self, place: str) -> None:
        """Presses the jump key and the key of a place's label; waits for the focus where the place takes it."""
        await self.press("ctrl+g")
        await self.until(lambda: isinstance(self.app.screen, JumpScreen) and self.takes_keys, "jump labels")
        labels = {target.id: target.label for target in self.jump_targets()}
        assert place in labels, f"{place} is not among {sorted(labels)}"
        await self.press(labels[place])
        await self.until(lambda: not isinstance(self.app.screen, JumpScreen) and self._has_arrived(place), place)

    def _has_arrived(self, place: str) -> bool:
        """The focus is where a place has it; of a place that is pressed alone, nothing is to be seen here."""
        where, _, what = place.partition(" ")
        if where == "focus":
            return type(self.workbench.focused).__name__ == what
        pane = next((pane for pane in self.panes if pane.id == where), None)
        if pane is None or what not in {"editor", "tabs", "body"}:
            return True
        body = pane.grid if pane.grid.display else pane.message
        part: Widget = {"editor": pane.editor, "tabs": pane.query_one(ResultTabs), "body": body}[what]
        return part.has_focus

    async def do(self, action: str) -> None:
        """An action of the table, as the palette does it."""
        self.workbench.commands.do(action)
        await self.pilot.pause()

    async def modal(self, *texts: str) -> None:
        """Waits for a modal that says this and takes keys."""
        await self.until(lambda: self.takes_keys, "a modal")
        boxes = list(self.app.screen.query(".modal-box"))
        await self.shows(*texts, within=boxes[0] if boxes else None)

    async def modal_gone(self) -> None:
        await self.until(lambda: not self.is_modal, "no modal")

    def question(self) -> LineList:
        """The answers of the question on the screen."""
        return self.app.screen.query_one(LineList)

    async def choose(self, option: str) -> None:
        """Chooses an answer of the question on the screen, by its id."""
        await self.until(lambda: self.takes_keys and bool(self.app.screen.query(LineList)), "a question")
        options = self.question()
        await self.until(lambda: any(line.key == option for line in options.lines), f"the answer {option}")
        asked = self.app.screen
        options.move_cursor(option)
        await self.press("enter")
        await self.until(lambda: self.app.screen is not asked, f"{option} chosen")

    async def click_text(self, text: str, *, within: Widget | None = None, times: int = 1) -> None:
        """Clicks on the first cell of a text on the screen."""
        x, y = await self.until(lambda: self.place_of(text, within), f"a place of {text!r}")
        widget, region = self.app.screen.get_widget_at(x, y)
        await self.pilot.click(widget, offset=(x - region.x, y - region.y), times=times)

    def place_of(self, text: str, within: Widget | None = None) -> tuple[int, int] | None:
        """The cell where a text begins on the screen; texts before it must not be of wide characters."""
        region = (within or self.app.screen).region
        for y, line in enumerate(self.lines()):
            if region.y <= y < region.bottom and (x := line.find(text, max(0, region.x), region.right)) >= 0:
                return x, y
        return None

    async def drag(self, widget: Widget, by: tuple[int, int]) -> None:
        """Drags what is under a widget's upper left cell by columns and rows."""
        start = widget.region.offset
        end = (start.x + by[0], start.y + by[1])
        await self.pilot.mouse_down(offset=start)
        await self.pilot.hover(offset=end)
        await self.pilot.mouse_up(offset=end)

    async def wheel(self, widget: Widget, turns: int = 1) -> None:
        """Turns the wheel, towards the user, over a widget."""
        await self.pilot._post_mouse_events([events.MouseScrollDown] * turns, widget, (2, 1))

    async def click_part(self, line: ActionLine, action: str) -> None:
        """Clicks on a part of a line."""
        x = await self.until(lambda: line.cell_of(action) is not None and (line.cell_of(action) or 0) + 1, action)
        await self.pilot.click(line, offset=(x - 1, 0))

    def bar(self, pane: DatabasePane | None = None) -> ActionLine:
        """A pane's connection line."""
        return (pane or self.pane).query_one(".pane-bar", ActionLine)

    def connections_text(self) -> str:
        return self.text_of(self.cache_map)

    def files_text(self) -> str:
        return self.text_of(self.file_feed)


def _which(run: Run | None) -> tuple[int, float]:
    """Tells a run from others; a fresh host counts its runs from 1 again."""
    return (run.id, run.started_at) if run is not None else (0, 0.0)


_SEPARATORS = re.compile(r"[\s│┃─━┄]+")


def _squeezed(text: str) -> str:
    return _SEPARATORS.sub("", text)


async def ended(it: Driver) -> None:
    """Waits until the program is told to end."""
    await it.until(lambda: it.app._exit, "the end of the program")


@asynccontextmanager
async def _driven(app: MemdbApp, size: tuple[int, int] = WIDE) -> AsyncIterator[Driver]:
    """The program, running; its work is called off before its screen is taken apart, as when it is quit."""
    async with app.run_test(size=size, notifications=True) as pilot:
        try:
            yield Driver(app, pilot)
        finally:
            app.workers.cancel_all()


@asynccontextmanager
async def program(
    *databases: str,
    size: tuple[int, int] = WIDE,
    scripts: Sequence[tuple[str, Path]] = (),
    allow_files: bool = False,
    watch: Sequence[str] = (),
    fixed_clock: float | None = None,
    waits: bool = True,
) -> AsyncIterator[Driver]:
    """The program as the command line starts it, in the current folder.

    Args:
        databases: As on the command line; `db1` and `db2` without any.
        size: Columns and rows.
        scripts: As `--sql` gives them.
        allow_files: As `--allow-files`.
        watch: As `--watch` gives them.
        fixed_clock: As `--fixed-clock`.
        waits: Hand it over only when everything is open.
    """
    options = Options(
        databases=databases or ("db1", "db2"),
        scripts=tuple(scripts),
        allow_files=allow_files,
        watch=tuple(watch),
        fixed_clock=fixed_clock,
    )
    host = await asyncio.to_thread(
        spawn_host, preload=any(not text.startswith("file:") for text in options.databases)
    )
    try:
        app = MemdbApp(options, host)
        async with _driven(app, size) as driver:
            if waits:
                await driver.ready()
            yield driver
    finally:
        await asyncio.to_thread(host.close)


@asynccontextmanager
async def running(
    source: str,
    *,
    size: tuple[int, int] = WIDE,
    trace: bool = False,
    flags: tuple[str, ...] = (),
    python: str = sys.executable,
) -> AsyncIterator[Driver]:
    """The program as `memdb-tui run` starts it, with a script of this source in the current folder."""
    script = Path("app.py")
    script.write_text(source, "utf-8")
    door = Door(
        "app.py",
        command=(python, *flags, str(script.resolve())),
        cwd=str(Path.cwd()),
        environment=lambda hub: hub.environment(os.environ, follow=True, trace=trace),
    )
    host = await asyncio.to_thread(spawn_host, preload=False)
    try:
        app = MemdbApp(Options(databases=(), door=door), host)
        async with _driven(app, size) as driver:
            await driver.until(lambda: driver.workbench.program is not None)
            yield driver
    finally:
        await asyncio.to_thread(host.close)


@asynccontextmanager
async def inspected(source: str) -> AsyncIterator[Driver]:
    """The program as `inspect()` starts it; the source serves the socket that its first argument is, with "token"."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = await asyncio.to_thread(_start, source, theirs)
        theirs.close()
        host = await asyncio.to_thread(spawn_host, preload=False)
        try:
            door = Door("inspect()", join=lambda hub: hub.attach_socket(ours, "token"), is_waiting=True)
            app = MemdbApp(Options(databases=(), door=door), host)
            async with _driven(app) as driver:
                await driver.until(lambda: driver.workbench.program is not None)
                yield driver
            assert await asyncio.to_thread(process.wait, SECONDS) == 0
        finally:
            process.kill()
            await asyncio.to_thread(process.wait)
            await asyncio.to_thread(host.close)


def _start(source: str, sock: socket.socket) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", source, str(sock.fileno())]
    return subprocess.Popen(words, pass_fds=[sock.fileno()], stdin=subprocess.DEVNULL)


@asynccontextmanager
async def attached(target: str) -> AsyncIterator[Driver]:
    """The program as `memdb-tui attach` starts it."""
    door = Door(target, join=lambda hub: connect(hub, target, on_waiting=door.say))
    host = await asyncio.to_thread(spawn_host, preload=False)
    try:
        app = MemdbApp(Options(databases=(), door=door), host)
        async with _driven(app) as driver:
            await driver.until(lambda: driver.workbench.program is not None)
            yield driver
    finally:
        await asyncio.to_thread(host.close)
