"""The layout of a line, and the list that draws only what is visible."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from memdb_tui.ui.rows import Clip, Part, Row, Span, action_at, clip_cells, lay_out, wrap_cells
from memdb_tui.ui.theme import THEMES
from memdb_tui.ui.widgets.line_list import Line, LineList

TEXT = st.text(alphabet="ab &?c語あé🙂", max_size=30)


def shown(row: Row, width: int) -> str:
    return "".join(span.text for span in lay_out(row, width))


@given(TEXT, st.integers(0, 40), st.sampled_from(Clip))
def test_a_clipped_text_never_exceeds_its_cells(text: str, width: int, side: Clip) -> None:
    clipped = clip_cells(text, width, side=side)
    assert cell_len(clipped) <= width
    assert clipped == text or width == 0 or "…" in clipped


def test_a_path_is_clipped_at_its_beginning_and_wide_characters_stay_whole() -> None:
    assert clip_cells("/home/me/db.sqlite", 10, side=Clip.START) == "…db.sqlite"
    assert clip_cells("語語語", 4) == "語 …"
    assert clip_cells("語語語", 4, side=Clip.START) == "… 語"


@given(TEXT, st.integers(2, 40), st.integers(1, 5))
def test_wrapped_lines_fit_and_lose_nothing_unless_the_cut_is_marked(text: str, width: int, most: int) -> None:
    lines = wrap_cells(text, width, most=most)
    assert len(lines) <= most
    assert all(cell_len(line) <= width for line in lines)
    if not any("…" in line for line in lines):
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_url_breaks_before_its_parameters_and_a_sentence_at_blanks() -> None:
    assert wrap_cells("sqlite:///file:db1?mode=memory&cache=shared&uri=true", 50, most=2) == [
        "sqlite:///file:db1?mode=memory&cache=shared",
        "&uri=true",
    ]
    assert wrap_cells("one two three", 8, most=3) == ["one two", "three"]
    assert wrap_cells("one two three four five", 11, most=2) == ["one two", "three four…"]
    assert wrap_cells("one two three fourteen", 11, most=2) == ["one two", "three…"]
    assert wrap_cells("one two three", 7, most=3) == ["one two", "three"]


PARTS = st.builds(
    Part,
    TEXT,
    gap=st.integers(0, 3),
    rank=st.integers(0, 3),
    shorter=st.lists(st.sampled_from(["", "x", "語"]), max_size=2).map(tuple),
    clip=st.sampled_from([None, Clip.END, Clip.START]),
    least=st.integers(1, 9),
)
ROWS = st.builds(Row, st.lists(PARTS, max_size=4).map(tuple), st.lists(PARTS, max_size=3).map(tuple))


@given(ROWS, st.integers(0, 90))
def test_a_row_takes_its_cells_exactly(row: Row, width: int) -> None:
    assert cell_len(shown(row, width)) == width


def test_the_middle_is_clipped_before_the_badge() -> None:
    row = Row((Part("▲"), Part("/home/me/語/file.db", clip=Clip.START, least=6)), (Part("STRAY", gap=2),))
    assert shown(row, 40) == "▲ /home/me/語/file.db              STRAY"
    assert shown(row, 20) == "▲ …語/file.db  STRAY"
    assert shown(row, 19) == "▲ … /file.db  STRAY"
    assert shown(row, 12).endswith("  STRAY")
    assert shown(row, 5) == "STRAY"


def test_parts_give_way_by_rank() -> None:
    row = Row(
        (Part("name"), Part("(long words)", rank=2, shorter=("(short)", ""))), (Part("4 KiB", rank=1, shorter=("",)),)
    )
    assert shown(row, 23) == "name (long words) 4 KiB"
    assert shown(row, 22) == "name (short)     4 KiB"
    assert shown(row, 17) == "name        4 KiB"
    assert shown(row, 9) == "name     "


def test_a_click_finds_the_part_it_hit() -> None:
    spans = (Span("語", action="first"), Span(" "), Span("ab", action="second"))
    assert [action_at(spans, x) for x in range(6)] == ["first", "first", "", "second", "second", ""]


class ListApp(App[None]):
    """A list, and what it said."""

    def __init__(self, keys: list[str], *, lines: Callable[[list[str]], list[Line]] | None = None) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "memdb-dark"
        self.keys = keys
        self.make = lines or simple_lines
        self.chosen: list[str] = []
        self.copied: list[str] = []

    def compose(self) -> ComposeResult:
        yield LineList()

    def on_mount(self) -> None:
        self.list.show_lines(self.make(self.keys))

    @property
    def list(self) -> LineList:
        return self.query_one(LineList)

    def on_line_list_chosen(self, message: LineList.Chosen) -> None:
        assert message.control is self.list
        self.chosen.append(message.key)

    def on_line_list_copy_requested(self, message: LineList.CopyRequested) -> None:
        assert message.control is self.list
        self.copied.append(message.text)


def simple_lines(keys: list[str]) -> list[Line]:
    """Selectable lines, but for keys that begin with `#`."""
    return [Line(key, partial(row, key), is_selectable=not key.startswith("#")) for key in keys]


def row(text: str) -> Row:
    return Row((Part(text),), (Part("end"),))


def screen_rows(pilot: Pilot[None]) -> list[str]:
    widget = pilot.app.query_one(LineList)
    return [widget.render_line(y).text for y in range(widget.scrollable_content_region.height)]


async def test_the_cursor_skips_headings_and_shows_only_with_the_focus() -> None:
    app = ListApp(["#one", "a", "#two", "b", "c"])
    async with app.run_test(size=(30, 10)) as pilot:
        await pilot.press("down")
        assert app.list.cursor_key == "b"
        assert [text[0] for text in screen_rows(pilot)[:5]] == [" ", " ", " ", "▌", " "]
        app.screen.set_focus(None)
        await pilot.pause()
        assert {text[0] for text in screen_rows(pilot)} == {" "}
        assert app.list.cursor_key == "b"


async def test_a_line_has_its_right_part_at_the_right_edge() -> None:
    app = ListApp(["#one"])
    async with app.run_test(size=(20, 5)) as pilot:
        assert screen_rows(pilot)[0] == " #one" + " " * 9 + "end "


async def test_new_lines_keep_the_cursor_on_its_key_and_the_view_in_place() -> None:
    app = ListApp([f"k{i}" for i in range(100)])
    async with app.run_test(size=(30, 12)) as pilot:
        app.list.move_cursor("k50")
        await pilot.pause()
        before = screen_rows(pilot)
        app.list.show_lines(simple_lines(["new1", "new2", *app.keys]))
        await pilot.pause()
        assert app.list.cursor_key == "k50"
        assert screen_rows(pilot) == before


async def test_a_cursor_whose_line_went_moves_to_the_nearest() -> None:
    app = ListApp(["a", "b", "c"])
    async with app.run_test(size=(30, 10)) as pilot:
        await pilot.press("down", "down")
        assert app.list.cursor_key == "c"
        app.list.show_lines(simple_lines(["a", "b", "#x"]))
        assert app.list.cursor_key == "b"
        app.list.show_lines(simple_lines(["#x"]))
        assert app.list.cursor_key is None
        await pilot.press("down", "enter", "pageup")
        assert app.chosen == []
        app.list.show_lines([])
        assert app.list.cursor_key is None


async def test_the_view_follows_when_the_list_gets_short() -> None:
    app = ListApp([f"k{i}" for i in range(100)])
    async with app.run_test(size=(30, 12)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        assert app.list.scroll_y == 90
        app.list.show_lines(simple_lines(["k0", "k1"]))
        await pilot.pause()
        assert screen_rows(pilot)[0].startswith("▌k0") or screen_rows(pilot)[1].startswith("▌k1")
        assert app.list.scroll_y == 0


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["end"], "k99"),
        (["end", "home"], "k0"),
        (["pagedown"], "k9"),
        (["pagedown", "pageup"], "k0"),
        (["end", "pageup"], "k90"),
        (["up"], "k0"),
        (["end", "down"], "k99"),
    ],
)
async def test_keys_move_the_cursor_and_keep_it_in_view(keys: list[str], expected: str) -> None:
    app = ListApp([f"k{i}" for i in range(100)])
    async with app.run_test(size=(30, 12)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert app.list.cursor_key == expected
        assert any(text.startswith(f"▌{expected} ") for text in screen_rows(pilot))


async def test_the_heading_above_the_first_line_comes_back_into_view() -> None:
    app = ListApp(["#top", *(f"k{i}" for i in range(50))])
    async with app.run_test(size=(30, 12)) as pilot:
        await pilot.press("end", "home")
        await pilot.pause()
        assert screen_rows(pilot)[0].startswith(" #top")


@pytest.mark.parametrize("keys", [["home"], ["pageup"] * 3, ["up"] * 40])
async def test_keys_reach_the_very_top_however_many_lines_stand_above_the_first(keys: list[str]) -> None:
    app = ListApp([*(f"#{i}" for i in range(30)), *(f"k{i}" for i in range(50))])
    async with app.run_test(size=(30, 12)) as pilot:
        await pilot.press("end", "home")
        await pilot.pause()
        assert any(text.startswith("▌k0 ") for text in screen_rows(pilot))
        for key in keys:
            await pilot.press(key)
            app.list.show_lines(simple_lines(app.keys))
        await pilot.pause()
        assert screen_rows(pilot)[0].startswith(" #0 ")
        await pilot.press("down")
        await pilot.pause()
        assert any(text.startswith("▌k1 ") for text in screen_rows(pilot))


async def test_what_explains_the_line_under_the_cursor_is_in_view_and_a_click_on_it_means_the_line() -> None:
    def lines(keys: list[str]) -> list[Line]:
        explained = [Line(f"{keys[-1]}/{n}", partial(row, f"why {n}"), owner=keys[-1]) for n in range(3)]
        return [*simple_lines(keys), *explained]

    app = ListApp([f"k{i}" for i in range(30)], lines=lines)
    async with app.run_test(size=(30, 12)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        assert [text.split()[0] for text in screen_rows(pilot)[-4:]] == ["▌k29", "why", "why", "why"]
        await pilot.click(LineList, offset=(4, 2))
        assert app.list.cursor_key == "k24"
        await pilot.click(LineList, offset=(4, 10))
        assert app.list.cursor_key == "k29"


async def test_enter_and_a_double_click_choose_and_a_click_only_moves() -> None:
    app = ListApp(["a", "b", "c"])
    async with app.run_test(size=(30, 10)) as pilot:
        await pilot.press("enter")
        assert app.chosen == ["a"]
        await pilot.click(LineList, offset=(3, 2))
        assert app.list.cursor_key == "b"
        assert app.chosen == ["a"]
        await pilot.double_click(LineList, offset=(3, 3))
        assert app.list.cursor_key == "c"
        assert app.chosen == ["a", "c"]
        await pilot.click(LineList, offset=(3, 7))
        assert app.list.cursor_key == "c"


async def test_the_line_under_the_cursor_can_be_copied() -> None:
    app = ListApp(["a [b]markup[/b]"])
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("c")
        assert app.copied == ["a [b]markup[/b] end"]
        assert screen_rows(pilot)[0].startswith("▌a [b]markup[/b]")


async def test_only_visible_lines_are_built() -> None:
    built: list[str] = []

    def lines(keys: list[str]) -> list[Line]:
        def build(key: str) -> Row:
            built.append(key)
            return row(key)

        return [Line(key, partial(build, key), is_selectable=True) for key in keys]

    app = ListApp([f"k{i}" for i in range(5000)], lines=lines)
    async with app.run_test(size=(30, 12)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        assert "k4999" in built
        assert len(set(built)) <= 20


async def test_name_and_state_stand_at_both_ends_of_the_border_in_the_words_that_fit() -> None:
    app = ListApp(["a"])
    async with app.run_test(size=(40, 6)) as pilot:
        app.list.show_titles([("Long [name]", "with a state that is long"), ("Short", "state")], "note")
        await pilot.pause()
        top = app.list._border_title
        assert top is not None
        assert top.plain.startswith("Short ━")
        assert top.plain.endswith("━ state")
        assert top.cell_length == 40 - 6
        await pilot.resize_terminal(60, 6)
        await pilot.pause()
        top = app.list._border_title
        assert top is not None
        assert top.plain.startswith("Long [name] ━")
        assert top.cell_length == 60 - 6
        app.screen.set_focus(None)
        await pilot.pause()
        top = app.list._border_title
        assert top is not None
        assert "━" not in top.plain
        assert "─" in top.plain


async def test_the_theme_can_change_while_it_is_shown() -> None:
    def lines(keys: list[str]) -> list[Line]:
        return [Line(key, lambda: Row((Part("x", "$primary"),))) for key in keys]

    app = ListApp(["a"], lines=lines)
    async with app.run_test(size=(30, 6)) as pilot:

        def color() -> str:
            segment = list(app.list.render_line(0))[1]
            assert segment.style is not None
            assert segment.style.color is not None
            return segment.style.color.name

        assert color() == THEMES[0].primary
        app.theme = "memdb-light"
        await pilot.pause()
        assert color() == THEMES[1].primary
