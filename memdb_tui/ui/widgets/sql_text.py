"""A text in SQLite's own language as it is drawn: highlighted, its statements and errors marked in the gutter."""

from __future__ import annotations

from typing import Final

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Location, Selection, TextAreaTheme

from memdb_tui.sql.lines import FoundStatement, ScriptLines
from memdb_tui.sql.tokens import TokenKind

STATEMENT_SIGN: Final = "►"
"""Stands in the gutter, on the first line of the statement that the run key would run."""

ERROR_SIGN: Final = "×"
"""Stands in the gutter, on the line of the last error."""

MOST_HIGHLIGHTED: Final = 5_000
"""Characters of one line that are highlighted; a line beyond that is data, and drawing must stay quick."""

MOST_BRACKET_ROWS: Final = 200
"""Lines that are searched for the partner of a parenthesis."""

_HIGHLIGHT_NAMES: Final = {
    TokenKind.KEYWORD: "keyword",
    TokenKind.STRING: "string",
    TokenKind.BLOB: "string",
    TokenKind.NUMBER: "number",
    TokenKind.VARIABLE: "variable",
    TokenKind.QUOTED_IDENTIFIER: "name",
    TokenKind.COMMENT: "comment",
    TokenKind.ILLEGAL: "illegal",
}
_STATEMENT_COMPONENT: Final = "sql-text--statement-sign"
_ERROR_COMPONENT: Final = "sql-text--error-sign"
_STYLE_NAMES: Final = (*dict.fromkeys(_HIGHLIGHT_NAMES.values()), "error")

_SYMBOLS: Final = {
    **{code: 0x2400 + code for code in range(0x20) if code != ord("\t")},
    0x7F: 0x2421,
    **dict.fromkeys((*range(0x80, 0xA0), *range(0xD800, 0xE000)), 0xFFFD),
}
"""What is drawn for characters that must not reach the terminal: control characters and lone surrogates."""

_Highlight = tuple[int, int | None, str]


class _Highlights(dict[int, list[_Highlight]]):
    """The highlights of the lines drawn so far, found when a line is drawn for the first time.

    TextArea reads its `_highlights` by line and leaves them out where they are falsy.
    """

    def __init__(self, sql_text: SqlText) -> None:
        super().__init__()
        self._sql_text = sql_text

    def __bool__(self) -> bool:
        return True

    def __missing__(self, row: int) -> list[_Highlight]:
        self[row] = highlights = self._sql_text.highlights_of_line(row)
        return highlights


