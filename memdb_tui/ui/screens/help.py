"""Keys and pages: made from the action table and the pages in `memdb_tui/docs`."""

from __future__ import annotations

from importlib import resources
from typing import ClassVar

from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from memdb_tui.ui.actions import ACTIONS, Action, Group
from memdb_tui.ui.key_words import key_words
from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.widgets.footer_bar import FooterKey

_KEY_CELLS = 18
_WITHOUT_KEY = "What has no key is clicked, or reached by ^G and its label, or found by name with ^\\."


class HelpScreen(Modal[None]):
    """Every action with its keys, then how the words are meant."""

    DEFAULT_CSS = """
    HelpScreen {
        & > .modal-box {
            width: 92; max-width: 96%; height: 92%;
            padding: 0 1;
        }
        & VerticalScroll { scrollbar-size-vertical: 1; padding: 0 1; }
        & Static { height: auto; }
        & .help-note { color: $muted; margin-top: 1; }
    }
    """
    KEYS: ClassVar[tuple[FooterKey, ...]] = (
        FooterKey("PageDown", "scroll", "page_down"),
        FooterKey("Esc", "leave", "leave"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1", "leave", "Leave", show=False, id="help.leave"),
    ]

    def compose_content(self) -> ComposeResult:
        """The table, then the page."""
        with Vertical(classes="modal-box") as box:
            box.border_title = "Help"
            box.border_subtitle = "↑ ↓ scroll · Esc leaves"
            with VerticalScroll():
                yield Static(Content(_WITHOUT_KEY), classes="help-note")
                colours = self.app.theme_variables
                yield Static(help_table(colours["primary"], colours["secondary"]))
                yield Static(words_page())

    def action_page_down(self) -> None:
        """Further down."""
        self.query_one(VerticalScroll).scroll_page_down()

    def on_mount(self) -> None:
        """The keys scroll at once."""
        self.query_one(VerticalScroll).focus()


def help_table(heading: str, keys: str) -> Table:
    """Every action of the table, by group: keys, what it does.

    Args:
        heading: The colour of group names.
        keys: The colour of keys.
    """
    table = Table.grid(padding=(0, 2))
    table.add_column(width=_KEY_CELLS)
    table.add_column(ratio=1)
    for group in Group:
        table.add_row()
        table.add_row(Text(group.value, Style(color=heading, bold=True)))
        for action in ACTIONS:
            if action.group is group:
                table.add_row(Text(f"  {key_list(action)}", Style(color=keys)), Text(action.help))
    return table


def key_list(action: Action) -> str:
    """All keys of an action, or where to click."""
    keys = dict.fromkeys((*action.local_keys, *action.keys))
    if keys:
        return " ".join(key_words(key) for key in keys)
    where = {"pane-menu": "≡ of the pane", "pane-bar:menu": "≡ of the pane", "program-menu": "≡ Programs…"}
    return where.get(action.click, "click")


def words_page() -> Content:
    """How the words on the screen are meant."""
    text = resources.files("memdb_tui.docs").joinpath("words.md").read_text("utf-8")
    parts: list[tuple[str, str] | str] = []
    for line in text.splitlines():
        if line.startswith("#"):
            parts.append((f"\n{line.lstrip('# ')}\n", "bold $primary"))
        else:
            parts.append(f"{line}\n")
    return Content.assemble(*parts)
