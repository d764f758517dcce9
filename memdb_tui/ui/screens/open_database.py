"""What to open: the verdict follows the typing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from memdb_tui.errors import MemdbError
from memdb_tui.frozen import dataclass
from memdb_tui.model import Explained
from memdb_tui.ui.explanation_lines import finding_rows, verdict_rows
from memdb_tui.ui.rows import Part, Row
from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.widgets.footer_bar import FooterKey
from memdb_tui.ui.widgets.message_view import MessageView
from memdb_tui.ui.wording import printable

_EXAMPLES = (
    ("db3", "a name: shared in memory, file:db3?mode=memory&cache=shared"),
    ("sqlite:///…&uri=true", "a SQLAlchemy URL, opened through an engine"),
    ("file:…  :memory:", "opened with sqlite3 alone"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user wants opened: one string, or the same one in several ways."""

    strings: tuple[str, ...]


class OpenDatabaseScreen(Modal[Wanted]):
    """Asks for a string and says at every key what it would do.

    Args:
        explain: Asks the host what a string would do.
        value: What stands there at first.
    """

    DEFAULT_CSS = """
    OpenDatabaseScreen {
        & > .modal-box { width: 100; max-width: 96%; height: auto; max-height: 90%; padding: 0 1; }
        & Input { border: round $border-blurred; background: $background; }
        & Input:focus { border: round $border; background-tint: $background 0%; }
        & MessageView { height: 12; margin: 0 1; }
    }
    """
    KEYS: ClassVar[tuple[FooterKey, ...]] = (
        FooterKey("Enter", "open", "open"),
        FooterKey("^T", "take the fix", "take_fix"),
        FooterKey("^L", "three ways side by side", "three_ways"),
        FooterKey("Esc", "leave", "leave"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "take_fix", "Take the fix", show=False, priority=True, id="open.fix"),
        Binding("ctrl+l", "three_ways", "Three ways", show=False, priority=True, id="open.three"),
    ]

    def __init__(self, explain: Callable[[str], Awaitable[Explained]], *, value: str = "") -> None:
        super().__init__()
        self._explain = explain
        self._value = value
        self._explained: Explained | None = None

    def compose_content(self) -> ComposeResult:
        """The line, the verdict below it."""
        with Vertical(classes="modal-box") as box:
            box.border_title = "Open a database"
            field = Input(self._value, placeholder="a name, a SQLAlchemy URL, a file: URI, or :memory:")
            field.cursor_blink = False
            yield field
            yield MessageView()

    def on_mount(self) -> None:
        """Shows what can be typed."""
        self.query_one(Input).focus()
        self._show_examples()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        # Keys can be faster: what is given up before it has begun must not be a coroutine, or Python complains of it.
        work = partial(self._show_verdict, event.value)
        self.run_worker(work, exclusive=True)  # type: ignore[arg-type]  # Textual's type knows no result of None

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Opens what is typed."""
        value = self.query_one(Input).value
        if value.strip():
            self.dismiss(Wanted((value,)))

    def action_take_fix(self) -> None:
        """Puts the corrected string into the line."""
        if self._explained is not None and self._explained.suggestion:
            field = self.query_one(Input)
            field.value = self._explained.suggestion
            field.cursor_position = len(field.value)

    def action_three_ways(self) -> None:
        """Opens the same string raw, through SQLAlchemy, and corrected."""
        explained = self._explained
        if explained is not None:
            ways = (explained.as_raw, explained.as_url, explained.suggestion)
            self.dismiss(Wanted(tuple(dict.fromkeys(way for way in ways if way))))

    async def _show_verdict(self, text: str) -> None:
        if not text.strip():
            self._explained = None
            self._show_examples()
            return
        try:
            explained = await self._explain(text)
        except MemdbError as error:
            self._explained = None
            rows = [Row((Part("×", "bold $error"), Part(printable(str(error)), "$error")))]
            self.query_one(MessageView).show_rows([*rows, Row((Part("  " + error.hint, "$foreground"),))])
            return
        self._explained = explained
        rows = verdict_rows(explained)
        if explained.string != text:
            rows.append(Row((Part("   as ", "$muted"), Part(printable(explained.string), "$foreground"))))
        rows += [Row(()), *finding_rows(explained.findings)]
        self.query_one(MessageView).show_rows(rows)

    def _show_examples(self) -> None:
        rows = [Row((Part(f"{text:<22}", "$primary"), Part(meaning, "$muted"))) for text, meaning in _EXAMPLES]
        rows += [Row(()), Row((Part("Nothing becomes a file without a question.", "$foreground"),))]
        self.query_one(MessageView).show_rows(rows)
