"""The output pane in a small app, joined to real programs on real terminals."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from output_host import PYTHON, OutputDriver, output_of
from rich.style import Style
from textual import events

from memdb_tui.programs.screen_text import MOST_LINES, ScreenText
from memdb_tui.ui.output_colors import style_maker
from memdb_tui.ui.output_lines import (
    ProgramState,
    bottom_forms,
    character_at,
    empty_words,
    pieces,
    selected_text,
)
from memdb_tui.ui.terminal_keys import key_bytes, paste_bytes

RUNNING = ProgramState("app.py", "python app.py", pid=4242)
ENDED = ProgramState("app.py", "python app.py", pid=4242, status=0)


# What is said.


@pytest.mark.parametrize(
    ("state", "new", "words"),
    [
        (RUNNING, 0, "running · pid 4242 · 1,204 lines"),
        (RUNNING, 12, "running · pid 4242 · 1,204 lines · 12 new lines ↓ End"),
        (ENDED, 0, "exit status 0 · pid 4242 · 1,204 lines"),
        (ProgramState("a", "a", 1, 3), 1, "× exit status 3 · pid 1 · 1,204 lines · 1 new line ↓ End"),
        (ProgramState("a", "a", 1, -9), 0, "× killed by SIGKILL · pid 1 · 1,204 lines"),
        (ProgramState("a", "a"), 0, "not started"),
        (ProgramState("a", "a", problem="No such file."), 0, "× could not be started"),
    ],
)
def test_the_lower_border_says_how_the_program_is(state: ProgramState, new: int, words: str) -> None:
    forms = bottom_forms(state, line_count=1204, new_count=new)
    assert forms[0] == words
    assert list(forms) == sorted(forms, key=len, reverse=True)


def test_an_empty_pane_says_what_is_empty_why_and_the_next_key() -> None:
    assert [text for text, _ in empty_words(RUNNING, 80)] == [
        "python app.py has written nothing yet.",
        "What it writes appears here. Enter types to it.",
    ]
    assert [text for text, _ in empty_words(ENDED, 80)][1] == "It ended with exit status 0."
    assert [text for text, _ in empty_words(ProgramState("a", "a", 1, -11), 80)][1] == "It was killed by SIGSEGV."
    assert [text for text, _ in empty_words(ProgramState("a", "a\x1b[2J"), 80)] == ["a␛[2J has not been started."]


# Keys.


@pytest.mark.parametrize(
    ("key", "character", "sent"),
    [
        ("a", "a", b"a"),
        ("A", "A", b"A"),
        ("upper_a", "A", b"A"),
        ("plus", "+", b"+"),
        ("+", "+", b"+"),
        ("ü", "ü", "ü".encode()),
        ("enter", "\r", b"\r"),
        ("shift+enter", None, b"\r"),
        ("ctrl+j", "\n", b"\n"),
        ("tab", "\t", b"\t"),
        ("shift+tab", None, b"\x1b[Z"),
        ("backspace", "\x7f", b"\x7f"),
        ("escape", "\x1b", b"\x1b"),
        ("space", " ", b" "),
        ("ctrl+c", "\x03", b"\x03"),
        ("ctrl+d", "\x04", b"\x04"),
        ("ctrl+z", "\x1a", b"\x1a"),
        ("ctrl+shift+c", None, b"\x03"),
        ("ctrl+at", "\x00", b"\x00"),
        ("ctrl+backslash", "\x1c", b"\x1c"),
        ("ctrl+right_square_bracket", "\x1d", b"\x1d"),
        ("ctrl+underscore", "\x1f", b"\x1f"),
        ("alt+b", "b", b"\x1bb"),
        ("alt+shift+b", "B", b"\x1bB"),
        ("alt+enter", None, b"\x1b\r"),
        ("up", None, b"\x1b[A"),
        ("ctrl+right", None, b"\x1b[1;5C"),
        ("shift+alt+left", None, b"\x1b[1;4D"),
        ("home", None, b"\x1b[H"),
        ("delete", None, b"\x1b[3~"),
        ("ctrl+pageup", None, b"\x1b[5;5~"),
        ("f1", None, b"\x1bOP"),
        ("shift+f3", None, b"\x1b[1;2R"),
        ("f5", None, b"\x1b[15~"),
        ("f10", None, b"\x1b[21~"),
        ("f12", None, b"\x1b[24~"),
        ("f20", None, b"\x1b[34~"),
        ("caps_lock", None, b""),
    ],
)
def test_keys_are_sent_as_a_terminal_sends_them(key: str, character: str | None, sent: bytes) -> None:
    assert key_bytes(key, character) == sent


def test_arrow_keys_have_another_form_for_applications() -> None:
    assert key_bytes("up", None, application=True) == b"\x1bOA"
    assert key_bytes("ctrl+up", None, application=True) == b"\x1b[1;5A"


def test_a_paste_is_bracketed_only_where_the_program_asked_and_carries_no_keys() -> None:
    text = "one\r\ntwo\n\x1b[201~\x03\tthree"
    assert paste_bytes(text, is_bracketed=False) == b"one\rtwo\r[201~\tthree"
    assert paste_bytes(text, is_bracketed=True) == b"\x1b[200~one\rtwo\r[201~\tthree\x1b[201~"


# Lines in parts.


@given(
    st.lists(st.tuples(st.text("ab日", min_size=1, max_size=5), st.sampled_from(["", "red"])), max_size=5),
    st.none() | st.tuples(st.integers(0, 20), st.integers(-1, 20)),
    st.none() | st.integers(0, 25),
)
def test_a_line_is_cut_where_marks_begin_and_end(
    runs: list[tuple[str, str]], selected: tuple[int, int] | None, cursor: int | None
) -> None:
    text = "".join(part for part, _ in runs)
    cut = list(pieces(runs, selected=selected, cursor=cursor))
    drawn = "".join(piece.text for piece in cut)
    assert drawn[: len(text)] == text
    assert not drawn[len(text) :].strip()
    marked = [(sign, piece) for piece in cut for sign in piece.text]
    for index, (_, piece) in enumerate(marked[: len(text)]):
        end = len(text) if selected is not None and selected[1] < 0 else (selected or (0, 0))[1]
        assert piece.is_selected == (selected is not None and selected[0] <= index < end)
    assert [index for index, (_, piece) in enumerate(marked) if piece.is_cursor] == (
        [] if cursor is None else [cursor]
    )


def test_cells_and_characters_are_told_apart() -> None:
    assert [character_at("日a", cell) for cell in range(5)] == [0, 0, 1, 2, 3]


def test_what_was_wrapped_is_selected_as_one_line() -> None:
    screen = ScreenText(10, 5)
    screen.feed(b"0123456789abcdef\r\nsecond\r\n")
    assert selected_text(screen, (0, 5), (2, 3)) == "56789abcdef\nsec"
    assert selected_text(screen, None, None) == "0123456789abcdef\nsecond\n"
    assert selected_text(screen, (0, 2), (0, 4)) == "23"


def test_the_sixteen_colours_are_the_themes_and_white_is_seen_on_white() -> None:
    base = Style.parse("#000000 on #ffffff")
    light, dark = style_maker(base, is_dark=False), style_maker(base, is_dark=True)
    assert light("red") != dark("red")
    assert light("white").color != light("white on red").color
    assert light("#010203").color == Style.parse("#010203").color
    assert light("reverse").color == base.bgcolor
    assert light("no such look") == base


# The pane.


async def test_what_a_program_writes_is_shown_with_its_colours() -> None:
    code = r"print('\x1b[1;31mred\x1b[0m plain \x1b]0;title\x07\x1b[2Jtail'.replace('\x1b[2J', ''), '日本語|')"
    async with output_of(*PYTHON, code) as output:
        await output.shows("red plain tail", "日本語|", "exit status 0 · pid", "1 line ")
        strip = output.app.pane.view.render_line(0)
        red = next(segment for segment in strip if segment.text == "red")
        assert red.style is not None
        assert red.style.bold
        assert red.style.color == style_maker(Style(), is_dark=True)("red").color
        assert strip.cell_length == output.app.pane.view.scrollable_content_region.width


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise SystemExit(7)", "× exit status 7"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "× killed by SIGKILL"),
    ],
)
async def test_a_failure_is_said_in_words_and_in_red(code: str, words: str) -> None:
    async with output_of(*PYTHON, code) as output:
        await output.shows(words, "python app.py has written nothing.")
        assert output.app.pane.has_class("-failed")


async def test_keys_are_ours_until_typing_begins_and_after_it_is_left() -> None:
    async with output_of("cat") as output:
        await output.shows("running · pid", "Enter types to it", "has written nothing yet")
        await output.pilot.press("f5", "q")
        assert output.app.taken_count == 2
        await output.pilot.press("i")
        await output.shows("typing: keys go to the program · ^G leaves")
        await output.type("quite\r")
        await output.shows("quite")
        await output.pilot.press("ctrl+g")
        await output.shows("Enter types to it")
        assert output.app.taken_count == 2
        await output.pilot.press("ctrl+g")
        assert output.app.taken_count == 3


async def test_typing_ends_with_the_focus_and_with_the_program() -> None:
    async with output_of("cat") as output:
        pane = output.app.pane
        await output.pilot.press("enter")
        assert pane.is_typing
        output.app.set_focus(output.app.query_one("Input"))
        await output.until(lambda: not pane.is_typing, "typing ended")
        pane.view.focus()
        await output.pilot.press("enter", "ctrl+d")
        await output.shows("exit status 0")
        assert not pane.is_typing
        await output.pilot.press("enter")
        assert not pane.is_typing


async def test_control_c_goes_to_the_program() -> None:
    async with output_of(*PYTHON, "print('ready', flush=True)\nimport time; time.sleep(1000)") as output:
        await output.shows("ready")
        await output.pilot.press("enter", "ctrl+c")
        await output.shows("KeyboardInterrupt", "killed by SIGINT")
        assert output.app.taken_count == 0


async def test_a_debugger_is_driven_by_keys(tmp_path: Path) -> None:
    script = tmp_path / "debugged.py"
    script.write_text("value = 41\nbreakpoint()\nprint('after', value)\n")
    async with output_of(sys.executable, str(script), env={"PATH": "/usr/bin:/bin", "TERM": "xterm"}) as output:
        await output.shows("(Pdb)")
        await output.pilot.press("enter")
        await output.type("p value + 1\r")
        await output.shows("42")
        await output.type("value = 7\r")
        await output.type("c\r")
        await output.shows("after 7", "exit status 0")


async def test_the_cursor_shows_where_typing_goes() -> None:
    async with output_of(*PYTHON, "input('name? ')") as output:
        await output.shows("name?")
        view = output.app.pane.view
        plain = view.render_line(0)
        await output.pilot.press("enter")
        block = next(segment for segment in view.render_line(0) if segment.style not in {s.style for s in plain})
        assert block.text == " "
        assert block.style is not None
        assert block.style.bgcolor == next(iter(plain)).style.color  # type: ignore[union-attr]  # it has one


async def test_a_paste_reaches_the_program_as_it_asked() -> None:
    code = "import sys, tty; tty.setraw(0); print('\\x1b[?2004hready', flush=True); print(ascii(sys.stdin.read(21)))"
    async with output_of(*PYTHON, code) as output:
        await output.shows("ready")
        output.app.post_message(events.Paste("no"))
        await output.pilot.press("enter")
        output.app.post_message(events.Paste("two\nlines"))
        await output.shows("\\x1b[200~two\\rlines\\x1b[201~"[:30])


async def test_the_program_learns_the_size_of_the_pane() -> None:
    code = (
        "import os, signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])\n"
        "while True:\n"
        "    print('size', *os.get_terminal_size(), flush=True)\n"
        "    signal.sigwait([signal.SIGWINCH])"
    )
    async with output_of(*PYTHON, code, size=(80, 20)) as output:
        await output.shows("size 76 15")
        await output.pilot.resize_terminal(60, 16)
        await output.shows("size 56 11")


async def test_output_is_wrapped_anew_in_another_width() -> None:
    code = "print(' '.join(str(n) for n in range(40))); input()"
    async with output_of(*PYTHON, code, size=(80, 20)) as output:
        await output.shows("38 39")
        await output.pilot.resize_terminal(50, 20)
        await output.shows("38 39", "0 1 2 3")
        await output.pilot.resize_terminal(140, 20)
        await output.shows(" ".join(str(n) for n in range(40)))


async def test_the_end_is_followed_until_the_user_scrolls_up() -> None:
    code = "for n in range(200): print('line', n)\ninput()\nfor n in range(200, 212): print('line', n)\ninput()"
    async with output_of(*PYTHON, code) as output:
        view = output.app.pane.view
        await output.shows("line 199")
        await output.pilot.press("pageup")
        await output.until(lambda: "line 199" not in output.text(), "scrolled up")
        top = view.render_line(0).text
        output.process.write(b"\r")
        await output.shows("13 new lines ↓ End")
        assert view.render_line(0).text == top
        await output.pilot.press("end")
        await output.shows("line 211")
        assert "new line" not in output.text()
        assert view.follows
        await output.pilot.press("home")
        await output.shows("line 0 ")
        await output.pilot._post_mouse_events([events.MouseScrollDown] * 5, view, (2, 1))
        await output.until(lambda: view.scroll_offset.y > 0, "the wheel scrolls")


async def test_lines_no_longer_kept_are_counted_and_the_place_looked_at_stays() -> None:
    count = MOST_LINES + 2000
    code = (
        f"for n in range({count}): print('line', n)\ninput()\n"
        f"for n in range({count}, {count} + 300): print('line', n)\ninput()"
    )
    async with output_of(*PYTHON, code) as output:
        view = output.app.pane.view
        await output.shows(f"line {count - 1}")
        await output.pilot.press("home")
        await output.shows("lines not kept", f"{count:,} lines")
        for _ in range(50):
            view.action_page(1)
        await output.pilot.pause()
        top = view.render_line(0).text
        output.process.write(b"\r")
        await output.shows("301 new lines ↓")
        assert view.render_line(0).text == top


async def test_a_full_screen_program_has_the_pane_and_gives_it_back() -> None:
    code = (
        "print('before')\ninput()\n"
        "print('\\x1b[?1049h\\x1b[2J\\x1b[3;10Hin the middle', end='', flush=True)\ninput()\n"
        "print('\\x1b[?1049l', end='')\nprint('after')"
    )
    async with output_of(*PYTHON, code) as output:
        await output.shows("before")
        output.process.write(b"\r")
        await output.shows("in the middle", "full screen")
        assert output.app.pane.view.render_line(2).text.startswith(" " * 10 + "in the middle")
        assert "before" not in output.text()
        output.process.write(b"\r")
        await output.shows("before", "after", "exit status 0")


async def test_the_app_answers_under_endless_output_and_memory_stays() -> None:
    async with output_of("yes") as output:
        screen = output.app.screen_text
        await output.until(lambda: screen.first_line > 50_000, "many lines")
        view = output.app.pane.view
        for _ in range(10):
            # Not `press`, which waits until the process is idle.
            output.app.post_message(events.Key("up", None))
            await output.until(lambda: not view.follows, "a key leaves the end")
            output.app.post_message(events.Key("end", None))
            await output.until(lambda: view.follows, "a key goes back to it")
        output.app.post_message(events.Key("pageup", None))
        assert screen.end_line - screen.first_line <= MOST_LINES + screen.rows
        await output.shows("new lines ↓", "running · pid")
        output.process.kill()
        await output.shows("killed by SIGKILL")


async def test_lines_are_selected_with_the_mouse_and_copied() -> None:
    code = "print('first line'); print('日本 second'); print('third')"
    async with output_of(*PYTHON, code) as output:
        await output.shows("third", "exit status 0")
        view = output.app.pane.view
        await output.pilot.press("y", "Y")
        assert output.app.copied == [
            ("third", "The last line in view"),
            ("first line\n日本 second\nthird\n", "3 lines"),
        ]
        await output.pilot.mouse_down(view, offset=(7, 0))
        await output.pilot.hover(view, offset=(6, 1))
        await output.pilot.mouse_up(view, offset=(6, 1))
        await output.until(output.app.screen.get_selected_text, "something is selected")
        assert output.app.screen.get_selected_text() == "line\n日本 s"
        await output.pilot.press("y")
        assert output.app.copied[-1] == ("line\n日本 s", "The selection")


async def test_a_program_that_was_never_started_is_said_to_be() -> None:
    async with output_of("true", starts=False) as output:
        await output.shows("python app.py has not been started.", "not started")
        await output.pilot.press("enter", "y", "Y", "pageup", "home", "end")
        assert not output.app.pane.is_typing


@pytest.mark.parametrize("width", [20, 30, 40, 60])
async def test_the_border_is_never_cut(width: int) -> None:
    async with output_of("cat", size=(width, 12)) as output:
        await output.shows("running")
        await output.pilot.press("enter")
        await output.shows("typing")
        assert "…" not in _border(output)


def _border(output: OutputDriver) -> str:
    lines = [line for line in output.lines() if line.startswith(("┏", "┗", "╭", "╰"))]
    return "\n".join(lines)
