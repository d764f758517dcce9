"""The editor shows SQLite's tokens, knows its statements, and tells ^J from a pasted line feed."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import pty
import random
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Input, TextArea

from memdb_tui.ui.widgets.sql_editor import BURST_SECONDS, SqlEditor
from memdb_tui.ui.widgets.sql_text import ERROR_SIGN, STATEMENT_SIGN, SqlText

DEADLINE_SECONDS = 60
KEYS_OF_A_HAND = [
    *(
        (key,)
        for key in ("x", ";", "'", '"', "(", ")", "0", "space", "enter", "backspace", "delete", "ctrl+z", "ctrl+y")
    ),
    *((key,) for key in ("up", "down", "left", "right", "home", "end", "shift+up", "shift+left", "shift+down", "f7")),
    ("/", "*"),
    ("*", "/"),
    ("-", "-"),
    ("tab", "shift+tab"),
]


class EditorApp(App[None]):
    """An editor, another widget to go to, and a record of what the editor asked for."""

    BINDINGS = [Binding("ctrl+c", "stop", priority=False)]  # noqa: RUF012 - Textual's own declaration

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.initial_text = text
        self.messages: list[Message] = []
        self.stops = 0

    def compose(self) -> ComposeResult:
        yield SqlEditor(self.initial_text, id="editor")
        yield Input()

    def on_mount(self) -> None:
        self.query_one(SqlEditor).focus()

    def action_stop(self) -> None:
        self.stops += 1

    @on(SqlEditor.RunRequested)
    @on(SqlEditor.RunAllRequested)
    @on(SqlEditor.NothingToRun)
    def record(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def runs(self) -> list[str]:
        return [message.sql for message in self.messages if isinstance(message, SqlEditor.RunRequested)]


@asynccontextmanager
async def editing(text: str = "") -> AsyncIterator[tuple[EditorApp, SqlEditor, Pilot[None]]]:
    app = EditorApp(text)
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        yield app, app.query_one(SqlEditor), pilot


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not condition():
            await pilot.pause()


def cells(editor: SqlEditor, row: int) -> list[tuple[str, Style]]:
    """Each drawn character of a line, gutter included, with its style."""
    editor.render_lines(editor.size.region)
    strip = editor.render_line(row - editor.scroll_offset.y)
    return [(character, segment.style or Style()) for segment in strip for character in segment.text]


def drawn(editor: SqlEditor) -> list[list[Segment]]:
    """The lines of the editor as they stand on the screen."""
    return [list(strip) for strip in editor.render_lines(editor.size.region)]


def drawn_anew(editor: SqlEditor) -> list[list[Segment]]:
    """The same, with nothing remembered."""
    editor.notify_style_update()
    editor.refresh()
    return drawn(editor)


def style_of(editor: SqlEditor, row: int, word: str) -> Style:
    drawn = cells(editor, row)
    return drawn["".join(character for character, _ in drawn).index(word)][1]


def gutter(editor: SqlEditor, row: int) -> str:
    return "".join(character for character, _ in cells(editor, row)[: editor.gutter_width])


def line_feed(seconds: float) -> events.Key:
    """What Textual makes of the byte 0x0A, stamped with the moment it was read."""
    return key("ctrl+j", "\n", seconds)


def key(name: str, character: str, seconds: float) -> events.Key:
    event = events.Key(name, character)
    event.time = seconds
    return event


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "nord"])
async def test_keywords_are_bold_and_of_their_own_colour(theme: str) -> None:
    async with editing("SELECT 'é' AS name; -- c") as (app, editor, pilot):
        app.theme = theme
        await pilot.press("end")
        keyword, string, comment = (style_of(editor, 0, word) for word in ("SELECT", "'é'", "-- c"))
        plain = style_of(editor, 0, "name")
        assert keyword.bold
        assert not plain.bold
        assert comment.italic
        if theme != "ansi-dark":
            assert len({style.color for style in (keyword, string, plain)}) == 3
        assert keyword.bgcolor == plain.bgcolor


async def test_keywords_stay_bold_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with editing("SELECT name") as (app, editor, _):
        assert app.no_color
        assert style_of(editor, 0, "SELECT").bold
        assert not style_of(editor, 0, "name").bold


async def test_every_way_of_changing_the_text_is_highlighted_anew() -> None:
    """Fails if TextArea no longer calls `_build_highlight_map` after an edit, or reads `_highlights` otherwise."""
    async with editing() as (_, editor, pilot):
        await pilot.press(*"select")
        assert style_of(editor, 0, "select").bold
        await pilot.press("x")
        assert not style_of(editor, 0, "selectx").bold
        await pilot.press("backspace")
        assert style_of(editor, 0, "select").bold
        editor.load_text("a -> WITHOUT")
        assert style_of(editor, 0, "WITHOUT").bold
        editor.replace("é 'WITH", (0, 0), (0, 1))
        assert not style_of(editor, 0, "WITHOUT").bold
        editor.undo()
        assert style_of(editor, 0, "WITHOUT").bold
        editor.redo()
        assert not style_of(editor, 0, "WITHOUT").bold


async def test_a_highlight_covers_its_token_after_wide_and_non_ascii_characters() -> None:
    async with editing("é→😀 SELECT'x'") as (_, editor, _):
        drawn = [(character, bool(style.bold)) for character, style in cells(editor, 0)][editor.gutter_width :]
        assert "".join(character for character, bold in drawn if bold) == "SELECT"


async def test_an_opened_comment_reaches_the_lines_below() -> None:
    async with editing("a\nSELECT 1;\nSELECT 2;") as (_, editor, pilot):
        assert style_of(editor, 2, "SELECT").bold
        await pilot.press("/", "*")
        assert not style_of(editor, 1, "SELECT").bold
        assert not style_of(editor, 2, "SELECT").bold


async def test_control_characters_are_drawn_as_symbols() -> None:
    async with editing("SELECT '\x1b[31m\x00\x9b\udc80'") as (_, editor, _):
        drawn = "".join(character for character, _ in cells(editor, 0))
        assert "␛[31m␀��" in drawn
        assert drawn.isprintable()


async def test_the_statement_under_the_cursor_runs() -> None:
    script = "-- é\nSELECT 1;\n\n  UPDATE t\n SET a = ';';"
    async with editing(script) as (app, editor, pilot):
        editor.move_cursor((4, 2))
        await pilot.press("ctrl+j")
        (message,) = app.messages
        assert isinstance(message, SqlEditor.RunRequested)
        assert message.control is editor
        assert message.sql == "UPDATE t\n SET a = ';';"
        assert script[message.start_offset :] == message.sql
        assert (message.start_line, message.start_column, message.is_selection) == (4, 3, False)
        assert editor.text == script


async def test_a_selection_runs_instead_of_the_statement() -> None:
    async with editing("SELECT 1;\nSELECT 2;") as (app, editor, _):
        editor.move_cursor((0, 7))
        editor.move_cursor((1, 6), select=True)
        editor.action_run_statement()
        await until(_, lambda: app.messages)
        (message,) = app.messages
        assert isinstance(message, SqlEditor.RunRequested)
        assert (message.sql, message.is_selection) == ("1;\nSELECT", True)
        assert (message.start_offset, message.start_line, message.start_column) == (7, 1, 8)


@pytest.mark.parametrize("text", ["", "  \n", "-- only a comment", ";;"])
async def test_nothing_to_run_is_said(text: str) -> None:
    async with editing(text) as (app, editor, pilot):
        editor.action_run_statement()
        editor.action_run_all()
        await until(pilot, lambda: len(app.messages) == 2)
        assert all(isinstance(message, SqlEditor.NothingToRun) for message in app.messages)


async def test_a_blank_selection_is_nothing_to_run() -> None:
    async with editing("SELECT 1;  \n") as (app, editor, pilot):
        editor.move_cursor((0, 9))
        editor.move_cursor((1, 0), select=True)
        await pilot.press("ctrl+j")
        assert [type(message) for message in app.messages] == [SqlEditor.NothingToRun]


async def test_the_whole_script_runs_with_line_feeds() -> None:
    async with editing("SELECT 1;\r\nSELECT 2") as (app, editor, pilot):
        editor.action_run_all()
        await until(pilot, lambda: app.messages)
        (message,) = app.messages
        assert isinstance(message, SqlEditor.RunAllRequested)
        assert message.sql == "SELECT 1;\nSELECT 2"


async def test_a_line_feed_within_a_burst_is_a_new_line() -> None:
    async with editing() as (app, editor, pilot):
        for event in (key("a", "a", 100), line_feed(100.001), line_feed(100.002), key("b", "b", 100.003)):
            app.post_message(event)
        await until(pilot, lambda: editor.text.endswith("b"))
        assert editor.text == "a\n\nb"
        assert app.messages == []


async def test_a_line_feed_that_begins_a_burst_is_a_new_line() -> None:
    async with editing("SELECT 1;") as (app, editor, pilot):
        editor.move_cursor((0, 9))
        for event in (key("a", "a", 100), line_feed(200), key("b", "b", 200.001)):
            app.post_message(event)
        await until(pilot, lambda: editor.text.endswith("b"))
        assert editor.text == "SELECT 1;a\nb"
        assert app.messages == []


async def test_a_burst_is_one_however_slowly_its_keys_come_through_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    async with editing("SELECT 1;") as (app, editor, pilot):
        editor.move_cursor((0, 9))
        handle = app.on_event

        async def slowly(event: events.Event) -> None:
            if isinstance(event, events.Key):
                await asyncio.sleep(3 * BURST_SECONDS)
            await handle(event)

        monkeypatch.setattr(app, "on_event", slowly)
        for event in (key("a", "a", 100), line_feed(200), key("b", "b", 200.001)):
            app.post_message(event)
        await until(pilot, lambda: editor.text.endswith("b"))
        assert editor.text == "SELECT 1;a\nb"
        assert app.messages == []


async def test_a_line_feed_runs_before_a_key_that_came_later() -> None:
    """Both are handled at once, as after a stall of the UI; their stamps tell that they are two key presses."""
    async with editing("SELECT 1;") as (app, editor, pilot):
        app.post_message(line_feed(100))
        app.post_message(key("b", "b", 100 + 2 * BURST_SECONDS))
        await until(pilot, lambda: app.messages and editor.text != "SELECT 1;")
        assert app.runs == ["SELECT 1;"]
        assert editor.text == "bSELECT 1;"


async def test_a_line_feed_alone_runs() -> None:
    async with editing("SELECT 1;") as (app, editor, pilot):
        app.post_message(line_feed(100))
        await until(pilot, lambda: app.messages)
        assert app.runs == ["SELECT 1;"]
        assert editor.text == "SELECT 1;"


async def test_a_line_feed_before_a_paste_is_settled_first() -> None:
    async with editing("SELECT 1;") as (app, editor, pilot):
        paste = events.Paste("x\ny")
        paste.time = 200
        app.post_message(line_feed(100))
        app.post_message(paste)
        await until(pilot, lambda: app.messages and "y" in editor.text)
        assert app.runs == ["SELECT 1;"]
        assert editor.text == "x\nySELECT 1;"


async def test_copy_takes_the_selection_and_else_leaves_the_key_to_the_app() -> None:
    async with editing("SELECT 1;") as (app, editor, pilot):
        await pilot.press("ctrl+c")
        assert (app.stops, app.clipboard) == (1, "")
        editor.select_all()
        await pilot.press("ctrl+c")
        assert (app.stops, app.clipboard) == (1, "SELECT 1;")


async def test_tab_leaves_the_editor() -> None:
    async with editing("a") as (app, editor, pilot):
        await pilot.press("tab")
        assert isinstance(app.focused, Input)
        assert editor.text == "a"


async def test_nothing_blinks() -> None:
    async with editing() as (_, editor, pilot):
        assert not editor.cursor_blink
        await pilot.press("a")
        assert not editor.blink_timer._active.is_set()


async def test_the_sign_follows_the_cursor_from_statement_to_statement() -> None:
    async with editing("SELECT 1;\nSELECT\n2;\n-- c") as (_, editor, pilot):
        assert [STATEMENT_SIGN in gutter(editor, row) for row in range(4)] == [True, False, False, False]
        await pilot.press("down", "down")
        assert [STATEMENT_SIGN in gutter(editor, row) for row in range(4)] == [False, True, False, False]
        assert gutter(editor, 1) == f"2{STATEMENT_SIGN} "
        await pilot.press("ctrl+j", "down")
        assert gutter(editor, 1) == f"2{STATEMENT_SIGN} "
        editor.load_text("-- nothing")
        assert gutter(editor, 0) == "1  "


async def test_the_sign_moves_when_an_edit_moves_the_statement() -> None:
    async with editing("-- c\nSELECT 1;") as (_, editor, pilot):
        assert STATEMENT_SIGN in gutter(editor, 1)
        await pilot.press("enter")
        assert [STATEMENT_SIGN in gutter(editor, row) for row in range(3)] == [False, False, True]


async def test_an_error_is_marked_until_the_next_edit() -> None:
    async with editing("SELECT 1;\nSELECT naem FROM t;") as (_, editor, pilot):
        editor.show_error_at(2, 8)
        await pilot.pause()
        marked = [character for character, style in cells(editor, 1)[editor.gutter_width :] if style.underline]
        assert "".join(marked) == "naem"
        assert style_of(editor, 1, "naem").reverse
        assert gutter(editor, 1) == f"2{ERROR_SIGN} "
        await pilot.press("down")
        assert ERROR_SIGN in gutter(editor, 1)
        await pilot.press("x")
        assert ERROR_SIGN not in gutter(editor, 1)
        assert not any(style.underline for _, style in cells(editor, 1))


async def test_an_error_may_stand_past_the_end_and_be_taken_away() -> None:
    async with editing("é(") as (_, editor, _):
        for place in ((1, 3), (9, 99)):
            editor.show_error_at(*place)
            assert [style.underline for _, style in cells(editor, 0)[editor.gutter_width :]][:4] == [
                None,
                None,
                True,
                None,
            ]
        editor.clear_error()
        assert not any(style.underline for _, style in cells(editor, 0))


@pytest.mark.parametrize("seed", range(4))
async def test_no_line_is_left_as_it_was_drawn_before(seed: int) -> None:
    """After each of many keys every line is drawn as it would be if all were drawn anew."""
    hand = random.Random(seed)
    async with editing("SELECT (1 + (2)),\n 'a' FROM t;\n\n/* note */ SELECT 2;\nSELECT (3);") as (
        app,
        editor,
        pilot,
    ):
        for _ in range(25):
            keys = hand.choice(KEYS_OF_A_HAND)
            await pilot.press(*keys)
            if hand.random() < 0.05:
                editor.show_error_at(hand.randint(1, 5), 2)
            if hand.random() < 0.05:
                app.theme = hand.choice(("textual-dark", "textual-light"))
            await pilot.pause()
            assert drawn(editor) == drawn_anew(editor), keys


async def test_the_partner_of_a_parenthesis_comes_and_goes_on_another_line() -> None:
    async with editing("SELECT (\n1\n)") as (_, editor, pilot):
        editor.move_cursor((0, 7))
        await pilot.pause()
        assert editor.matching_bracket_location == (2, 0)
        assert drawn(editor) == drawn_anew(editor)
        await pilot.press("left")
        assert drawn(editor) == drawn_anew(editor)


async def test_a_key_draws_its_line_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with editing("SELECT 1;\nSELECT 2;\nSELECT 3;") as (_, editor, pilot):
        editor.move_cursor((1, 8))
        await pilot.pause()
        rows: set[int] = set()
        draw = SqlEditor.render_line

        def record(self: SqlEditor, y: int) -> Strip:
            rows.add(y)
            return draw(self, y)

        monkeypatch.setattr(SqlEditor, "render_line", record)
        await pilot.press("0")
        await until(pilot, lambda: rows)
        assert rows == {1}
        await pilot.press("up")
        await until(pilot, lambda: 0 in rows)
        assert rows == {0, 1}


async def test_a_line_that_gets_longer_lays_nothing_out() -> None:
    async with editing("SELECT 1;") as (app, editor, pilot):
        await pilot.press("end")
        layouts: list[Screen[None]] = []
        app.screen.screen_layout_refresh_signal.subscribe(editor, layouts.append)
        for _ in range(3):
            await pilot.press("x")
        await until(pilot, lambda: "xxx" in "".join(character for character, _ in cells(editor, 0)))
        assert not layouts


async def test_the_cursor_stays_in_view_in_a_text_of_any_size() -> None:
    async with editing() as (_, editor, pilot):
        for _ in range(6):
            editor.insert("SELECT 'as wide';")
            await pilot.press("x")
        column = editor.gutter_width + editor.cursor_location[1]
        assert 0 < column - editor.scroll_offset.x < editor.size.width < column
        for _ in range(19):
            editor.insert("\n")
        await pilot.press("enter")
        await until(pilot, lambda: editor.show_vertical_scrollbar)
        assert editor.scroll_offset == (0, editor.max_scroll_y)
        assert editor.vertical_scrollbar.window_virtual_size == 21
        for _ in range(20):
            editor.action_delete_left()
        await until(pilot, lambda: not editor.show_vertical_scrollbar)
        assert editor.scroll_offset.y == 0


async def test_offsets_count_the_characters_of_the_script() -> None:
    async with editing("ab\n\né😀\n") as (_, editor, _):
        lines = editor.document.lines
        locations = [(row, column) for row, line in enumerate(lines) for column in range(len(line) + 1)]
        offsets = [editor.offset_of_location(location) for location in locations]
        assert offsets == list(range(len(editor.script) + 1))


async def test_parentheses_in_strings_have_no_partner() -> None:
    async with editing("f(')', 1)") as (_, editor, pilot):
        await pilot.press("right")
        assert editor.matching_bracket_location == (0, 8)
        await pilot.press("right", "right")
        assert editor.matching_bracket_location is None


PROGRAM = """
import json, os, sys
from textual import on
from textual.app import App
from textual.widgets import TextArea
from memdb_tui.ui.widgets.sql_editor import SqlEditor

