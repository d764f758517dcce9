"""The application: its lifetime, its themes, its palette."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.driver import Driver
from textual.notifications import SeverityLevel
from textual.screen import Screen

from memdb_tui.client.launch import HostProcess
from memdb_tui.files.watcher import SessionFiles
from memdb_tui.frozen import dataclass
from memdb_tui.ui.actions import ACTIONS
from memdb_tui.ui.bridge import Bridge
from memdb_tui.ui.flows.door import Door
from memdb_tui.ui.flows.opening import Opening
from memdb_tui.ui.key_words import key_words, main_key
from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.screens.workbench import Workbench
from memdb_tui.ui.stillness import Stillness
from memdb_tui.ui.theme import THEMES, without_colour
from memdb_tui.ui.widgets.alarm_bar import AlarmBar
from memdb_tui.ui.widgets.footer_bar import FooterBar, FooterKey
from memdb_tui.ui.widgets.header_bar import HeaderBar
from memdb_tui.ui.widgets.pane_row import MOST_PANES
from memdb_tui.ui.wording import printable

if TYPE_CHECKING:
    from memdb_tui.ui.screens.cell_viewer import CellViewer


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line said."""

    databases: tuple[str, ...]
    scripts: tuple[tuple[str, Path], ...] = ()
    allow_files: bool = False
    watch: tuple[str, ...] = ()
    fixed_clock: float | None = None
    theme: str = "memdb-dark"
    stills: Path | None = None
    """Where SIGUSR1 saves the screen, for recordings; None: the signal has no meaning."""
    door: Door | None = None
    """The program to look into; None for a session of its own."""


_PALETTE_KEYS = (FooterKey("Enter", "does it", ""), FooterKey("↑ ↓", "choose", ""), FooterKey("Esc", "leave", ""))
_MODAL_SECONDS = 0.5
"""How long a key waits, at most, for the modal that the key before it opens."""
_SET_UP_SECONDS = 10.0
_IN_HELP = 0.01
"""The score of an action whose explanation has the words: less than that of any label which fits."""


class ActionProvider(Provider):
    """The action table in the command palette."""

    async def discover(self) -> Hits:
        """Everything, in the table's order."""
        for action in ACTIONS:
            yield DiscoveryHit(_palette_words(action.label, main_key(action)), self._do(action.id), help=action.help)

    async def search(self, query: str) -> Hits:
        """What the letters typed fit; labels first, then what has the word in the line that explains it."""
        matcher = self.matcher(query)
        words = query.casefold().split()
        for action in ACTIONS:
            score = matcher.match(action.label)
            if score <= 0 and all(word in f"{action.label} {action.help}".casefold() for word in words):
                score = _IN_HELP
            if score > 0:
                yield Hit(score, matcher.highlight(action.label), self._do(action.id), help=action.help)

    def _do(self, action: str) -> Callable[[], object]:
        def do() -> None:
            if isinstance(self.screen, Workbench):
                self.screen.commands.do(action)

        return do


