"""A question with a few answers: every menu, every confirmation, every choice is one of these."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from memdb_tui.frozen import dataclass
from memdb_tui.ui.rows import Clip, Part, Row, lay_out, wrap_cells
from memdb_tui.ui.screens.modal import Modal
from memdb_tui.ui.widgets.footer_bar import FooterKey
from memdb_tui.ui.widgets.line_list import Line, LineList
from memdb_tui.ui.wording import printable

_MOST_VISIBLE = 14
_ROWS_OUTSIDE = 5
"""The header's line, alarm, footer, and a line to see that something is behind."""
_LEAST_BODY_ROWS = 2
_BODY_MARGIN = 1
_SWITCH_ROWS = 2
_WAYS_OUT = "Enter chooses · Esc leaves"
_MOST_DETAIL_LINES = 3
_INDENT = 3
"""Where labels begin, and details below them."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer."""

    id: str
    label: str
    detail: str = ""
    key: str = ""
    """A key that gives this answer at once."""
    is_dangerous: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """The answer, and how the switch stood."""

    id: str
    is_on: bool


class ChoiceScreen(Modal[Chosen]):
    """Asks; Esc gives no answer.

    Args:
        title: What is asked, in a few words.
        options: The answers, the safest first.
        body: What there is to know, a paragraph each; plain text.
        switch: A yes or no asked along, empty for none.
        is_on: How the switch stands at first.
        chosen: The id of the answer under the cursor at first, empty for the first one.
        is_alarm: The question is about a stray.
    """

    DEFAULT_CSS = """
    ChoiceScreen {
        & > .modal-box {
            width: 92; max-width: 94%; height: auto;
            padding: 1 2;
        }
        &.-alarm > .modal-box { border: heavy $error; border-title-color: $error; }
        & Static { height: auto; }
        & #choice-body { height: auto; margin-bottom: 1; scrollbar-size-vertical: 1; }
        & #choice-body:focus { background: $panel; }
        & #choice-switch { margin-bottom: 1; }
        & LineList { border: none; height: auto; }
        & LineList:focus { border: none; }
    }
    """
    KEYS: ClassVar[tuple[FooterKey, ...]] = (
        FooterKey("Enter", "choose", "choose"),
        FooterKey("Space", "switch", "switch"),
        FooterKey("Esc", "leave", "leave"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "switch", "Switch", show=False, id="choice.switch"),
    ]

    def __init__(
        self,
        title: str,
        options: Sequence[Option],
        *,
        body: Sequence[str] = (),
        switch: str = "",
        is_on: bool = False,
        chosen: str = "",
        is_alarm: bool = False,
    ) -> None:
        super().__init__()
        self._title = title
        self._options = tuple(options)
        self._body = tuple(body)
        self._switch = switch
        self._is_on = is_on
        self._chosen_first = chosen
        self.set_class(is_alarm, "-alarm")

    def compose_content(self) -> ComposeResult:
        """Title in the border, what there is to know, the answers."""
        with Vertical(classes="modal-box") as box:
            box.border_title = Content(printable(self._title))
            box.border_subtitle = _WAYS_OUT
            if self._body:
                with VerticalScroll(id="choice-body"):
                    yield Static(Content("\n\n".join(_paragraph(text) for text in self._body)))
            options = LineList()
            options.styles.height = min(_MOST_VISIBLE, len(self._options))
            yield options
            if self._switch:
                yield Static(self._switch_words(), id="choice-switch")

    def footer_keys(self) -> tuple[FooterKey, ...]:
        """The switch's key only where there is a switch."""
        return tuple(key for key in self.KEYS if self._switch or key.action != "switch")

    def on_mount(self) -> None:
        """Shows the answers, the first or the chosen one under the cursor."""
        options = self.query_one(LineList)
        options.show_lines(option_lines(self._options))
        if self._chosen_first:
            options.move_cursor(self._chosen_first)
        options.focus()
        self._fit_body(min(_MOST_VISIBLE, len(self._options)))
        self.call_after_refresh(self._fit)

    def on_resize(self) -> None:
        """Details that are too long for their line go below it."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """The answers have the room they need; what there is to know gives way, and is scrolled."""
        # None where it was answered meanwhile.
        for options in self.query(LineList):
            lines = option_lines(self._options, options.wrap_width)
            options.styles.height = min(_MOST_VISIBLE, len(lines))
            options.show_lines(lines)
            self._fit_body(min(_MOST_VISIBLE, len(lines)))

    def _fit_body(self, option_rows: int) -> None:
        for body in self.query("#choice-body").results(VerticalScroll):
            box = self.query_one(".modal-box")
            frame = box.gutter.height + _BODY_MARGIN + (_SWITCH_ROWS if self._switch else 0)
            room = max(_LEAST_BODY_ROWS, self.app.size.height - _ROWS_OUTSIDE - frame - option_rows)
            body.styles.max_height = room
            is_cut = body.virtual_size.height > room
            body.can_focus = is_cut
            box.border_subtitle = f"Tab and ↓ read on · {_WAYS_OUT}" if is_cut else _WAYS_OUT

    def on_key(self, event: events.Key) -> None:
        """A key of an answer gives it."""
        option = next((o for o in self._options if o.key and o.key == event.key), None)
        if option is not None:
            event.stop()
            self.dismiss(Chosen(option.id, self._is_on))

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        self.dismiss(Chosen(event.key, self._is_on))

    def on_click(self, event: events.Click) -> None:
        """One click on an answer is enough; one on the switch turns it, one outside leaves."""
        target = event.widget
        if isinstance(target, LineList) and target.cursor_key is not None:
            self.dismiss(Chosen(target.cursor_key, self._is_on))
        elif target is not None and target.id == "choice-switch":
            self.action_switch()
        elif target is self:
            self.dismiss(None)

    def action_choose(self) -> None:
        """Takes the answer under the cursor."""
        self.query_one(LineList).action_choose()

    def action_switch(self) -> None:
        """Turns the switch."""
        if self._switch:
            self._is_on = not self._is_on
            self.query_one("#choice-switch", Static).update(self._switch_words())

    def _switch_words(self) -> Content:
        return Content(f"[{'x' if self._is_on else ' '}] {self._switch}  (Space)")


def _paragraph(text: str) -> str:
    return "\n".join(printable(line) for line in text.split("\n"))


def option_lines(options: Sequence[Option], width: int | None = None) -> list[Line]:
    """The answers, each with its detail at the right; below it in full where one of them would be cut.

    Args:
        options: The answers.
        width: Cells of a line, None where that is not known yet.
    """
    if width is None or all(_fits(option, width) for option in options):
        return [Line(o.id, functools.partial(_row, o), is_selectable=True) for o in options]
    lines = []
    for option in options:
        lines.append(Line(option.id, functools.partial(_row, replace(option, detail="")), is_selectable=True))
        pieces = wrap_cells(printable(option.detail), max(1, width - _INDENT), most=_MOST_DETAIL_LINES)
        for number, piece in enumerate(pieces):
            row = Row((Part(" " * _INDENT), Part(piece, "$muted", gap=0)))
            lines.append(Line(f"{option.id}#{number}", functools.partial(_same, row), owner=option.id))
    return lines


def _fits(option: Option, width: int) -> bool:
    return not any("…" in span.text for span in lay_out(_row(option), width)) or "…" in option.detail + option.label


def _same(row: Row) -> Row:
    return row


def _row(option: Option) -> Row:
    style = "$error" if option.is_dangerous else "$foreground"
    key = Part(f"{option.key:<2}", "bold $primary", gap=0) if option.key else Part("  ", gap=0)
    right = (Part(printable(option.detail), "$muted", gap=3, clip=Clip.END, rank=1),) if option.detail else ()
    return Row((key, Part(printable(option.label), style)), right)
