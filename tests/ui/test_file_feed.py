"""The Files pane: what the session did to files, who did it, and how that is known."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from memdb_tui.model import (
    ConnectionId,
    Evidence,
    FileChange,
    FileEntry,
    FileKind,
    FileRole,
    FilesView,
    WatchedFolder,
)
from memdb_tui.ui.file_lines import OTHERS_KEY, FileListing, by_whom, file_lines, subtitle, title, titles
from memdb_tui.ui.rows import lay_out
from memdb_tui.ui.theme import THEMES
from memdb_tui.ui.widgets.file_feed import FileFeed
from memdb_tui.ui.wording import clock_time

NOW = 1_000_000.0
STRAY = FileEntry(
    path="/srv/file:db3",
    kind=FileKind.DATABASE,
    role=FileRole.STRAY,
    change=FileChange.MADE,
    size_bytes=8192,
    at=NOW - 2,
    made_by=(ConnectionId("c4"),),
    string="sqlite:///file:db3?mode=memory&cache=shared",
    statement="",
    evidence=Evidence.OBSERVED,
    reason='uri=true is missing, so SQLAlchemy took "file:db3" for a path',
    suggestion="sqlite:///file:db3?mode=memory&cache=shared&uri=true",
    was_there=False,
)
TEMP = replace(
    STRAY,
    path="/var/tmp/etilqs_9f",
    kind=FileKind.TEMPORARY,
    role=FileRole.TEMPORARY,
    change=FileChange.MADE_AND_REMOVED,
    size_bytes=None,
    made_by=(ConnectionId("c1"),),
    string="",
    evidence=Evidence.INFERRED,
    reason="a sort spilled to disk",
    suggestion="",
)
ATTACHED = replace(
    STRAY,
    path="/srv/x.db",
    role=FileRole.ASKED_FOR,
    size_bytes=0,
    made_by=(ConnectionId("c1"), ConnectionId("c2")),
    evidence=Evidence.INFERRED,
    string="",
    statement="ATTACH 'x.db' AS x",
    reason="",
    suggestion="",
)
OTHER = replace(
    STRAY,
    path="/srv/cache/[b]1",
    kind=FileKind.OTHER,
    role=FileRole.OTHER,
    made_by=(),
    evidence=Evidence.UNKNOWN,
    string="",
    reason="",
    suggestion="",
)
WATCHED = (
    WatchedFolder("/srv", is_recursive=True, problem=""),
    WatchedFolder("/var/tmp", is_recursive=False, problem=""),
)
EMPTY = FilesView(entries=(), others=(), other_count=0, watched=WATCHED, is_live=True)
VIEW = replace(EMPTY, entries=(STRAY, TEMP, ATTACHED), others=(OTHER,), other_count=12)


def texts(view: FilesView, *, width: int = 100, **listing: object) -> list[str]:
    made = replace(FileListing(now=NOW, width=width), **listing)  # type: ignore[arg-type] # a test names the fields
    return ["".join(span.text for span in lay_out(line.build(), width)).rstrip() for line in file_lines(view, made)]


def test_each_file_is_told_with_sign_size_word_maker_and_evidence() -> None:
    when = clock_time(NOW - 2)
    assert texts(VIEW, width=90) == [
        f"▲ {when} + /srv/file:db3                         8 KiB  STRAY     by c4 (observed)",
        "      sqlite:///file:db3?mode=memory&cache=shared",
        '      uri=true is missing, so SQLAlchemy took "file:db3" for a path',
        f"  {when} ± /var/tmp/etilqs_9f                           temp      by c1 (inferred)",
        f"  {when} + /srv/x.db                               0 B  database  by c1 or c2 (inferred)",
        "► 12 others, not SQLite · o shows them",
    ]


@pytest.mark.parametrize(
    ("change", "sign"),
    [
        (FileChange.MADE, "+"),
        (FileChange.CHANGED, "~"),
        (FileChange.REMOVED, "\N{MINUS SIGN}"),
        (FileChange.MADE_AND_REMOVED, "±"),
        (FileChange.OPENED, "○"),
    ],
)
def test_each_change_has_its_sign(change: FileChange, sign: str) -> None:
    assert f" {sign} /srv/x.db" in texts(replace(EMPTY, entries=(replace(ATTACHED, change=change),)))[0]


@pytest.mark.parametrize(
    ("kind", "role", "word"),
    [
        (FileKind.DATABASE, FileRole.STRAY, "STRAY"),
        (FileKind.JOURNAL, FileRole.STRAY, "STRAY journal"),
        (FileKind.WAL, FileRole.ASKED_FOR, "wal"),
        (FileKind.SHARED_MEMORY, FileRole.ASKED_FOR, "shm"),
        (FileKind.DATABASE, FileRole.ASKED_FOR, "database"),
        (FileKind.TEMPORARY, FileRole.TEMPORARY, "temp"),
        (FileKind.DATABASE, FileRole.OTHER, "database"),
        (FileKind.OTHER, FileRole.OTHER, "other"),
    ],
)
def test_each_kind_has_its_word(kind: FileKind, role: FileRole, word: str) -> None:
    shown = texts(replace(EMPTY, entries=(replace(STRAY, kind=kind, role=role),)))[0]
    assert f"8 KiB  {word}  by c4 (observed)" in shown
    assert shown.startswith("▲") is (role is FileRole.STRAY)


def test_a_narrow_pane_keeps_path_word_and_maker() -> None:
    shown = texts(VIEW, width=55)
    assert "file:db3 " in shown[0]
    assert shown[0].split()[-2:] == ["STRAY", "c4"]
    assert next(text for text in shown if "etilqs" in text).split()[-1] == "c1?"
    assert next(text for text in shown if "x.db" in text).split()[-1] == "c1/c2?"


@pytest.mark.parametrize(("width", "words"), [(90, "was there, c4 (observed)"), (58, "was there")])
def test_that_a_file_was_there_before_stands_in_its_first_line(width: int, words: str) -> None:
    was_there = replace(STRAY, was_there=True, change=FileChange.OPENED)
    first, *_ = texts(replace(VIEW, entries=(was_there, TEMP, ATTACHED)), width=width)
    assert first.split("STRAY")[1].strip() == words


def test_who_made_a_file_is_never_guessed() -> None:
    assert by_whom(OTHER) == "maker not known"
    assert by_whom(ATTACHED) == "by c1 or c2 (inferred)"


def test_the_file_under_the_cursor_is_explained_in_full() -> None:
    was_there = replace(STRAY, was_there=True)
    shown = [text.strip() for text in texts(replace(EMPTY, entries=(was_there,)), detailed=STRAY.path)]
    assert shown[-2:] == [f"instead: {STRAY.suggestion}", "it was there before this session"]
    assert "ATTACH 'x.db' AS x" in [text.strip() for text in texts(VIEW, detailed=ATTACHED.path)]
    assert "ATTACH 'x.db' AS x" not in [text.strip() for text in texts(VIEW, detailed=STRAY.path)]


def test_a_narrow_pane_tells_who_made_the_file_below_it() -> None:
    narrow = [text.strip() for text in texts(VIEW, width=55, detailed=ATTACHED.path)]
    assert "by c1 or c2 (inferred)" in narrow
    assert "by c1 or c2 (inferred)" not in [text.strip() for text in texts(VIEW, width=90, detailed=ATTACHED.path)]


def test_the_others_unfold_below_their_line() -> None:
    shown = texts(VIEW, show_others=True)
    assert shown[5] == "▼ 12 others, not SQLite, the newest 1 listed · o hides them"
    assert "/srv/cache/[b]1" in shown[6]
    assert shown[6].rstrip().endswith("maker not known")


def test_no_file_says_so_and_no_stray_is_said_too() -> None:
    assert texts(EMPTY)[0] == " No file yet: everything so far is in memory."
    assert title(EMPTY) == "Files · watchdog ── 0 stray"
    assert title(VIEW) == "Files · watchdog ── ▲ 1 stray · 1 asked for · 1 temp · 12 others"
    assert title(replace(VIEW, other_count=1)).endswith("1 other")
    assert [str(state) for _, state in titles(VIEW)][-1] == "▲ 1 stray"


def test_a_watch_that_does_not_run_is_said() -> None:
    assert title(replace(EMPTY, is_live=False)).startswith("Files · watchdog is not running")
    assert all("not watched" in name for name, _ in titles(replace(EMPTY, is_live=False))[1:])
    broken = WatchedFolder("/gone", is_recursive=False, problem="no such folder")
    view = replace(VIEW, watched=(*WATCHED, broken))
    assert subtitle(view) == "/srv and below, /var/tmp · ! 1 folder not watched · o shows others"
    assert subtitle(VIEW, show_others=True) == "/srv and below, /var/tmp · o hides others"
    assert subtitle(EMPTY) == "/srv and below, /var/tmp"
    assert subtitle(replace(EMPTY, watched=())) == "no folder is watched"
    assert texts(view)[-1] == "! /gone is not watched: no such folder"


MANY = (
    WatchedFolder("/home/user/code/projects/p14", is_recursive=True, problem=""),
    WatchedFolder("/elsewhere/data", is_recursive=True, problem=""),
    *(WatchedFolder(path, is_recursive=False, problem="") for path in ("/srv/one", "/srv/two", "/tmp")),
)


@pytest.mark.parametrize("width", [36, 40, 54, 74, 80])
def test_in_little_room_the_border_keeps_the_folders_that_were_chosen_and_counts_the_others(width: int) -> None:
    view = replace(VIEW, watched=MANY, other_count=0)
    words = subtitle(view, width=width)
    assert cell_len(words) <= width
    chosen, other, more = words.split(", ")
    assert more == "+3 more"
    depth = " and below" if width >= 54 else "/…"
    assert chosen.endswith(f"/p14{depth}")
    assert other.endswith(f"data{depth}")
    assert chosen.startswith("…") is (width < 77)
    assert subtitle(view, width=24) == "5 folders"
    assert subtitle(view, width=140).endswith("/srv/one, /srv/two, /tmp")


@pytest.mark.parametrize("width", [-6, 0, 12])
def test_before_there_is_room_or_a_folder_the_border_says_what_fits(width: int) -> None:
    assert cell_len(subtitle(replace(EMPTY, watched=()), width=width)) <= max(0, width)
    assert cell_len(subtitle(EMPTY, width=width)) <= max(0, width)


def test_folders_that_the_border_has_no_room_for_are_listed_whole_with_their_depth() -> None:
    view = replace(EMPTY, watched=MANY)
    assert "5 folders watched" not in "".join(texts(view, border_width=140))
    folded = texts(view, border_width=54)
    assert folded[-1] == "► 5 folders watched · Enter shows them"
    unfolded = texts(view, border_width=54, show_watched=True)
    assert [line.strip() for line in unfolded[-6:]] == [
        "▼ 5 folders watched · Enter hides them",
        "/home/user/code/projects/p14 and below",
        "/elsewhere/data and below",
        "/srv/one",
        "/srv/two",
        "/tmp",
    ]


def test_control_characters_of_a_path_are_symbols() -> None:
    shown = texts(replace(EMPTY, entries=(replace(STRAY, path="/srv/a\x1b[31m\n"),)))
    assert "/srv/a␛[31m⏎" in shown[0]


def test_a_file_of_another_day_is_told_by_its_age() -> None:
    old = replace(STRAY, at=NOW - 3 * 86400)
    assert texts(replace(EMPTY, entries=(old,)))[0].startswith("▲  3 d ago +")


class FeedApp(App[None]):
    """The pane, and what it said."""

    def __init__(self, view: FilesView) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "memdb-dark"
        self.view = view
        self.said: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield FileFeed()

    def on_mount(self) -> None:
        self.query_one(FileFeed).show_files(self.view, NOW, show_others=False)

    def on_file_feed_remove_requested(self, message: FileFeed.RemoveRequested) -> None:
        assert message.control is self.query_one(FileFeed)
        self.said.append(("remove", message.path))

    def on_file_feed_fix_requested(self, message: FileFeed.FixRequested) -> None:
        assert message.control is self.query_one(FileFeed)
        self.said.append(("fix", message.path))

    def on_file_feed_others_toggled(self, message: FileFeed.OthersToggled) -> None:
        assert message.control is self.query_one(FileFeed)
        self.said.append(("others", ""))


async def test_keys_ask_to_fix_to_remove_and_to_unfold() -> None:
    app = FeedApp(VIEW)
    async with app.run_test(size=(90, 14)) as pilot:
        await pilot.press("enter", "x", "down", "enter", "delete", "o", "end", "enter", "x")
        assert app.said == [
            ("fix", STRAY.path),
            ("remove", STRAY.path),
            ("remove", TEMP.path),
            ("others", ""),
            ("others", ""),
        ]
        assert app.query_one(FileFeed).cursor_key == OTHERS_KEY
        assert app.query_one(FileFeed).text_to_copy(STRAY.path) == STRAY.path


async def test_a_click_unfolds_the_others() -> None:
    app = FeedApp(replace(EMPTY, others=(OTHER,), other_count=1))
    async with app.run_test(size=(90, 20)) as pilot:
        lines = app.query_one(FileFeed).lines
        place = next(number for number, line in enumerate(lines) if line.key == OTHERS_KEY)
        await pilot.click(FileFeed, offset=(5, place + 1))
        assert app.said == [("others", "")]


async def test_the_border_says_the_counts_at_every_width() -> None:
    app = FeedApp(VIEW)
    async with app.run_test(size=(100, 14)) as pilot:
        for width, expected in (
            (100, title(VIEW).split(" ── ")[1]),
            (50, "▲ 1 stray · 1 asked for · 1 temp"),
            (24, "▲ 1 stray"),
        ):
            await pilot.resize_terminal(width, 14)
            await pilot.pause()
            shown = app.query_one(FileFeed)._border_title
            assert shown is not None
            assert shown.plain.endswith(f"━ {expected}")
