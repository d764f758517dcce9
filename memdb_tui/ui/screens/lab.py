"""The lab: every claim with its code, run for real, and what became of it here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from memdb_tui.lab.recipe import Pane
from memdb_tui.lab.result import Result
from memdb_tui.lab.shelf import Entry
from memdb_tui.ui.lab_lines import entry_rows, recipe_lines, summary
from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.widgets.footer_bar import FooterKey
from memdb_tui.ui.widgets.line_list import LineList
from memdb_tui.ui.widgets.message_view import MessageView


class LabScreen(Modal[tuple[Pane, ...]]):
    """Shows recipes and runs them; the answer is databases to open in the workbench.

    Args:
        entries: What can be run, shelf by shelf.
        run: Runs some of them; a result for each as it is there.
    """

    DEFAULT_CSS = """
    LabScreen {
        & > .modal-box { width: 96%; height: 90%; padding: 0 1; }
        & LineList { width: 2fr; height: 1fr; border: none; }
        & LineList:focus { border: none; }
        & MessageView { width: 3fr; height: 1fr; padding: 0 0 0 2; }
    }
    """
    KEYS: ClassVar[tuple[FooterKey, ...]] = (
        FooterKey("Enter", "run", "run_one"),
        FooterKey("a", "run all", "run_all"),
        FooterKey("c", "copy the code", "copy_code"),
        FooterKey("i", "what works instead", "go_instead"),
        FooterKey("w", "open in workbench", "open"),
        FooterKey("Tab", "to the text", "to_text"),
        FooterKey("Esc", "leave", "leave"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "run_all", "Run all", show=False, id="lab.run-all"),
        Binding("c", "copy_code", "Copy the code", show=False, priority=True, id="lab.copy"),
        Binding("i", "go_instead", "What works instead", show=False, id="lab.instead"),
        Binding("w", "open", "Open in workbench", show=False, id="lab.open"),
    ]

    def __init__(
        self, entries: Sequence[Entry], run: Callable[[Sequence[Entry]], AsyncGenerator[Result, None]]
    ) -> None:
        super().__init__()
        self._entries = {entry.id: entry for entry in entries}
        self._run = run
        self._results: dict[str, Result] = {}
        self._unfinished: frozenset[str] = frozenset()
        self._work: asyncio.Task[None] | None = None

    def compose_content(self) -> ComposeResult:
        """The list, and everything about the one under the cursor."""
        with Vertical(classes="modal-box") as box:
            box.border_title = "The lab: claims, run for real"
            with Horizontal():
                yield _Recipes(self._show_entry)
                yield MessageView()

    def on_mount(self) -> None:
        """Nothing runs before it is asked for."""
        self._show_list()
        recipes = self.query_one(_Recipes)
        recipes.focus()
        self._show_entry()

    async def on_unmount(self) -> None:
        """What still runs is stopped, and waited for."""
        if self._work is not None:
            self._work.cancel()
            with suppress(asyncio.CancelledError):
                await self._work

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.action_run_one()

    def action_run_one(self) -> None:
        """Runs the recipe under the cursor."""
        if (entry := self._entry()) is not None:
            self._start((entry,))

    def action_run_all(self) -> None:
        """Runs all of them."""
        self._start(tuple(self._entries.values()))

    def action_copy_code(self) -> None:
        """Copies the code through the terminal."""
        if (entry := self._entry()) is not None:
            self.app.copy_to_clipboard(entry.code.text)
            self.app.notify("The code went to the terminal (OSC 52).", title="Copied")

    def action_go_instead(self) -> None:
        """To the recipe that does what the claim promises."""
        entry = self._entry()
        if entry is not None and entry.works_instead:
            self.query_one(_Recipes).move_cursor(entry.works_instead)

    def action_open(self) -> None:
        """Its databases as panes, to play on with them."""
        entry = self._entry()
        if entry is None:
            return
        if entry.panes:
            self.dismiss(entry.panes)
        else:
            self.app.notify("This recipe has no database that could be opened here.", severity="warning")

    def action_to_text(self) -> None:
        """From the list to the text, which scrolls."""
        self.query_one(MessageView).focus()

    def _start(self, entries: Sequence[Entry]) -> None:
        if self._unfinished:
            self.app.notify("Recipes still run; their verdicts come one by one.", severity="warning")
            return
        self._work = asyncio.create_task(self._run_them(entries))

    async def _run_them(self, entries: Sequence[Entry]) -> None:
        self._unfinished = frozenset(entry.id for entry in entries)
        self._show_list()
        async with aclosing(self._run(entries)) as results:
            async for result in results:
                self._results[result.entry.id] = result
                self._unfinished -= {result.entry.id}
                if not self.query(_Recipes) or not self.query(MessageView):
                    # The screen goes, one part after the other.
                    return
                self._show_list()
                self._show_entry()
        self._unfinished = frozenset()

    def _entry(self) -> Entry | None:
        return self._entries.get(self.query_one(_Recipes).cursor_key or "")

    def _show_list(self) -> None:
        entries = tuple(self._entries.values())
        self.query_one(_Recipes).show_lines(recipe_lines(entries, self._results, self._unfinished))
        self.query_one(".modal-box").border_subtitle = summary(entries, self._results)

    def _show_entry(self) -> None:
        if (entry := self._entry()) is not None:
            self.query_one(MessageView).show_rows(entry_rows(entry, self._results.get(entry.id)))


class _Recipes(LineList):
    """The list; it says when the cursor moves."""

    def __init__(self, on_move: Callable[[], None]) -> None:
        super().__init__()
        self._on_move = on_move

    def cursor_moved(self) -> None:
        """Another recipe is under the cursor."""
        self._on_move()
