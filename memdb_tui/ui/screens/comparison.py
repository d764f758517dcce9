"""Two copies side by side: what was added, removed and changed, table by table."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from memdb_tui.model.comparison import Comparison
from memdb_tui.ui.comparison_lines import comparison_rows, comparison_text
from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.widgets.footer_bar import FooterKey
from memdb_tui.ui.widgets.message_view import MessageView
from memdb_tui.ui.wording import printable


class ComparisonScreen(Modal[None]):
    """Shows a comparison.

    Args:
        first: What the first is called.
        second: What the second is called.
        comparison: In what they differ.
    """

    DEFAULT_CSS = """
    ComparisonScreen {
        & > .modal-box { width: 110; max-width: 96%; height: 90%; padding: 0 1; }
        & MessageView { height: 1fr; margin: 1 1 0 1; }
    }
    """
    KEYS: ClassVar[tuple[FooterKey, ...]] = (
        FooterKey("↓", "scroll", "page_down"),
        FooterKey("y", "copy as text", "copy"),
        FooterKey("Esc", "leave", "leave"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "copy", "Copy", show=False, id="comparison.copy")]

    def __init__(self, first: str, second: str, comparison: Comparison) -> None:
        super().__init__()
        self._names = (first, second)
        self._comparison = comparison

    def compose_content(self) -> ComposeResult:
        """The tables that differ first."""
        with Vertical(classes="modal-box") as box:
            box.border_title = Content(f"{printable(self._names[0])}  →  {printable(self._names[1])}")
            box.border_subtitle = "↑ ↓ scroll · Esc leaves"
            yield MessageView()

    def on_mount(self) -> None:
        """The keys scroll at once."""
        view = self.query_one(MessageView)
        view.show_rows(comparison_rows(self._comparison))
        view.focus()

    def action_page_down(self) -> None:
        """Further down."""
        self.query_one(MessageView).scroll_page_down(animate=False)

    def action_copy(self) -> None:
        """Copies everything through the terminal."""
        self.app.copy_to_clipboard(comparison_text(self._comparison))
        self.app.notify("The comparison went to the terminal (OSC 52).", title="Copied")
