"""A list of one-row lines that draws only what is visible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from memdb_tui.frozen import dataclass
from memdb_tui.ui.rows import Row, Span, cells_of, lay_out
from memdb_tui.ui.wording import printable


def draw(spans: Sequence[Span], base: Style, parse: Callable[[str], Style]) -> Strip:
    """The spans as Textual draws them, on a base style."""
    return Strip(
        [Segment(span.text, (base + parse(span.style) if span.style else base).rich_style) for span in spans],
        cells_of(spans),
    )


STATE_STYLE = "not bold $muted"
"""For the state in a border title, so that the name stands out."""


@cache
def _fill_character(border: str) -> str:
    return {"heavy": "━", "double": "═", "ascii": "-", "dashed": "╍"}.get(border, "─")


Title = tuple[str, Content | str]
"""The name of a region, and its state."""


def spread_title(widget: Widget, titles: Sequence[Title]) -> Content:
    """A border title with the name at the left and the state at the right, the border's own line between them.

    The first of `titles`, longest first, that fits the widget's top border is taken, else the last.
    """
    kind, color = widget.styles.border_top
    corners_and_blanks = 6
    name, spare = "", 0
    state: Content | str = ""
    for name, state in titles:
        spare = (
            widget.outer_size.width - corners_and_blanks - cell_len(f"{name} ─ ") - Content(str(state)).cell_length
        )
        if spare >= 0:
            break
    if not state:
        return Content(name)
    filling = Content.styled(_fill_character(kind) * max(1, spare + 1), Style(foreground=color))
    if isinstance(state, str):
        state = Content.styled(state, STATE_STYLE)
    return Content.assemble(name, " ", filling, " ", state)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list; what it shows is built when it comes into view."""

    key: str
    """Unique within the list."""
    build: Callable[[], Row]
    is_selectable: bool = False
    owner: str = ""
    """The key of the line this one explains: a click on it means that line."""