class EditorApp(App):
    def compose(self):
        yield SqlEditor(sys.argv[2])
    def on_ready(self):
        self.query_one(SqlEditor).focus()
        self.tell("ready", "")
    def tell(self, what, text):
        os.write(int(sys.argv[1]), (json.dumps([what, text]) + "\\n").encode())
    @on(TextArea.Changed)
    def changed(self, message):
        self.tell("text", message.control.text)
    @on(SqlEditor.RunRequested)
    def run_requested(self, message):
        self.tell("run", message.sql)

EditorApp().run()
"""


class Terminal:
    """The program above on a real terminal, and what it tells through a pipe of its own."""

    def __init__(self, text: str) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.told, telling = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(telling), text],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            pass_fds=[telling],
            start_new_session=True,
            env=os.environ | {"TERM": "xterm-256color"},
        )
        os.close(slave)
        os.close(telling)
        self.heard: list[list[str]] = []
        self.rest = b""

    def type(self, data: bytes) -> None:
        os.write(self.master, data)

    def wait_for(self, what: str, text: str) -> None:
        """Read until the program has told this, and what it draws meanwhile."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while [what, text] not in self.heard:
            left = deadline - time.monotonic()
            assert left > 0, f"not told: {what} {text!r}, but {self.heard}"
            for source in select.select([self.master, self.told], [], [], left)[0]:
                data = os.read(source, 65536)
                if source == self.told:
                    assert data, f"the program ended; it told {self.heard}"
                    *lines, self.rest = (self.rest + data).split(b"\n")
                    self.heard.extend(json.loads(line) for line in lines)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.told)


