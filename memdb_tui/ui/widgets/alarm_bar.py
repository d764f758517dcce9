"""The bar that says a database meant for memory has made a file."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from memdb_tui.model import FileEntry
from memdb_tui.ui.program_lines import place_words
from memdb_tui.ui.rows import Clip, Part, Row, Span, action_at, lay_out, least_cells
from memdb_tui.ui.widgets.line_list import draw
from memdb_tui.ui.wording import printable, short_path

_FIX = "fix"
_DISMISS = "dismiss"


def alarm_row(entry: FileEntry, *, more: int, width: int) -> Row:
    """The alarm on one line: path, connection, reason, and the ways on.

    The reason stands whole, else its first sentence, else a few words, for which the folders of the path give way
    too. Where not even they have room, the path is cut and the reason left out. The line of a program that opened it
    stands after the connection, unless nothing else has room then.
    """
    path = printable(short_path(entry.path))
    name = "…/" + path.rpartition("/")[2] if "/" in path else path
    first, end, _ = entry.reason.partition(". ")
    sentences = [(shown, printable(text)) for text in (entry.reason, first + end.strip()) for shown in (path, name)]
    brief = [(shown, printable(entry.brief)) for shown in (path, name) if entry.brief]
    forms = [form for form in (*sentences, *brief) if form[1]] + [(path, ""), (name, "")]
    places = [f" {place_words(entry.opener)}", ""] if entry.opener is not None else [""]
    rows = [
        _row(entry, Part(shown, "bold $foreground"), reason, more, place=place)
        for place in places
        for shown, reason in forms
    ]
    cut = _row(entry, Part(name, "bold $foreground", clip=Clip.START), "", more)
    return next((row for row in rows if least_cells(row) <= width), cut)


def _row(entry: FileEntry, path: Part, reason: str, more: int, *, place: str = "") -> Row:
    who = " or ".join(entry.made_by) + printable(place)
    left = [
        Part(" ▲", "bold $error"),
        Part("STRAY FILE", "bold $error", rank=8, shorter=("STRAY",)),
        *([Part("removed since:", "bold $error", rank=7, shorter=("removed:",))] if entry.is_gone else []),
        path,
    ]
    if who:
        left.append(Part(f"· {who}:", "$foreground") if reason else Part(f"· {who}", shorter=("",)))
    if reason:
        left.append(Part(reason, "$foreground"))
    right = []
    if more:
        right.append(Part(f"(+{more} more)", "bold $error", rank=7, shorter=(f"+{more}",)))
    right.append(Part("[Fix ^T]", "bold $error", gap=3 if not right else 1, action=_FIX))
    right.append(Part("[Hide ×]", "bold $error", rank=6, shorter=("[×]",), action=_DISMISS))
    return Row(tuple(left), (*right, Part(" ", gap=0)))


class AlarmBar(Widget):
    """One line above everything, there only while a stray file has not been dismissed."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    AlarmBar {
        height: 1;
        width: 1fr;
        display: none;
        background: $error 15%;
        &.-alarmed { display: block; }
    }
    """

    class FixRequested(Message):
        """The user asks what would have been right."""

        def __init__(self, alarm_bar: AlarmBar, path: str) -> None:
            super().__init__()
            self.alarm_bar = alarm_bar
            self.path = path

        @property
        def control(self) -> AlarmBar:
            """The bar that was clicked."""
            return self.alarm_bar

    class DismissRequested(Message):
        """The user has seen it."""

        def __init__(self, alarm_bar: AlarmBar, path: str) -> None:
            super().__init__()
            self.alarm_bar = alarm_bar
            self.path = path

        @property
        def control(self) -> AlarmBar:
            """The bar that was clicked."""
            return self.alarm_bar

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._entry: FileEntry | None = None
        self._more = 0

    def show_alarm(self, entry: FileEntry | None, *, more: int = 0) -> None:
        """Shows the newest stray that is not dismissed, or hides the bar.

        Args:
            entry: The stray, None for no alarm.
            more: How many others are not dismissed either.
        """
        self._entry, self._more = entry, more
        self.set_class(entry is not None, "-alarmed")
        self.refresh()

    def show_as(self, other: AlarmBar) -> None:
        """Shows what another bar shows."""
        self._entry, self._more = other._entry, other._more
        self.set_class(self._entry is not None, "-alarmed")

    @property
    def fix_cell(self) -> int | None:
        """The cell where the button that explains begins, None where there is no room for it."""
        return self._cell_of(_FIX)

    @property
    def hide_cell(self) -> int | None:
        """The cell where the button that hides begins, None where there is no room for it."""
        return self._cell_of(_DISMISS)

    def _cell_of(self, action: str) -> int | None:
        return next((x for x in range(self.size.width) if action_at(self._spans(), x) == action), None)

    def render_line(self, y: int) -> Strip:
        """The line."""
        del y
        return draw(self._spans(), self.visual_style, Style.parse)

    def on_click(self, event: events.Click) -> None:
        """A click on a button asks for what it says; on the text, for the fix."""
        if self._entry is None:
            return
        if action_at(self._spans(), event.x) == _DISMISS:
            self.post_message(self.DismissRequested(self, self._entry.path))
        else:
            self.post_message(self.FixRequested(self, self._entry.path))

    def _spans(self) -> tuple[Span, ...]:
        width = self.size.width
        return lay_out(alarm_row(self._entry, more=self._more, width=width), width) if self._entry else ()
