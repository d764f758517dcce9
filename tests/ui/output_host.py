"""A small app around the output pane, with a real program on a real terminal."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.pilot import Pilot
from textual.widgets import Input

from memdb_tui.programs.pty_process import PtyProcess
from memdb_tui.programs.screen_text import ScreenText
from memdb_tui.ui.output_lines import ProgramState
from memdb_tui.ui.theme import THEMES
from memdb_tui.ui.widgets.output_pane import OutputPane

SECONDS = 60.0
PYTHON = (sys.executable, "-I", "-c")


class OutputHost(App[None]):
    """Runs a program once the pane knows its size, and joins the two."""

    BINDINGS = [  # noqa: RUF012 - as Textual's own
        Binding("ctrl+g,ctrl+c,f5,q,ctrl+q", "taken", "As the program binds keys everywhere", priority=True)
    ]
    CSS = "Input { dock: bottom; }"

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str] | None = None, theme: int = 0) -> None:
        super().__init__()
        for known in THEMES:
            self.register_theme(known)
        self.theme = THEMES[theme].name
        self._argv = argv
        self._env = env
        self.process: PtyProcess | None = None
        self.screen_text = ScreenText(80, 24, answer=self._answer)
        self.pane = OutputPane(ProgramState("app.py", "python app.py"))
        self.copied: list[tuple[str, str]] = []
        self.taken_count = 0

    def compose(self) -> ComposeResult:
        yield self.pane
        yield Input()

    def on_mount(self) -> None:
        self.pane.view.focus()

    def action_taken(self) -> None:
        self.taken_count += 1

    async def begin(self) -> None:
        screen = self.screen_text
        self.process = await PtyProcess.start(
            self._argv,
            env=self._env,
            columns=screen.columns,
            rows=screen.rows,
            on_output=self._written,
            on_end=self._ended,
        )
        self.pane.show_state(replace(self.pane.state, pid=self.process.pid))

    def _written(self, data: bytes) -> None:
        self.screen_text.feed(data)
        self.pane.show_screen(self.screen_text)

    def _ended(self, status: int) -> None:
        self.pane.show_state(replace(self.pane.state, status=status))

    def _answer(self, data: bytes) -> None:
        if self.process is not None:
            self.process.write(data)

    @on(OutputPane.KeysTyped)
    def _typed(self, event: OutputPane.KeysTyped) -> None:
        self._answer(event.data)

    @on(OutputPane.Resized)
    def _resized(self, event: OutputPane.Resized) -> None:
        self.screen_text.resize(event.columns, event.rows)
        if self.process is not None:
            self.process.resize(event.columns, event.rows)
        event.pane.show_screen(self.screen_text)

    @on(OutputPane.CopyRequested)
    def _copy(self, event: OutputPane.CopyRequested) -> None:
        self.copied.append((event.text, event.what))


class OutputDriver:
    """The app, its keys, and what stands on its screen."""

    def __init__(self, app: OutputHost, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def process(self) -> PtyProcess:
        assert self.app.process is not None
        return self.app.process

    def lines(self) -> list[str]:
        """The screen, line by line."""
        return ["".join(segment.text for segment in strip) for strip in self.app.screen._compositor.render_strips()]

    def text(self) -> str:
        """The screen."""
        return "\n".join(self.lines())

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Waits until a condition is true; fails when it is not in a generous time."""
        end = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < end, f"did not happen: {what}\n{self.text()}"
            await asyncio.sleep(0.005)
        await self.pilot.pause()

    async def shows(self, *texts: str) -> str:
        """Waits until all of the texts stand on the screen."""
        await self.until(lambda: all(text in self.text() for text in texts), f"shown: {texts}")
        return self.text()

    async def type(self, text: str) -> None:
        """Presses a key for each character."""
        names = {" ": "space", "\r": "enter"}
        await self.pilot.press(*(names.get(sign, sign) for sign in text))


@asynccontextmanager
async def output_of(
    *argv: str,
    size: tuple[int, int] = (80, 20),
    env: Mapping[str, str] | None = None,
    starts: bool = True,
    theme: int = 0,
) -> AsyncIterator[OutputDriver]:
    """A program's output in the pane; the program is closed at the end."""
    app = OutputHost(argv, env=env, theme=theme)
    async with app.run_test(size=size) as pilot:
        driver = OutputDriver(app, pilot)
        await pilot.pause()
        try:
            if starts:
                await app.begin()
                await pilot.pause()
            yield driver
        finally:
            if app.process is not None:
                app.process.close()