@contextlib.contextmanager
def terminal(text: str = "") -> Iterator[Terminal]:
    opened = Terminal(text)
    try:
        opened.wait_for("ready", "")
        yield opened
    finally:
        opened.close()


KITTY_CTRL_J = b"\x1b[106;5u"


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("before", "after", "last"),
    [(b"\x1b[200~", b"\x1b[201~", ""), (b"", b"", ""), (b"", b"\n", "\n")],
    ids=["bracketed", "plain", "plain with a last line feed"],
)
def test_two_pasted_lines_are_text_on_a_real_terminal(before: bytes, after: bytes, last: str) -> None:
    pasted = "SELECT 1;\nSELECT 2;"
    with terminal() as opened:
        opened.type(before + pasted.encode() + after)
        opened.wait_for("text", pasted + last)
        assert not [told for told in opened.heard if told[0] == "run"]
        # The key that runs comes after all that was pasted, so no run of the paste can be still to come.
        opened.type(KITTY_CTRL_J)
        opened.wait_for("run", "SELECT 2;")
        assert len([told for told in opened.heard if told[0] == "run"]) == 1


@pytest.mark.terminal
@pytest.mark.parametrize("pressed", [b"\n", KITTY_CTRL_J], ids=["a line feed", "Kitty's sequence"])
def test_the_key_alone_runs_on_a_real_terminal(pressed: bytes) -> None:
    with terminal("SELECT 1;") as opened:
        opened.type(pressed)
        opened.wait_for("run", "SELECT 1;")
        assert ["text", "\nSELECT 1;"] not in opened.heard


def test_textarea_still_has_what_the_editor_builds_on() -> None:
    """The private names the highlighter needs; without them the text would be plain, with no error."""
    assert callable(TextArea._build_highlight_map)
    assert {"_build_highlight_map"} <= set(SqlText.__dict__)
