"""What a program writes to its terminal, as lines; pyte's own screen is the measure where both know a sequence."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memdb_tui.programs.kept_lines import joined_text, line_of, rewrapped
from memdb_tui.programs.screen_text import MOST_LINES, ScreenText
from memdb_tui.programs.terminal_looks import rendition

COLUMNS, ROWS = 20, 6
PIECES = st.sampled_from(
    [
        *(f"line {number}\r\n" for number in range(3)),
        "text",
        "a longer text than the screen is wide",
        "x" * COLUMNS,
        "\r\n",
        "\n",
        "\r",
        "\t",
        "\b",
        "日本語",
        "e\u0301",
        "\x1b[31m",
        "\x1b[1;44m",
        "\x1b[0m",
        "\x1b[31mred\x1b[0m and \x1b[1mbold\x1b[0m\r\n",
        "\ttab\r\n",
        "äöü ─│ ✓\r\n",
        "日本\r\n",
        "\x1b[2J",
        "\x1b[H",
        "\x1b[3;5H",
        "\x1b[K",
        "\x1b[1K",
        "\x1b[J",
        "\x1b[2A",
        "\x1b[4D",
        "\x1b[3C",
        "\x1b[2L",
        "\x1b[2M",
        "\x1b[3P",
        "\x1b[3@",
        "\x1b[2;5r",
        "\x1b[r",
        "\x1bM",
        "\x1b7",
        "\x1b8",
        "\x1b[3S",
        "\x1b[2T",
        "\x1b[5b",
        "\x1b[?7l",
        "\x1b[?7h",
        "\x1b[4h",
        "\x1b[4l",
        "\x1b(0lqk\x1b(B",
        "\x1b[?1049h",
        "\x1b[?1049l",
        "\x1b]0;a title\x07",
        "\x1bPa string\x1b\\",
        "\x1bc",
    ]
)
AS_PYTE = st.sampled_from(
    [
        "text",
        "line\r\n",
        "a longer text than the screen is wide\r\n",
        "x" * COLUMNS + "\r\n",
        "\r\n",
        "\r",
        "\ttab\r\n",
        "\x1b[31mred\x1b[0m\r\n",
        "äöü ─│ ✓",
        "\x1b[3;5H",
        "\x1b[K",
        "\x1b[J",
        "\x1b[2J",
        "\x1b[2A",
        "\x1b[4D",
        "\x1b[2M",
        "\x1b[2L",
        "\x1b[3P",
        "\x1bM",
    ]
)


def screen_of(*texts: str, columns: int = COLUMNS, rows: int = ROWS) -> ScreenText:
    screen = ScreenText(columns, rows)
    for text in texts:
        screen.feed(text.encode())
    return screen


def lines_of(screen: ScreenText) -> list[str]:
    return [screen.text(number) for number in range(screen.first_line, screen.end_line)]


def picture(screen: ScreenText) -> object:
    """All there is to see."""
    numbers = range(screen.first_line, screen.end_line)
    lines = [(list(screen.runs(number)), screen.wraps(number)) for number in numbers]
    return lines, screen.first_line, screen.cursor, screen.is_alternate


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40))
def test_it_does_not_matter_in_which_pieces_output_comes(pieces: list[str]) -> None:
    text = "".join(pieces)
    whole = screen_of(text)
    assert picture(screen_of(*text)) == picture(whole)
    assert picture(screen_of(*pieces)) == picture(whole)


@settings(max_examples=300, deadline=None)
@given(st.lists(AS_PYTE, max_size=40))
def test_the_screen_is_as_pyte_has_it(pieces: list[str]) -> None:
    theirs = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.Stream(theirs)
    for piece in pieces:
        # pyte leaves a line where it is when the one that takes its place was never written to.
        for y in range(ROWS):
            theirs.buffer[y]
        stream.feed(piece)
    ours = screen_of("".join(pieces))
    top = ours.cursor[0] - theirs.cursor.y if ours.cursor else 0
    assert ours.cursor == (top + theirs.cursor.y, min(theirs.cursor.x, COLUMNS - 1))
    assert [ours.text(top + y).rstrip() for y in range(ROWS)] == [line.rstrip() for line in theirs.display]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=30) | PIECES.map(str.encode), max_size=20))
def test_no_bytes_break_it_and_no_control_character_comes_out(pieces: list[bytes]) -> None:
    screen = ScreenText(COLUMNS, ROWS)
    for piece in pieces:
        screen.feed(piece)
    for number in range(screen.first_line, screen.end_line):
        assert all(sign.isprintable() or sign in "\xa0\u3000\xad" or sign > "\x9f" for sign in screen.text(number))
        assert not any(sign < " " or "\x7f" <= sign <= "\x9f" for sign in screen.text(number))


def test_lines_that_scroll_out_are_kept_and_those_no_longer_kept_are_counted() -> None:
    screen = screen_of("".join(f"line {number}\r\n" for number in range(MOST_LINES + 500)))
    assert screen.end_line == MOST_LINES + 500
    assert screen.first_line == 500 - (ROWS - 1)
    assert screen.text(screen.first_line) == f"line {screen.first_line}"
    assert screen.text(screen.end_line - 1) == f"line {MOST_LINES + 499}"
    assert screen.text(0) == ""


@pytest.mark.parametrize(
    ("sequence", "look"),
    [
        ("31", "red"),
        ("33", "yellow"),
        ("95", "bright_magenta"),
        ("105", "on bright_magenta"),
        ("93;100", "bright_yellow on bright_black"),
        ("1;3;4;7;9", "bold italic underline strike reverse"),
        ("2", "dim"),
        ("1;2;22", ""),
        ("5", ""),
        ("38;5;1", "red"),
        ("48;5;12", "on bright_blue"),
        ("38;5;208", "#ff8700"),
        ("38;2;1;2;3", "#010203"),
        ("38;2;999;0;0", "#ff0000"),
        ("48:2::16:32:48", "on #102030"),
        ("38:2:16:32:48", "#102030"),
        ("38:5:208;1", "bold #ff8700"),
        ("4:3", "underline"),
        ("4:0", ""),
        ("58;5;1;1", "bold"),
        ("58;2;1;5;7;31", "red"),
        ("38", ""),
        ("38;5", ""),
        (">4;1", ""),
        ("", ""),
    ],
)
def test_colours_and_styles_are_read(sequence: str, look: str) -> None:
    assert list(screen_of(f"\x1b[{sequence}mtext").runs(0)) == [("text", look)]


def test_what_is_no_look_changes_nothing() -> None:
    assert rendition("1?2") == ()


def test_wide_characters_take_two_cells_and_are_not_halved() -> None:
    screen = screen_of("日本語\x1b[1;2Hx", columns=6)
    assert screen.text(0) == " x本語"
    assert screen.cursor == (0, 2)
    assert lines_of(screen_of("12345日本", columns=6)) == ["12345", "日本"]


def test_an_accent_joins_the_character_before_it() -> None:
    assert lines_of(screen_of("e\u0301日\u0301x" + "\u0301" * 100))[0].startswith("é日\u0301x")
    assert len(screen_of("x" + "\u0301" * 100).text(0)) <= 8


def test_titles_pictures_and_the_clipboard_never_show() -> None:
    screen = screen_of("a\x1b]52;c;QUJD\x07b\x1b]0;title\x1b\\c\x1bPq#0;1\x1b\\d\x1b_x\x9ce\x1b]8;;http://x\x1b\\f")
    assert lines_of(screen) == ["abcdef"]
    assert lines_of(screen_of("a\x1b]0;cut off", "\x1b[1mb")) == ["ab"]
    assert lines_of(screen_of("a\x1b]0;" + "x" * 100_000, "x" * 100_000 + "\x07b")) == ["ab"]


def test_the_alternate_screen_comes_and_goes_and_the_lines_stay() -> None:
    screen = screen_of("one\r\ntwo", "\x1b[?1049h\x1b[2J\x1b[H\x1b[?25lfull screen")
    assert screen.is_alternate
    assert lines_of(screen)[0] == "full screen"
    assert screen.cursor is None
    screen.feed(b"\x1b[?25h\x1b[?1049l")
    assert lines_of(screen) == ["one", "two"]
    assert screen.cursor == (1, 3)


def test_modes_that_concern_keys_are_known() -> None:
    screen = screen_of("\x1b[?1h\x1b[?2004h")
    assert (screen.sends_cursor_keys, screen.brackets_pastes) == (True, True)
    screen.feed(b"\x1b[?1;2004l")
    assert (screen.sends_cursor_keys, screen.brackets_pastes) == (False, False)


def test_a_program_that_asks_where_the_cursor_is_gets_an_answer() -> None:
    answers: list[bytes] = []
    screen = ScreenText(COLUMNS, ROWS, answer=answers.append)
    screen.feed(b"ab\r\ncd\x1b[6n\x1b[c\x1b[5n\x1b[?6n\x1b[>c")
    assert answers == [b"\x1b[2;3R", b"\x1b[?6c", b"\x1b[0n"]


def test_another_width_wraps_anew_and_loses_nothing() -> None:
    text = "".join(f"line {number} is longer than the screen is wide\r\n" for number in range(20))
    screen = screen_of(text)
    for columns in (7, 50, 80, COLUMNS):
        screen.resize(columns, ROWS)
        assert screen.text_between(0, screen.end_line) == text.replace("\r\n", "\n")
    screen.resize(80, ROWS)
    assert screen.text(3) == "line 3 is longer than the screen is wide"


def test_another_height_keeps_the_line_the_cursor_is_in() -> None:
    screen = screen_of("one\r\ntwo\r\nthree\r\nfour")
    screen.resize(COLUMNS, 2)
    assert lines_of(screen) == ["one", "two", "three", "four"]
    assert screen.cursor == (3, 4)
    screen.resize(COLUMNS, 10)
    screen.feed(b"\r\nfive")
    assert lines_of(screen)[3:] == ["four", "five"]


def test_text_that_was_wrapped_is_copied_as_one_line() -> None:
    screen = screen_of("x" * 50 + "\r\nshort\r\n")
    assert screen.end_line == 4
    assert screen.text_between(0, 4) == "x" * 50 + "\nshort\n"


RUNS = st.lists(st.tuples(st.text(alphabet="ab 日é\u0301", min_size=1), st.sampled_from(["", "red"])), max_size=8)


@given(st.lists(RUNS, max_size=6), st.integers(2, 12), st.integers(2, 12))
def test_wrapping_anew_is_the_same_whatever_the_width_was(
    lines: list[list[tuple[str, str]]], width: int, other: int
) -> None:
    kept = [line_of(runs) for runs in lines]
    narrow = list(rewrapped(kept, width))
    assert joined_text(narrow) == joined_text(kept)
    assert list(rewrapped(narrow, other)) == list(rewrapped(kept, other))


def test_memory_does_not_grow_with_sequences_that_save_and_never_restore() -> None:
    screen = screen_of("\x1b7" * 10_000 + "\x1b[" + "1;" * 10_000 + "m")
    assert len(screen._main.savepoints) == 1


def test_lines_come_back_when_the_screen_has_room_again() -> None:
    screen = screen_of("".join(f"\x1b[1;31mline {number}\x1b[0m 日e\u0301\r\n" for number in range(20)))
    before = [list(screen.runs(number)) for number in range(20)]
    screen.resize(COLUMNS, 3)
    screen.resize(COLUMNS, 12)
    assert [list(screen.runs(number)) for number in range(20)] == before
    assert screen.bottom_line == 21
    assert screen.cursor == (20, 0)
    screen.feed(b"\x1b[Htop")
    assert screen.text(9) == "tope 9 日é"


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=30), st.integers(2, 30), st.integers(1, 10))
def test_any_size_can_be_taken_at_any_time(pieces: list[str], columns: int, rows: int) -> None:
    screen = screen_of("".join(pieces))
    screen.resize(columns, rows)
    assert (screen.columns, screen.rows) == (columns, rows)
    screen.feed("".join(pieces).encode())
    cursor = screen.cursor
    assert cursor is None or (screen.first_line <= cursor[0] < screen.bottom_line and 0 <= cursor[1] < columns)
    screen.resize(COLUMNS, ROWS)
    assert screen.end_line <= screen.bottom_line