class MemdbApp(App[None]):
    """memdb-tui."""

    TITLE = "memdb-tui"
    CSS = """
    CommandPalette {
        background: $background 70%;
        & > FooterBar { dock: bottom; }
        & > Vertical { margin-top: 3; width: 92; max-width: 94%; height: auto; background: $background; }
        & #--input {
            background: $background; height: 3; padding: 0 1;
            border: heavy $border; border-bottom: none; border-title-color: $primary; border-title-style: bold;
        }
        & SearchIcon { display: none; }
        & CommandInput, & CommandInput:focus {
            background: $background; background-tint: $background 0%; width: 1fr;
            height: 1; border: none; padding: 0 1;
        }
        & CommandList, & CommandList:focus {
            background: $background; border: heavy $border; border-top: none;
            scrollbar-size-vertical: 1; max-height: 65vh;
        }
        & CommandList > .option-list--option-highlighted { background: $block-cursor-background; }
    }
    Toast { background: $panel; }
    """
    ENABLE_COMMAND_PALETTE = True
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {ActionProvider}
    BINDINGS: ClassVar[list[BindingType]] = [
        # The workbench has these keys; Textual's own meanings must not come up under a modal.
        Binding("ctrl+q", "ask_to_quit", "Quit", show=False, priority=True, id="app.quit"),
        Binding("ctrl+c", "nothing", "Nothing", show=False, id="app.nothing"),
    ]

    def __init__(self, options: Options, host: HostProcess) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(without_colour(theme) if self.no_color else theme)
        self.theme = options.theme
        self._options = options
        self._host = host
        self._still = Stillness(options.fixed_clock)
        self.bridge: Bridge | None = None
        self._set_up = asyncio.Event()
        """The workbench can take keys, and be left again."""
        self._leaving: set[asyncio.Task[None]] = set()

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """A note in plain text: what users name and SQLite says is never markup, and reaches no terminal raw."""
        del markup
        message, title = ("\n".join(map(printable, text.split("\n"))) for text in (message, title))
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=False)

    def get_driver_class(self) -> type[Driver]:
        """Textual's own, but on a terminal one that bears what terminals do."""
        driver = super().get_driver_class()
        if driver.__module__ != "textual.drivers.linux_driver":
            return driver
        from memdb_tui.ui.terminal_driver import TerminalDriver  # noqa: PLC0415 - there is none on Windows

        return TerminalDriver

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """None of Textual's own: the table has what there is."""
        del screen
        return ()

    def on_load(self) -> None:
        """Makes the bridge, and begins to open databases while the screen is still being made."""
        options = self._options
        door = options.door
        cwd = door.cwd if door is not None and door.cwd else str(Path.cwd())

        def files(on_change: Callable[[], None]) -> SessionFiles:
            return SessionFiles(cwd, options.watch, on_change)

        self.bridge = Bridge(
            self._to_workbench, host=self._host, files=files, still=self._still, with_programs=door is not None
        )
        self._opening = Opening(cast("App[object]", self), self.bridge, allow_files=options.allow_files)
        self._opening.begin(options.databases[:MOST_PANES])

    def get_default_screen(self) -> Screen[object]:
        """The workbench: there is none below it."""
        if self.bridge is None:
            raise RuntimeError("the bridge is made before there is a screen")
        self._workbench = Workbench(
            self.bridge,
            self._opening,
            arguments=self._options.databases,
            scripts=self._options.scripts,
            door=self._options.door,
            on_set_up=self._set_up.set,
        )
        return cast("Screen[object]", self._workbench)

    async def on_event(self, event: events.Event) -> None:
        """Keys wait for what they are for: the workbench at first, later what the key before has opened."""
        if isinstance(event, events.InputEvent | events.Paste) and not await self._until_set_up():
            return
        if isinstance(event, events.Key) and not event.is_forwarded and not isinstance(self.screen, Modal):
            # What the key before has begun comes as far as it does without waiting for anything. A modal that is up
            # gets both keys of a double press: the second must not reach what is below it.
            await asyncio.sleep(0)
            if isinstance(self.screen, Modal):
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.screen.until_it_takes_keys(), _MODAL_SECONDS)
        await super().on_event(event)

    def on_mount(self) -> None:
        """From now on signals end it in order, and who comes back finds the screen as it was."""
        self._mind_signals()
        self.app_resume_signal.subscribe(self, self._draw_all)

    async def on_unmount(self) -> None:
        """Ends the host, the watch, and a program that was started here."""
        if hasattr(self, "_workbench") and self._workbench.program is not None:
            await self._workbench.program.close()
        if self.bridge is not None:
            await self.bridge.close()

    @property
    def has_program_failed(self) -> bool:
        """A program was to be started, and could not be."""
        program = self._workbench.program if hasattr(self, "_workbench") else None
        return program is not None and program.has_failed

    @property
    def program_status(self) -> int | None:
        """The exit status of the program that was started here; None where none was, or it was not over."""
        program = self._workbench.program if hasattr(self, "_workbench") else None
        return program.status if program is not None else None

    def _to_workbench(self, message: object) -> None:
        if self._is_up:
            self._workbench.post_message(message)  # type: ignore[arg-type]  # the bridge posts messages alone

    @property
    def _is_up(self) -> bool:
        """The workbench is on the screen; before that, it takes what the bridge has kept."""
        return hasattr(self, "_workbench") and self._workbench.is_running

    def _draw_all(self, _app: object) -> None:
        """The terminal has been another's, and is empty; Textual draws what has changed."""
        for screen in self.screen_stack:
            screen.refresh()

    def _mind_signals(self) -> None:
        """SIGINT, SIGTERM and SIGHUP end the program as `^Q` does, without a question: the terminal is restored."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._end_by_signal, number)
        if self._options.stills is not None:
            numbers = itertools.count(1)
            loop.add_signal_handler(signal.SIGUSR1, self._save_still, self._options.stills, numbers)

    def _save_still(self, folder: Path, numbers: Iterator[int]) -> None:
        """Saves the screen as `01.svg`, `02.svg`, …; the name is there only when the file is whole."""
        still = folder / f"{next(numbers):02}.svg"
        part = still.with_suffix(".part")
        part.write_text(self.export_screenshot(), "utf-8")
        part.replace(still)

    def _end_by_signal(self, number: signal.Signals) -> None:
        leaving = asyncio.create_task(self._leave(128 + number))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    async def _leave(self, status: int) -> None:
        # Left in the midst of being set up, a screen would look for parts that do not come any more.
        await self._until_set_up()
        self.exit(return_code=status)

    async def _until_set_up(self) -> bool:
        """Waits for it; what was typed before it was there is not lost."""
        if not self._set_up.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._set_up.wait(), _SET_UP_SECONDS)
        return self._set_up.is_set()

    @on(Workbench.AlarmsChanged)
    @on(Modal.Shown)
    def _show_alarms(self) -> None:
        """Every screen shows the alarm, modals included, and how many strays there are once it is hidden."""
        alarms, hidden = self._workbench.strays.alarms, self._workbench.strays.hidden_count
        for header in self._workbench.query(HeaderBar):
            header.show_hidden_strays(hidden)
        for screen in self.screen_stack:
            if isinstance(screen, Modal):
                for footer in screen.query(FooterBar):
                    footer.show_hidden_strays(hidden)
            for bar in screen.query(AlarmBar):
                bar.show_alarm(alarms[0] if alarms else None, more=max(0, len(alarms) - 1))

    @on(AlarmBar.FixRequested)
    def _fix_from_modal(self, event: AlarmBar.FixRequested) -> None:
        """On a modal's alarm: leave the modal, then fix."""
        if isinstance(self.screen, Modal):
            self.screen.dismiss(None)
            self._workbench.post_message(AlarmBar.FixRequested(event.alarm_bar, event.path))

    @on(AlarmBar.DismissRequested)
    def _dismiss_from_modal(self, event: AlarmBar.DismissRequested) -> None:
        if isinstance(self.screen, Modal):
            self._workbench.post_message(AlarmBar.DismissRequested(event.alarm_bar, event.path))

    async def on_command_palette_opened(self) -> None:
        """The palette's keys, in place of those of the screen below."""
        footer = FooterBar()
        footer.show_keys(_PALETTE_KEYS)
        await self.screen.mount(footer)

    def on_cell_viewer_copy_requested(self, event: CellViewer.CopyRequested) -> None:
        """The viewer has what is to be copied."""
        what = "The value" if event.is_whole else "The beginning of the value, the rest is too much,"
        self._workbench.copying.copy_text(event.text, what)

    def action_ask_to_quit(self) -> None:
        """Leaves, or asks above whatever is open: a question that stands there is not answered by it."""
        self._workbench.commands.application.quit()

    def action_nothing(self) -> None:
        """Nothing: ^C in a modal ends neither it nor the program."""


def _palette_words(label: str, key: str) -> str:
    return f"{label}  ({key_words(key)})" if key else label
