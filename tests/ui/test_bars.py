"""Header, alarm and footer: one line each, whole words at every width."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.widgets import Label

from memdb_tui.model import ConnectionId, Evidence, FileChange, FileEntry, FileKind, FileRole, HostFacts
from memdb_tui.ui.rows import Row, lay_out
from memdb_tui.ui.theme import THEMES
from memdb_tui.ui.widgets.alarm_bar import AlarmBar, alarm_row
from memdb_tui.ui.widgets.footer_bar import FooterBar, FooterKey, fitting_keys, footer_row
from memdb_tui.ui.widgets.header_bar import HeaderBar, header_row

FACTS = HostFacts(
    pid=4242,
    cwd="/srv/proj",
    python_version="3.11",
    sqlite_version="3.40.1",
    sqlalchemy_version="2.1.9",
    temporary_folders=(),
    has_manual_mode=False,
    native="",
    started_at=0.0,
)
STRAY = FileEntry(
    path="/srv/proj/file:db3",
    kind=FileKind.DATABASE,
    role=FileRole.STRAY,
    change=FileChange.MADE,
    size_bytes=8192,
    at=0.0,
    made_by=(ConnectionId("c4"),),
    string="sqlite:///file:db3?mode=memory&cache=shared",
    statement="",
    evidence=Evidence.OBSERVED,
    reason='uri=true is missing, so SQLAlchemy took "file:db3" for a path',
    suggestion="",
    was_there=False,
    brief="no uri=true in its URL",
)
KEYS = tuple(
    FooterKey(key, label, label)
    for key, label in (
        ("^J", "run"),
        ("^C", "stop"),
        ("^G", "go to…"),
        ("^O", "open"),
        ("^T", "why?"),
        ("^\\", "commands"),
        ("F1", "help"),
        ("^Q", "quit"),
        ("^F", "find"),
    )
)


def shown(row: Row, width: int) -> str:
    return "".join(span.text for span in lay_out(row, width))


def header(*, width: int, is_live: bool = True) -> str:
    return shown(header_row(FACTS, databases=3, connections=4, is_live=is_live), width)


@pytest.mark.parametrize(
    ("width", "left", "right"),
    [
        (
            120,
            " memdb-tui  /srv/proj  ",
            "  in this process: pid 4242 · SQLite 3.40.1 · SQLAlchemy 2.1.9    3 db · 4 conn  ●  ≡ ",
        ),
        (80, " memdb-tui  /srv/proj  ", "  in this process: pid 4242    3 db · 4 conn  ●  ≡ "),
        (60, " memdb-tui  /srv/proj  ", "  pid 4242    3 db · 4 conn  ●  ≡ "),
        (50, " memdb-tui  /srv/proj  ", "   3 db · 4 conn  ●  ≡ "),
        (30, " memdb-tui  /srv/proj  ", "  ●  ≡ "),
    ],
)
def test_the_header_leaves_out_what_is_of_least_use(width: int, left: str, right: str) -> None:
    line = header(width=width)
    assert line.startswith(left)
    assert line.endswith(right)
    assert len(line) == width


def test_a_host_that_is_gone_is_told_in_words_at_every_width() -> None:
    assert all("× host gone" in header(width=width, is_live=False) for width in range(30, 140))
    assert "●" not in header(width=120, is_live=False)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_transaction_that_nothing_else_tells_of_stands_in_the_header_at_every_width(width: int) -> None:
    row = header_row(FACTS, databases=3, connections=4, is_live=True, transaction="● c1 writing 9 s +1")
    assert "  ● c1 writing 9 s +1  " in shown(row, width)
    assert shown(row, width).endswith("  ●  ≡ ")


def test_before_the_host_answers_the_header_says_what_this_is() -> None:
    row = header_row(None, databases=0, connections=0, is_live=True)
    assert shown(row, 60).startswith(" memdb-tui ")
    assert "pid" not in shown(row, 60)


def test_a_program_without_sqlalchemy_shows_no_version_of_it() -> None:
    row = header_row(replace(FACTS, sqlalchemy_version=""), databases=1, connections=1, is_live=True)
    assert "SQLAlchemy" not in shown(row, 140)
    assert "1 db · 1 conn" in shown(row, 140)


@pytest.mark.parametrize(
    ("width", "more", "line"),
    [
        (
            121,
            0,
            f" ▲ STRAY FILE /srv/proj/file:db3 · c4: {STRAY.reason}   [Fix ^T] [Hide ×] ",
        ),
        (112, 0, f" ▲ STRAY /srv/proj/file:db3 · c4: {STRAY.reason}    [Fix ^T] [×] "),
        (90, 0, " ▲ STRAY FILE /srv/proj/file:db3 · c4: no uri=true in its URL           [Fix ^T] [Hide ×] "),
        (80, 0, " ▲ STRAY /srv/proj/file:db3 · c4: no uri=true in its URL      [Fix ^T] [Hide ×] "),
        (80, 2, " ▲ STRAY /srv/proj/file:db3 · c4: no uri=true in its URL   +2 [Fix ^T] [Hide ×] "),
        (64, 0, " ▲ STRAY …/file:db3 · c4: no uri=true in its URL   [Fix ^T] [×] "),
        (46, 1, " ▲ STRAY /srv/proj/file:db3   +1 [Fix ^T] [×] "),
    ],
)
def test_the_alarm_stays_on_one_line_and_its_reason_is_whole(width: int, more: int, line: str) -> None:
    assert shown(alarm_row(STRAY, more=more, width=width), width) == line


@pytest.mark.parametrize("width", [46, 80, 121])
def test_the_alarm_says_that_its_file_is_there_no_more(width: int) -> None:
    line = shown(alarm_row(replace(STRAY, change=FileChange.MADE_AND_REMOVED), more=0, width=width), width)
    assert "removed since: " in line or "removed: " in line
    assert "file:db3" in line
    assert "[Fix ^T]" in line


@given(st.text(max_size=60), st.integers(46, 160), st.integers(0, 30))
@example("\N{EMOJI MODIFIER FITZPATRICK TYPE-1-2}", 46, 10)
def test_the_alarm_names_file_and_fix_at_every_size(reason: str, width: int, more: int) -> None:
    line = shown(alarm_row(replace(STRAY, reason=reason), more=more, width=width), width)
    assert line.startswith(" ▲ STRAY")
    assert "file:db3 " in line
    assert "[Fix ^T]" in line
    assert (f"+{more}" in line) is (more > 0)


@given(st.integers(0, 140))
def test_the_footer_shows_keys_whole_or_not_at_all(width: int) -> None:
    fitting = fitting_keys(KEYS, width)
    first, commands = KEYS[: len(fitting)], KEYS[5]
    assert fitting == (first if commands in first else (*first[:-1], commands) if first else ())
    assert len(fitting) <= 8
    whole = " " + "  ".join(f"{key.key} {key.label}" for key in fitting)
    assert shown(footer_row(KEYS, width), width) == whole[:width].ljust(width)


@given(st.integers(11, 140))
def test_the_footer_keeps_the_way_out_at_every_width(width: int) -> None:
    keys = (*KEYS, FooterKey("Esc", "leave", "leave"))
    fitting = fitting_keys(keys, width)
    assert fitting[-1] == keys[-1]
    assert list(fitting) == [key for key in keys if key in fitting]
    assert len(fitting) <= 8


def test_the_way_to_all_commands_is_kept_at_sixty_columns() -> None:
    assert [key.key for key in fitting_keys(KEYS, 60)] == ["^J", "^C", "^G", "^O", "^T", "^\\"]
    assert [key.key for key in fitting_keys(KEYS, 30)] == ["^J", "^C", "^\\"]


def test_the_footer_tells_of_strays_without_an_alarm_at_the_right() -> None:
    line = shown(footer_row(KEYS, 80, hidden_strays=2), 80)
    assert line.startswith(" ^J run  ^C stop  ")
    assert line.endswith("  ▲ 2 strays ")


def test_eight_keys_fit_on_eighty_columns() -> None:
    assert len(fitting_keys(KEYS, 80)) == 8


class BarsApp(App[None]):
    """The three bars, and what they said."""

    def __init__(self) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "memdb-dark"
        self.said: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield HeaderBar()
        yield AlarmBar()
        yield Label("body")
        yield FooterBar()

    def on_alarm_bar_fix_requested(self, message: AlarmBar.FixRequested) -> None:
        assert message.control is self.query_one(AlarmBar)
        self.said.append(("fix", message.path))

    def on_alarm_bar_dismiss_requested(self, message: AlarmBar.DismissRequested) -> None:
        assert message.control is self.query_one(AlarmBar)
        self.said.append(("dismiss", message.path))

    def on_footer_bar_action_requested(self, message: FooterBar.ActionRequested) -> None:
        assert message.control is self.query_one(FooterBar)
        self.said.append(("action", message.action))


async def test_the_alarm_is_there_only_while_there_is_a_stray() -> None:
    app = BarsApp()
    async with app.run_test(size=(100, 10)) as pilot:
        bar, body = app.query_one(AlarmBar), app.query_one(Label)
        assert not bar.display
        assert body.region.y == 1
        bar.show_alarm(STRAY, more=1)
        await pilot.pause()
        assert body.region.y == 2
        assert "/srv/proj/file:db3" in bar.render_line(0).text
        bar.show_alarm(None)
        await pilot.pause()
        assert body.region.y == 1


async def test_the_buttons_of_the_alarm_can_be_clicked() -> None:
    app = BarsApp()
    async with app.run_test(size=(100, 10)) as pilot:
        bar = app.query_one(AlarmBar)
        bar.show_alarm(STRAY)
        await pilot.pause()
        line = bar.render_line(0).text
        await pilot.click(AlarmBar, offset=(line.index("[Hide") + 2, 0))
        await pilot.click(AlarmBar, offset=(line.index("[Fix") + 2, 0))
        assert app.said == [("dismiss", STRAY.path), ("fix", STRAY.path)]


@pytest.mark.parametrize("is_monochrome", [False, True])
async def test_the_alarm_reads_the_same_without_colour(
    *, is_monochrome: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_monochrome:
        monkeypatch.setenv("NO_COLOR", "1")
    app = BarsApp()
    async with app.run_test(size=(100, 10)) as pilot:
        app.query_one(AlarmBar).show_alarm(STRAY)
        await pilot.pause()
        assert app.no_color is is_monochrome
        assert (
            app.query_one(AlarmBar)
            .render_line(0)
            .text.startswith(" ▲ STRAY FILE /srv/proj/file:db3 · c4: no uri=true in its URL ")
        )


async def test_a_key_of_the_footer_can_be_clicked() -> None:
    app = BarsApp()
    async with app.run_test(size=(80, 10)) as pilot:
        bar = app.query_one(FooterBar)
        bar.show_keys(KEYS)
        await pilot.pause()
        line = bar.render_line(0).text
        await pilot.click(FooterBar, offset=(line.index("open"), 0))
        await pilot.click(FooterBar, offset=(line.index("^J"), 0))
        await pilot.click(FooterBar, offset=(79, 0))
        assert app.said == [("action", "open"), ("action", "run")]


async def test_the_header_shows_what_it_is_told() -> None:
    app = BarsApp()
    async with app.run_test(size=(100, 10)) as pilot:
        app.query_one(HeaderBar).show_facts(FACTS, databases=2, connections=5, is_live=True)
        await pilot.pause()
        assert "2 db · 5 conn  ●" in app.query_one(HeaderBar).render_line(0).text