class LineList(ScrollView, can_focus=True):
    """A virtual list: any number of lines, of which only the visible ones are built and drawn.

    The cursor moves over selectable lines only and shows where the focus is. The list is a region of the screen: its
    name and state stand in its border.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"line-list--cursor", "line-list--mark"}
    DEFAULT_CSS = """
    LineList {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        border: round $border-blurred;
        border-title-color: $foreground;
        border-subtitle-align: right;
        border-subtitle-color: $muted;
        & > .line-list--cursor { background: $block-cursor-background; }
        & > .line-list--mark { color: $primary; background: $block-cursor-background; }
        &:focus {
            border: heavy $border;
            border-title-color: $primary;
            border-title-style: bold;
        }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "cursor_up", "Up", show=False, id="line-list.up"),
        Binding("down", "cursor_down", "Down", show=False, id="line-list.down"),
        Binding("pageup", "page_up", "Page up", show=False, id="line-list.page-up"),
        Binding("pagedown", "page_down", "Page down", show=False, id="line-list.page-down"),
        Binding("home", "first", "First", show=False, id="line-list.first"),
        Binding("end", "last", "Last", show=False, id="line-list.last"),
        Binding("enter", "choose", "Choose", show=False, id="line-list.choose"),
        Binding("c", "copy", "Copy", show=False, id="line-list.copy"),
    ]

    class Chosen(Message):
        """Enter, or a double click, on a line."""

        def __init__(self, line_list: LineList, key: str) -> None:
            super().__init__()
            self.line_list = line_list
            self.key = key

        @property
        def control(self) -> LineList:
            """The list it happened in."""
            return self.line_list

    class CopyRequested(Message):
        """The text of the line under the cursor is wanted on the clipboard."""

        def __init__(self, line_list: LineList, text: str) -> None:
            super().__init__()
            self.line_list = line_list
            self.text = text

        @property
        def control(self) -> LineList:
            """The list it happened in."""
            return self.line_list

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._lines: tuple[Line, ...] = ()
        self._places: dict[str, int] = {}
        self._cursor: int | None = None
        self._pressed: str | None = None
        self._clicked: str | None = None
        self._parsed: dict[str, Style] = {}
        self._titles: tuple[Title, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines shown."""
        return self._lines

    @property
    def cursor_key(self) -> str | None:
        """The key of the line under the cursor, None while no line can be selected."""
        return None if self._cursor is None else self._lines[self._cursor].key

    @property
    def line_width(self) -> int:
        """Cells a line has, between the cell of the cursor's mark and the margin at the right."""
        return max(0, self.scrollable_content_region.width - 2)

    @property
    def wrap_width(self) -> int:
        """Cells a line has for sure, also when the scrollbar comes: for text that is wrapped beforehand."""
        return max(0, self.line_width - (0 if self.show_vertical_scrollbar else self.scrollbar_size_vertical))

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Shows these lines instead; the cursor stays on its key, the view on the lines it shows."""
        previous_key, previous_index = self.cursor_key, self._cursor
        top = round(self.scroll_y)
        anchor = self._lines[top].key if 0 < top < len(self._lines) else None
        was_in_view = self._cursor is not None and top <= self._cursor < top + self.size.height
        self._lines = tuple(lines)
        self._places = {line.key: index for index, line in enumerate(self._lines)}
        self._cursor = self._places.get(previous_key) if previous_key else None
        if self._cursor is None or not self._lines[self._cursor].is_selectable:
            self._cursor = self._nearest_selectable(previous_index or 0)
        self.virtual_size = Size(0, len(self._lines))
        if anchor is not None:
            self.scroll_to(y=self._places.get(anchor, top), animate=False, force=True)
        if self.has_focus and was_in_view and self._cursor is not None:
            self._reveal(self._cursor)
        self.refresh()
        if previous_key is not None and self.cursor_key != previous_key:
            self.cursor_moved()

    def show_titles(self, titles: Sequence[Title], note: str = "") -> None:
        """Shows the list's name and state in its top border and a note in the bottom border, none of them markup.

        Args:
            titles: Name and state, in longer and shorter words: the first that fits is shown.
            note: For the bottom border, empty for none.
        """
        self._titles = tuple(titles)
        self.border_subtitle = Content(printable(note)) if note else None
        self._show_title()

    def move_cursor(self, key: str) -> None:
        """Moves the cursor to a line and shows it; nothing happens where no selectable line has that key."""
        index = self._places.get(key)
        if index is None or not self._lines[index].is_selectable:
            return
        self._reveal(index)
        if index == self._cursor:
            return
        self._cursor = index
        self.refresh()
        self.cursor_moved()

    def cursor_moved(self) -> None:
        """What else a new place of the cursor changes; for subclasses."""

    def text_to_copy(self, key: str) -> str:
        """What the copy key copies from a line; the line as it reads, unless a subclass knows better."""
        row = self._lines[self._places[key]].build()
        return " ".join(part.text.strip() for part in row.left + row.right if part.text.strip())

    def choose(self, key: str) -> None:
        """Says that a line was chosen; subclasses say what it means."""
        self.post_message(self.Chosen(self, key))

    def press(self, key: str, x: int) -> bool:
        """A single click on cell `x` of a line; True when the subclass has dealt with it."""
        del key, x
        return False

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        index = round(self.scroll_y) + y
        width = self.line_width
        if index >= len(self._lines):
            return Strip.blank(width + 2, self.visual_style.rich_style)
        if index == self._cursor and self.has_focus:
            base = self.get_visual_style("line-list--cursor")
            parse = self._parse_under_cursor
            mark = Segment("▌", self.get_visual_style("line-list--mark").rich_style)
        else:
            base = self.visual_style
            parse = self._parse
            mark = Segment(" ", base.rich_style)
        strip = draw(lay_out(self._lines[index].build(), width), base, parse)
        return Strip([mark, *strip, Segment(" ", base.rich_style)], width + 2)

    def notify_style_update(self) -> None:
        """Forgets colours of the former theme."""
        super().notify_style_update()
        self._parsed.clear()
        self._show_title()

    def on_resize(self) -> None:
        """The title fills the border."""
        self._show_title()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Remembers what was under the pointer: the lines may move before the button is released."""
        self._pressed = self._key_at(event)

    def on_click(self, event: events.Click) -> None:
        """One click moves the cursor, two choose."""
        if event.chain > 1:
            if self._clicked is not None:
                self.choose(self._clicked)
            return
        key = self._clicked = self._pressed
        if key is None:
            return
        x = event.get_content_offset_capture(self).x - 1
        self.move_cursor(key)
        if self.press(key, x):
            self._clicked = None

    def action_cursor_up(self) -> None:
        """To the selectable line above; above the first one, line by line to the very top."""
        if not self._is_on_first or not self._scroll_above(1):
            self._step(-1)

    def action_cursor_down(self) -> None:
        """To the selectable line below."""
        self._step(1)

    def action_page_up(self) -> None:
        """A page up; above the first selectable line, page by page to the very top."""
        if not self._is_on_first or not self._scroll_above(self._page):
            self._jump(-1)

    def action_page_down(self) -> None:
        """A page down."""
        self._jump(1)

    def action_first(self) -> None:
        """To the first selectable line; from there to the very top."""
        if not self._is_on_first or not self._scroll_above(len(self._lines)):
            self._go(self._selectable_from(0, 1))

    def action_last(self) -> None:
        """To the last selectable line."""
        self._go(self._selectable_from(len(self._lines) - 1, -1))

    def action_choose(self) -> None:
        """Chooses the line under the cursor."""
        if (key := self.cursor_key) is not None:
            self.choose(key)

    def action_copy(self) -> None:
        """Asks for a copy of the line under the cursor."""
        if (key := self.cursor_key) is not None:
            self.post_message(self.CopyRequested(self, self.text_to_copy(key)))

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    @property
    def _is_on_first(self) -> bool:
        return self._cursor is not None and self._selectable_from(self._cursor - 1, -1) is None

    def _scroll_above(self, rows: int) -> bool:
        """Scrolls up where more lines stand above the cursor's than fit; False where another step is to show it."""
        top, cursor = round(self.scroll_y), self._cursor or 0
        if top > cursor or cursor < self.scrollable_content_region.height:
            return False
        self.scroll_to(y=max(0, top - rows), animate=False, force=True)
        return True

    def _step(self, direction: int) -> None:
        if self._cursor is None:
            self.scroll_relative(y=direction, animate=False)
            return
        self._go(self._selectable_from(self._cursor + direction, direction))

    def _jump(self, direction: int) -> None:
        if self._cursor is None:
            self.scroll_relative(y=direction * self._page, animate=False)
            return
        wanted = min(max(0, self._cursor + direction * self._page), len(self._lines) - 1)
        found = self._selectable_from(wanted, direction)
        self._go(self._selectable_from(wanted, -direction) if found is None else found)

    def _go(self, index: int | None) -> None:
        if index is not None:
            self.move_cursor(self._lines[index].key)
        elif self._cursor is not None:
            self._reveal(self._cursor)

    def _selectable_from(self, start: int, direction: int) -> int | None:
        stop = len(self._lines) if direction > 0 else -1
        return next((i for i in range(start, stop, direction) if self._lines[i].is_selectable), None)

    def _nearest_selectable(self, index: int) -> int | None:
        index = min(index, len(self._lines) - 1)
        below = self._selectable_from(max(0, index), 1)
        return self._selectable_from(index, -1) if below is None else below

    def _reveal(self, index: int) -> None:
        """Scrolls as little as shows the line, what explains it, and above the first one all there is."""
        first = 0 if self._selectable_from(index - 1, -1) is None else index
        last = index
        while last + 1 < len(self._lines) and self._lines[last + 1].owner == self._lines[index].key:
            last += 1
        height = max(1, self.scrollable_content_region.height)
        top = round(self.scroll_y)
        if last >= top + height:
            top = min(last - height + 1, index)
        if first < top:
            top = max(first, index - height + 1)
        self.scroll_to(y=top, animate=False, force=True)

    def _key_at(self, event: events.MouseEvent) -> str | None:
        offset = event.get_content_offset(self)
        if offset is None:
            return None
        index = round(self.scroll_y) + offset.y
        if index >= len(self._lines):
            return None
        line = self._lines[index]
        return line.key if line.is_selectable else line.owner or None

    def _show_title(self) -> None:
        if self._titles and self.is_attached:
            self.border_title = spread_title(self, self._titles)

    def _parse_under_cursor(self, style: str) -> Style:
        """Greys would not be legible on the cursor."""
        return self._parse(style.replace("$faint", "$foreground").replace("$muted", "$foreground"))

    def _parse(self, style: str) -> Style:
        parsed = self._parsed.get(style)
        if parsed is None:
            parsed = self._parsed[style] = Style.parse(style)
        return parsed
