"""The viewer of a whole value, over parts that SQLite cuts."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static

from memdb_tui.errors import QueryError
from memdb_tui.model import CellKind, CellPart
from memdb_tui.ui.json_text import pretty_json
from memdb_tui.ui.screens.cell_viewer import LOADED_CHARACTERS, CellViewer
from memdb_tui.ui.theme import THEMES
from memdb_tui.ui.value_lines import hex_line, wrapped
from memdb_tui.ui.widgets.hex_view import HexView
from memdb_tui.ui.widgets.text_view import TextView


class Value:
    """One value in SQLite, cut there by `substr`; `most` is the longest part it gives."""

    def __init__(self, connection: sqlite3.Connection, expression: str, *, most: int = 1 << 18) -> None:
        self.connection = connection
        self.most = most
        self.fetched: list[tuple[int, int]] = []
        self.problem = ""
        connection.execute(f"CREATE TABLE t AS SELECT {expression} AS v")

    async def fetch(self, offset: int, size: int) -> CellPart:
        self.fetched.append((offset, size))
        if self.problem:
            raise QueryError(self.problem)
        part, kind, length = self.connection.execute(
            "SELECT substr(v, ? + 1, ?), typeof(v), length(v) FROM t", (offset, min(size, self.most))
        ).fetchone()
        text = part.hex() if isinstance(part, bytes) else "" if part is None else str(part)
        return CellPart(kind=CellKind(kind), text=text, offset=offset, length=length or 0)


class Host(App[None]):
    def __init__(self, value: Value) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self.value = value
        self.copied: list[CellViewer.CopyRequested] = []

    def on_mount(self) -> None:
        self.push_screen(CellViewer("row 1 · [b]v[/]", self.value.fetch))

    def on_cell_viewer_copy_requested(self, message: CellViewer.CopyRequested) -> None:
        self.copied.append(message)

    @property
    def facts(self) -> str:
        return str(self.screen.query_one("#cell-facts", Static).content)

    def lines(self) -> list[str]:
        view = self.screen.query_one("#cell-value")
        return [view.render_line(y).text.rstrip() for y in range(view.size.height)]


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    yield connection
    connection.close()


async def settle(pilot: Pilot[None]) -> None:
    """Wait until nothing is being loaded."""
    async with asyncio.timeout(30):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


async def test_a_text_keeps_its_line_breaks_and_shows_control_characters(connection: sqlite3.Connection) -> None:
    app = Host(Value(connection, "'one' || char(10) || '[red]two[/]' || char(27) || '[31m'"))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.lines()[:2] == ["one", "[red]two[/]␛[31m"]
        assert app.facts == "TEXT · 20 characters"


async def test_bytes_are_a_dump_with_offsets_and_ascii(connection: sqlite3.Connection) -> None:
    app = Host(Value(connection, "CAST('Hello, SQLite 3!' AS BLOB)"))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.lines()[0] == "0000  48 65 6c 6c 6f 2c 20 53  51 4c 69 74 65 20 33 21  Hello, SQLite 3!"
        assert app.facts == "BLOB · 16 bytes"


async def test_of_a_large_blob_only_what_is_looked_at_is_fetched(connection: sqlite3.Connection) -> None:
    value = Value(connection, "zeroblob(50000000)", most=10_000)
    app = Host(value)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert sum(min(size, value.most) for _, size in value.fetched) < 100_000
        app.screen.query_one(HexView).scroll_end(animate=False)
        await settle(pilot)
        await settle(pilot)
        assert app.lines()[-1].startswith("2faf070  00 00")
        assert sum(min(size, value.most) for _, size in value.fetched) < 200_000


async def test_a_long_text_comes_by_parts_as_it_is_scrolled(connection: sqlite3.Connection) -> None:
    value = Value(connection, "printf('%.*c', 1000000, 'x') || char(10) || 'end'")
    app = Host(value)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert len(value.fetched) == 1
        assert "the first 262,144 are here; End reads on" in app.facts
        for _ in range(6):
            app.screen.query_one(TextView).scroll_end(animate=False)
            await settle(pilot)
        assert app.screen.query_one(TextView).text.endswith("x\nend")
        assert app.facts == "TEXT · 1,000,004 characters"
        app.screen.query_one(TextView).scroll_end(animate=False)
        await settle(pilot)
        assert app.lines()[-1] == "end"


async def test_a_text_without_end_stops_loading_and_says_so(connection: sqlite3.Connection) -> None:
    value = Value(connection, f"printf('%.*c', {LOADED_CHARACTERS * 2}, 'x')")
    app = Host(value)
    async with app.run_test() as pilot:
        for _ in range(20):
            await settle(pilot)
            for view in app.screen.query(TextView):
                view.scroll_end(animate=False)
        await settle(pilot)
        assert len(app.screen.query_one(TextView).text) == LOADED_CHARACTERS
        assert app.facts.endswith("use substr() for what follows")


async def test_json_is_laid_out_on_a_key(connection: sqlite3.Connection) -> None:
    app = Host(Value(connection, """'{"a": [1, 2.50], "b": {}}'"""))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.lines()[0] == '{"a": [1, 2.50], "b": {}}'
        await pilot.press("j")
        assert app.lines()[:6] == ["{", '  "a": [', "    1,", "    2.50", "  ],", '  "b": {}']
        await pilot.press("j")
        assert app.lines()[0] == '{"a": [1, 2.50], "b": {}}'


async def test_the_whole_value_is_copied_and_esc_leaves(connection: sqlite3.Connection) -> None:
    app = Host(Value(connection, "zeroblob(70000)", most=1000))
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert [(message.text, message.is_whole) for message in app.copied] == [(f"x'{'00' * 70000}'", True)]
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, CellViewer)


async def test_null_and_numbers_have_their_look(connection: sqlite3.Connection) -> None:
    app = Host(Value(connection, "NULL"))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert (app.lines()[0], app.facts) == ("∅ null", "NULL")


async def test_a_value_that_cannot_be_read_is_said(connection: sqlite3.Connection) -> None:
    value = Value(connection, "1")
    value.problem = "The result is gone."
    app = Host(value)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.facts == "The value cannot be read: The result is gone."


@given(st.text(st.sampled_from("ab雪\n\r\t\x1b 👩\u200d\u0301"), max_size=80), st.integers(2, 20))
def test_wrapped_lines_fit_and_lose_no_line_break(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert len(lines) >= text.count("\n") + 1


def test_a_short_last_line_of_a_dump_stays_aligned() -> None:
    full, short = hex_line(0, "00" * 16, 4), hex_line(16, "41", 4)
    assert len(full[1]) == len(short[1])
    assert (short[0], short[2]) == ("0010", "A")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(st.lists(json_values, max_size=4) | st.dictionaries(st.text(), json_values, max_size=4), st.booleans())
def test_laying_json_out_changes_no_value(value: object, ascii_only: bool) -> None:  # noqa: FBT001 - Hypothesis passes it by place
    pretty = pretty_json(json.dumps(value, ensure_ascii=ascii_only))
    assert pretty is not None
    assert json.loads(pretty) == value
    if not ascii_only:
        assert pretty == json.dumps(value, ensure_ascii=False, indent=2)


@pytest.mark.parametrize("text", ["", "1", '"a"', "{", "[1,]", "[NaN]", "[" * 100_000, "{a: 1}"])
def test_what_is_not_a_json_object_or_array_is_left_alone(text: str) -> None:
    assert pretty_json(text) is None


def test_json_keeps_names_that_stand_twice_and_numbers_as_written() -> None:
    assert (
        pretty_json('{"a":1.0e5,"a":12345678901234567890123}')
        == '{\n  "a": 1.0e5,\n  "a": 12345678901234567890123\n}'
    )