class SqlText(TextArea):
    """A text in SQLite's language that can be edited; knows its statements, and the place of an error.

    Highlighting reads the tokens of the lines on screen, and after a key the lines that changed. It fills
    `TextArea._highlights`, the place where TextArea keeps what tree-sitter finds; `test_sql_editor.py` fails if
    Textual changes that.

    TextArea draws itself whole after every key, and has the screen laid out when its text gets wider. Here a key
    draws the lines that look different, and the layout, in which the text has no say, stays.
    """

    selection = Reactive(Selection(), repaint=False, init=False, always_update=True)
    virtual_size = Reactive(Size(0, 0), repaint=False)

    DEFAULT_CSS = """
    SqlText {
        .sql-text--keyword { color: $text-primary; text-style: bold; }
        .sql-text--string { color: $text-accent; }
        .sql-text--number { color: $text-accent; }
        .sql-text--variable { color: $text-accent; text-style: italic; }
        .sql-text--name { color: $foreground; text-style: italic; }
        .sql-text--comment { color: $text-muted; text-style: italic; }
        .sql-text--illegal { color: $text-error; text-style: underline; }
        .sql-text--error { color: $text-error; text-style: bold underline reverse; }
        .sql-text--statement-sign { color: $text-primary; text-style: bold; }
        .sql-text--error-sign { color: $text-error; text-style: bold; }
    }
    """

    COMPONENT_CLASSES = {  # noqa: RUF012 - Textual's own declaration, a ClassVar in TextArea
        *(f"sql-text--{name}" for name in _STYLE_NAMES),
        _STATEMENT_COMPONENT,
        _ERROR_COMPONENT,
    }

    def __init__(
        self,
        text: str = "",
        *,
        id: str | None = None,  # noqa: A002 - the name every Textual widget uses
        classes: str | None = None,
    ) -> None:
        # TextArea's constructor builds the highlights of its first text, so these stand before it.
        self._script_lines = ScriptLines()
        self._line_count = 0
        self._error_location: Location | None = None
        self._marked_row: int | None = None
        self._token_styles: dict[str, Style] = {}
        self._sign_styles: dict[str, Style] = {}
        """Empty when theme, focus or classes have changed: the styles are to be found anew."""
        self._bracket_row: int | None = None
        """The line that shows the partner of the parenthesis at the cursor."""
        super().__init__(
            text,
            soft_wrap=False,
            tab_behavior="focus",
            show_line_numbers=True,
            id=id,
            classes=classes,
        )
        self.cursor_blink = False
        # The theme keeps a reference to these styles; `render_lines` keeps them those of the app's theme.
        self.register_theme(TextAreaTheme(name="sqlite", syntax_styles=self._token_styles))
        self.theme = "sqlite"

    def statement_at_cursor(self) -> FoundStatement | None:
        """The statement that the cursor means, None where there is none."""
        self._read_lines()
        return self._script_lines.statement_at(*self.cursor_location)

    def show_error_at(self, line: int, column: int) -> None:
        """Mark the place of an error, line and column from 1, until the next edit."""
        row = min(max(line, 1), self.document.line_count) - 1
        self._error_location = row, min(max(column - 1, 0), len(self.document.get_line(row)))
        self._redraw_highlights()

    def clear_error(self) -> None:
        """Take the mark of an error away."""
        if self._error_location is not None:
            self._error_location = None
            self._redraw_highlights()

    def highlights_of_line(self, row: int) -> list[tuple[int, int | None, str]]:
        """What to highlight in a line, as TextArea wants it: first and last byte in UTF-8, and a style's name."""
        line = self.document.get_line(row)[:MOST_HIGHLIGHTED].translate(_SYMBOLS)
        places = [
            (token.start, token.end, name)
            for token in self._script_lines.tokens(row)
            if (name := _HIGHLIGHT_NAMES.get(token.kind)) and token.start < len(line)
        ]
        if self._error_location is not None and self._error_location[0] == row:
            column = self._error_location[1]
            tokens = self._script_lines.tokens(row)
            end = next((token.end for token in tokens if token.start <= column < token.end), column + 1)
            places.append((column, end, "error"))
        if line.isascii():
            return list(places)
        byte_of = [0]
        for character in line:
            byte_of.append(byte_of[-1] + len(character.encode()))
        # The place after the line's last character holds a blank, one byte.
        byte_of.append(byte_of[-1] + 1)
        last = len(byte_of) - 1
        return [(byte_of[min(start, last)], byte_of[min(end, last)], name) for start, end, name in places]

    def render_lines(self, crop: Region) -> list[Strip]:
        """The drawn lines, in the colours that the app's theme has now."""
        if not self.is_attached:
            # It is being removed, and has no styles any more, nor has TextArea: see `component_style`.
            return [Strip.blank(crop.width)] * crop.height
        if self._sign_styles:
            # TextArea would find the styles of its theme for every frame.
            return ScrollView.render_lines(self, crop)
        for name in _STYLE_NAMES:
            style = self.get_component_rich_style(f"sql-text--{name}")
            # Without its background, which would hide the cursor's line and the selection.
            self._token_styles[name] = Style(color=style.color) + style.without_color
        for component in (_STATEMENT_COMPONENT, _ERROR_COMPONENT):
            self._sign_styles[component] = self.get_component_rich_style(component, partial=True)
        return super().render_lines(crop)

    def notify_style_update(self) -> None:
        """Forget the styles: theme, focus or classes have changed."""
        super().notify_style_update()
        self._sign_styles.clear()

    def get_line(self, line_index: int) -> Text:
        """The line as it is drawn: a control character as its symbol, so that none reaches the terminal."""
        return Text(self.document.get_line(line_index).translate(_SYMBOLS), end="", no_wrap=True)

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        """The partner of a parenthesis of SQLite's own; those in strings and comments have none."""
        if bracket not in {"(", ")"}:
            return None
        self._read_lines()
        return self._script_lines.matching_parenthesis(*search_from, most_rows=MOST_BRACKET_ROWS)

    def render_line(self, y: int) -> Strip:
        """A drawn line, with the sign of the statement under the cursor or of an error in its gutter."""
        strip = super().render_line(y)
        row = y + self.scroll_offset.y
        if self._error_location is not None and row == self._error_location[0]:
            sign, component = ERROR_SIGN, _ERROR_COMPONENT
        elif row == self._marked_row:
            sign, component = STATEMENT_SIGN, _STATEMENT_COMPONENT
        else:
            return strip
        # The number is followed by two blanks; the sign takes the first.
        place = self.gutter_width - 2
        below = next((segment.style for segment in strip.crop(place, place + 1)), None) or Style()
        style = below + self._sign_styles[component]
        return Strip.join([strip.crop(0, place), Strip([Segment(sign, style)], 1), strip.crop(place + 1)])

    def watch_selection(self, before: Selection, now: Selection) -> None:
        """Draw the lines that the cursor or the selection left or reached, and let the sign follow the cursor."""
        rows = [row for row, _ in (*before, *now)]
        self._refresh_rows(range(min(rows), max(rows) + 1))
        partner = self.matching_bracket_location
        row = partner[0] if partner else None
        for changed in (self._bracket_row, row):
            if changed is not None:
                self.refresh_lines(changed)
        self._bracket_row = row
        self._refresh_marked_row()

    def watch_virtual_size(self, size: Size) -> None:
        """Fit the scrollbars to the text, as laying out would, and the view to the cursor in what it grew by."""
        self._scroll_update(size)
        if self.is_mounted:
            self.scroll_cursor_visible()

    def on_mount(self) -> None:
        """Put the sign in the gutter."""
        self._refresh_marked_row()

    def _refresh_marked_row(self) -> None:
        found = self.statement_at_cursor()
        row = found.first_row if found else None
        if row == self._marked_row:
            return
        for changed in (self._marked_row, row):
            if changed is not None:
                self.refresh_lines(changed)
        self._marked_row = row

    def _build_highlight_map(self) -> None:
        """Take the text as it is now. TextArea calls this after every edit and for every new text."""
        if self._error_location is not None:
            self.refresh_lines(self._error_location[0])
            self._error_location = None
        self._read_lines()
        self._forget_highlights()
        if self.is_mounted:
            self._refresh_marked_row()

    def _read_lines(self) -> None:
        """Take the text as it is now, and draw the lines that look different."""
        changed = self._script_lines.update(self.document.lines)
        count, self._line_count = self._line_count, self.document.line_count
        if count == self._line_count:
            self._refresh_rows(changed)
        else:
            # The lines below move, and the gutter may get another width.
            self.refresh()

    def _refresh_rows(self, rows: range) -> None:
        if rows:
            self.refresh_lines(rows.start, len(rows))

    def _redraw_highlights(self) -> None:
        self._forget_highlights()
        self.refresh()

    def _forget_highlights(self) -> None:
        # Without a tree-sitter query this clears what TextArea has kept of the lines it drew.
        super()._build_highlight_map()
        self._highlights = _Highlights(self)
