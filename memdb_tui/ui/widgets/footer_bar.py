"""The last line: the keys of most use where the user is."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from memdb_tui.frozen import dataclass
from memdb_tui.ui.rows import Part, Row, Span, action_at, lay_out
from memdb_tui.ui.widgets.line_list import draw
from memdb_tui.ui.wording import count

_MOST_KEYS = 8
_GAP = 2
_KEPT = {"Esc": 2, "^\\": 1}
"""Where little else fits, the way to everything else does; where nothing else does, the way out of a modal."""


@dataclass(frozen=True, slots=True)
class FooterKey:
    """A key, what it does in a word or two, and the action's name."""

    key: str
    """As the user reads it: `^J`, `F1`, `Enter`."""
    label: str
    action: str


def fitting_keys(keys: Sequence[FooterKey], width: int) -> tuple[FooterKey, ...]:
    """The keys that fit on a line of `width` cells whole, at most eight.

    Those at the end are left out first, but for those that are kept as long as anything is.
    """
    fitting = list(keys)
    while fitting and (len(fitting) > _MOST_KEYS or _needed(fitting) > width):
        fitting.remove(min(reversed(fitting), key=lambda key: _KEPT.get(key.key, 0)))
    return tuple(fitting)


def _needed(keys: Sequence[FooterKey]) -> int:
    return 1 + sum(cell_len(f"{key.key} {key.label}") for key in keys) + _GAP * (len(keys) - 1)


def footer_row(keys: Sequence[FooterKey], width: int, *, hidden_strays: int = 0) -> Row:
    """The keys that fit, as parts that can be clicked; at the right how many strays there are without an alarm."""
    strays = (Part(f"▲ {count(hidden_strays, 'stray')} ", "bold $error", gap=_GAP),) if hidden_strays else ()
    room = width - sum(cell_len(part.text) + part.gap for part in strays)
    parts = [Part(" ")]
    for number, key in enumerate(fitting_keys(keys, room)):
        parts.append(Part(key.key, "bold $primary", gap=_GAP if number else 0, action=key.action))
        parts.append(Part(f" {key.label}", "$muted", gap=0, action=key.action))
    return Row(tuple(parts), strays)


class FooterBar(Widget):
    """At most eight keys, by use, whole or not at all; each can be clicked."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    FooterBar { height: 1; width: 1fr; }
    """

    class ActionRequested(Message):
        """A key was clicked."""

        def __init__(self, footer_bar: FooterBar, action: str) -> None:
            super().__init__()
            self.footer_bar = footer_bar
            self.action = action

        @property
        def control(self) -> FooterBar:
            """The bar that was clicked."""
            return self.footer_bar

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._keys: tuple[FooterKey, ...] = ()
        self._hidden_strays = 0

    @property
    def keys(self) -> tuple[FooterKey, ...]:
        """The keys shown."""
        return self._keys

    def show_keys(self, keys: tuple[FooterKey, ...]) -> None:
        """Shows these keys, the most useful first."""
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def show_hidden_strays(self, strays: int) -> None:
        """Shows how many strays there are whose alarms were waved away, for screens over the header."""
        if strays != self._hidden_strays:
            self._hidden_strays = strays
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        del y
        return draw(self._spans(), self.visual_style, Style.parse)

    def on_click(self, event: events.Click) -> None:
        """A click on a key or its label asks for its action."""
        if action := action_at(self._spans(), event.x):
            self.post_message(self.ActionRequested(self, action))

    def _spans(self) -> tuple[Span, ...]:
        width = self.size.width
        return lay_out(footer_row(self._keys, width, hidden_strays=self._hidden_strays), width)
