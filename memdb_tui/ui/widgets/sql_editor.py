"""An editor for SQLite's own language: highlighted, knowing its statements, run with one key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import TextArea
from textual.widgets.text_area import Location, Selection, TextAreaTheme

from memdb_tui.sql.lines import FoundStatement, ScriptLines
from memdb_tui.sql.split import split
from memdb_tui.sql.tokens import TokenKind

BURST_SECONDS: Final = 0.03
"""Keys that follow each other faster come from one read of the terminal: a paste, not a hand."""

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
_STATEMENT_COMPONENT: Final = "sql-editor--statement-sign"
_ERROR_COMPONENT: Final = "sql-editor--error-sign"
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

    def __init__(self, editor: SqlEditor) -> None:
        super().__init__()
        self._editor = editor

    def __bool__(self) -> bool:
        return True

    def __missing__(self, row: int) -> list[_Highlight]:
        self[row] = highlights = self._editor.highlights_of_line(row)
        return highlights


class SqlEditor(TextArea):
    """A script in SQLite's language; says which part of it the user wants to run.

    Highlighting reads the tokens of the lines on screen, and after a key the lines that changed. It fills
    `TextArea._highlights`, the place where TextArea keeps what tree-sitter finds; `test_sql_editor.py` fails if
    Textual changes that.

    **^J.** A terminal sends the same byte for ^J and for a line feed in pasted text. The rule: it runs only when
    it arrives alone. Four ways lead here:

    - A bracketed paste comes as one `events.Paste`, line feeds included, and never as keys.
    - Under the Kitty protocol a pressed ^J is an escape sequence, and its key event has no character: it runs.
    - Else the key event carries a line feed as its character. All bytes of one read are parsed in one go, in the
      thread that reads, and each event is stamped there (`Message.time`); so stamps, unlike the moment of handling,
      tell what came together. A line feed within `BURST_SECONDS` of the key before is a new line.
    - Otherwise it is held for `BURST_SECONDS`. If a key stamped within that time follows, it was the first of a
      burst: a new line, put in before that key. If not, it was pressed: it runs.

    A hand types no key within 30 ms of another, and key repeat is slower too. When in doubt it is a new line: that
    costs a second press, where running half of a paste could cost data.

    **What is drawn.** TextArea draws itself whole after every key, and has the screen laid out when its text gets
    wider. Here a key draws the lines that look different, and the layout, in which the text has no say, stays.
    """

    selection = Reactive(Selection(), repaint=False, init=False, always_update=True)
    virtual_size = Reactive(Size(0, 0), repaint=False)

    DEFAULT_CSS = """
    SqlEditor {
        .sql-editor--keyword { color: $text-primary; text-style: bold; }
        .sql-editor--string { color: $text-accent; }
        .sql-editor--number { color: $text-accent; }
        .sql-editor--variable { color: $text-accent; text-style: italic; }
        .sql-editor--name { color: $foreground; text-style: italic; }
        .sql-editor--comment { color: $text-muted; text-style: italic; }
        .sql-editor--illegal { color: $text-error; text-style: underline; }
        .sql-editor--error { color: $text-error; text-style: bold underline reverse; }
        .sql-editor--statement-sign { color: $text-primary; text-style: bold; }
        .sql-editor--error-sign { color: $text-error; text-style: bold; }
    }
    """

    COMPONENT_CLASSES = {  # noqa: RUF012 - Textual's own declaration, a ClassVar in TextArea
        *(f"sql-editor--{name}" for name in _STYLE_NAMES),
        _STATEMENT_COMPONENT,
        _ERROR_COMPONENT,
    }

    @dataclass(eq=False, repr=False)
    class RunRequested(Message):
        """The user wants a part of the script to run."""

        editor: SqlEditor
        sql: str
        """The selected text, or one statement."""
        start_offset: int
        """Where it begins in the script, in characters, from 0."""
        start_line: int
        """The line it begins on, from 1."""
        start_column: int
        """The column it begins in, in characters, from 1."""
        is_selection: bool

        @property
        def control(self) -> SqlEditor:
            """The editor it came from."""
            return self.editor

    @dataclass(eq=False, repr=False)
    class RunAllRequested(Message):
        """The user wants the whole script to run."""

        editor: SqlEditor
        sql: str

        @property
        def control(self) -> SqlEditor:
            """The editor it came from."""
            return self.editor

    @dataclass(eq=False, repr=False)
    class NothingToRun(Message):
        """A run was asked for, and there is no statement where it was asked."""

        editor: SqlEditor

        @property
        def control(self) -> SqlEditor:
            """The editor it came from."""
            return self.editor

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
        self._held_line_feed: tuple[float, Timer] | None = None
        self._last_key_seconds = float("-inf")
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

    @property
    def script(self) -> str:
        """The whole text, its lines parted by line feeds, whatever the text that was loaded had."""
        return "\n".join(self.document.lines)

    def offset_of_location(self, location: Location) -> int:
        """The offset in `script` of a row and a column, both from 0."""
        row, column = location
        return sum(map(len, self.document.lines[:row])) + row + column

    def action_run_statement(self) -> None:
        """Ask for the selection to run, else for the statement that the cursor means."""
        if not self.selection.is_empty:
            start, end = sorted(self.selection)
            offset = self.offset_of_location(start)
            sql = self.script[offset : self.offset_of_location(end)]
            if split(sql):
                self._request_run(sql, start, is_selection=True)
                return
        elif (found := self._statement_at_cursor()) is not None:
            location = found.first_row, found.statement.column - 1
            self._request_run(found.statement.text, location, is_selection=False)
            return
        self.post_message(self.NothingToRun(self))

    def action_run_all(self) -> None:
        """Ask for the whole script to run."""
        script = self.script
        if split(script):
            self.post_message(self.RunAllRequested(self, script))
        else:
            self.post_message(self.NothingToRun(self))

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
            style = self.get_component_rich_style(f"sql-editor--{name}")
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

    def on_key(self, event: events.Key) -> None:
        """Tell a pressed ^J from a line feed; the class docstring says how."""
        follows_at_once = event.time - self._last_key_seconds < BURST_SECONDS
        self._last_key_seconds = event.time
        self._settle_line_feed(event.time)
        if event.key != "ctrl+j":
            return
        event.stop()
        event.prevent_default()
        if event.character is None:
            self.action_run_statement()
        elif follows_at_once:
            self._insert_line_break()
        else:
            self._held_line_feed = event.time, self.set_timer(BURST_SECONDS, self._settle_line_feed)

    def on_paste(self, event: events.Paste) -> None:
        """Settle what came before the paste."""
        self._settle_line_feed(event.time)

    def _settle_line_feed(self, next_seconds: float = float("inf")) -> None:
        """Decide on a line feed that is held, now that what comes next is stamped `next_seconds`, or nothing came."""
        if self._held_line_feed is None:
            return
        held_seconds, timer = self._held_line_feed
        self._held_line_feed = None
        timer.stop()
        if next_seconds - held_seconds < BURST_SECONDS:
            self._insert_line_break()
        else:
            self.action_run_statement()

    def _insert_line_break(self) -> None:
        if not self.read_only:
            self.replace("\n", *self.selection, maintain_selection_offset=False)

    def _request_run(self, sql: str, location: Location, *, is_selection: bool) -> None:
        row, column = location
        self.post_message(
            self.RunRequested(
                self,
                sql,
                start_offset=self.offset_of_location(location),
                start_line=row + 1,
                start_column=column + 1,
                is_selection=is_selection,
            )
        )

    def _statement_at_cursor(self) -> FoundStatement | None:
        self._read_lines()
        return self._script_lines.statement_at(*self.cursor_location)

    def _refresh_marked_row(self) -> None:
        found = self._statement_at_cursor()
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
