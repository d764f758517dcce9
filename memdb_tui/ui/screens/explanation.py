"""A string explained, layer by layer; for an open connection, prediction against observation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from memdb_tui.model import Explained
from memdb_tui.ui.explanation_lines import Comparison, comparison_rows, explanation_rows
from memdb_tui.ui.rows import Part, Row
from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.widgets.footer_bar import FooterKey
from memdb_tui.ui.widgets.message_view import MessageView
from memdb_tui.ui.wording import printable


class ExplanationScreen(Modal[str]):
    """Shows an explanation; the answer is a string to open, or None.

    Args:
        title: Whose string it is.
        explained: What was predicted.
        found: Prediction against observation, empty where nothing is open.
    """

    DEFAULT_CSS = """
    ExplanationScreen {
        & > .modal-box { width: 100; max-width: 96%; height: 90%; padding: 0 1; }
        &.-differs > .modal-box { border: heavy $error; border-title-color: $error; }
        & MessageView { height: 1fr; margin: 1 1 0 1; }
    }
    """
    KEYS: ClassVar[tuple[FooterKey, ...]] = (
        FooterKey("↓", "scroll", "page_down"),
        FooterKey("o", "open the corrected string", "open_fix"),
        FooterKey("c", "copy it", "copy_fix"),
        FooterKey("Esc", "leave", "leave"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "open_fix", "Open the fix", show=False, id="explanation.open"),
        Binding("c", "copy_fix", "Copy the fix", show=False, id="explanation.copy"),
    ]

    def __init__(self, title: str, explained: Explained, found: Sequence[Comparison] = ()) -> None:
        super().__init__()
        self._title = title
        self._explained = explained
        self._found = tuple(found)
        self.set_class(not all(each.agrees for each in found), "-differs")

    def compose_content(self) -> ComposeResult:
        """The verdict first."""
        with Vertical(classes="modal-box") as box:
            box.border_title = Content(printable(self._title))
            box.border_subtitle = "↑ ↓ scroll · Esc leaves"
            yield MessageView()

    def on_mount(self) -> None:
        """Shows everything; the keys scroll at once."""
        rows = [Row((Part(printable(self._explained.string), "bold $foreground"),)), Row(())]
        if self._found:
            rows += [*comparison_rows(self._found), Row(())]
        rows += explanation_rows(self._explained)
        view = self.query_one(MessageView)
        view.show_rows(rows)
        view.focus()

    def footer_keys(self) -> tuple[FooterKey, ...]:
        """The keys of the fix only where there is one."""
        needs_fix = {"open_fix", "copy_fix"}
        return tuple(key for key in self.KEYS if self._explained.suggestion or key.action not in needs_fix)

    def action_page_down(self) -> None:
        """Further down."""
        self.query_one(MessageView).scroll_page_down(animate=False)

    def action_open_fix(self) -> None:
        """Wants the corrected string opened."""
        if self._explained.suggestion:
            self.dismiss(self._explained.suggestion)

    def action_copy_fix(self) -> None:
        """Copies the corrected string through the terminal."""
        if self._explained.suggestion:
            self.app.copy_to_clipboard(self._explained.suggestion)
            self.app.notify("The corrected string went to the terminal (OSC 52).", title="Copied")
