"""Keys and pages: made from the action table and the pages in `memdb_tui/docs`."""

from __future__ import annotations

from importlib import resources
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from memdb_tui.ui.actions import ACTIONS, Action, Group, key_words
from memdb_tui.ui.screens.modal import Modal


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
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f1", "leave", "Leave", show=False, id="help.leave"),
    ]

    def compose(self) -> ComposeResult:
        """The table, then the page."""
        with Vertical(classes="modal-box") as box:
            box.border_title = "Help"
            box.border_subtitle = "↑ ↓ scroll · Esc leaves"
            with VerticalScroll():
                yield Static(help_table())
                yield Static(words_page())

    def on_mount(self) -> None:
        """The keys scroll at once."""
        self.query_one(VerticalScroll).focus()


def help_table() -> Content:
    """Every action of the table, by group: keys, what it does."""
    parts: list[Content | tuple[str, str] | str] = []
    for group in Group:
        parts += [(f"\n{group.value}\n", "bold $primary")]
        parts += [line for action in ACTIONS if action.group is group for line in _lines(action)]
    return Content.assemble(*parts)


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


def _lines(action: Action) -> list[tuple[str, str] | str]:
    keys = " ".join(key_words(key) for key in dict.fromkeys((*action.local_keys, *action.keys))) or "click, ^\\"
    return [(f"  {keys:<16}", "$secondary"), f"{action.help}\n"]
