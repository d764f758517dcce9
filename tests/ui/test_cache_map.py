"""The Connections pane: every state a connection can be in, under the cache it shares."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Button

from memdb_tui.model import (
    AttachedSchema,
    Cache,
    CacheKind,
    Connection,
    ConnectionId,
    CreatedBy,
    Evidence,
    HostFacts,
    Member,
    Outcome,
    Snapshot,
    TransactionMode,
    TransactionState,
)
from memdb_tui.ui.cache_lines import (
    cache_lines,
    cache_mark,
    cache_style,
    caches_state,
    is_stray_cache,
)
from memdb_tui.ui.connection_lines import CacheListing, connection_of
from memdb_tui.ui.rows import lay_out
from memdb_tui.ui.theme import THEMES
from memdb_tui.ui.widgets.cache_map import CacheMap

NOW = 1_000_000.0
SHARED_URL = "sqlite:///file:db1?mode=memory&cache=shared&uri=true"
FACTS = HostFacts(
    pid=4242,
    cwd="/srv",
    python_version="3.11",
    sqlite_version="3.40.1",
    sqlalchemy_version="2.1.9",
    temporary_folders=("/var/tmp",),
    has_manual_mode=False,
    native="",
    started_at=NOW,
)
C1 = Connection(
    id=ConnectionId("c1"),
    string=SHARED_URL,
    created_by=CreatedBy.NEW_ENGINE,
    engine="e1",
    pool="SingletonThreadPool",
    checkouts=1,
    thread="owner-1",
    outcome=Outcome.MEMORY_SHARED,
    meant_as_memory=True,
    reason="",
    suggestion="",
    mode=TransactionMode.AUTOCOMMIT,
    lock_wait_seconds=0.0,
    transaction=TransactionState.NONE,
    transaction_since=None,
    schemas=(AttachedSchema("main", "A", "", TransactionState.NONE),),
    has_temp_tables=False,
    running="",
    running_since=None,
    holds_cursor=False,
    closed="",
)


def in_state(state: TransactionState, *, since: float | None = NOW - 12) -> Connection:
    return replace(
        C1,
        transaction=state,
        transaction_since=since,
        schemas=(
            AttachedSchema("main", "A", "", state if state is not TransactionState.OPEN else TransactionState.NONE),
        ),
    )


def cache_of(*members: str, **changes: object) -> Cache:
    cache = Cache(
        id="A",
        kind=CacheKind.SHARED_CACHE,
        name="db1",
        members=tuple(Member(ConnectionId(member), "main") for member in members),
        sqlite_count=len(members),
        size_bytes=16 * 1024,
        evidence=Evidence.OBSERVED,
    )
    return replace(cache, **changes)  # type: ignore[arg-type] # a test names the fields it means


def picture(connections: tuple[Connection, ...], *caches: Cache) -> Snapshot:
    return Snapshot(seq=1, facts=FACTS, connections=connections, caches=caches, touches=())


def texts(snapshot: Snapshot, *, width: int = 100, **listing: object) -> list[str]:
    made = CacheListing(now=NOW, panes={ConnectionId("c1"): "pane 1"}, width=width)
    made = replace(made, **listing)  # type: ignore[arg-type] # a test names the fields it means
    return [
        "".join(span.text for span in lay_out(line.build(), width)).rstrip() for line in cache_lines(snapshot, made)
    ]


@pytest.mark.parametrize(
    ("connection", "words"),
    [
        (C1, "idle"),
        (in_state(TransactionState.OPEN), "○ open 12 s (BEGIN)"),
        (in_state(TransactionState.READ), "◐ reading 12 s"),
        (in_state(TransactionState.WRITE), "● writing 12 s"),
        (in_state(TransactionState.WRITE, since=None), "● writing"),
        (replace(C1, running="SELECT 1", running_since=NOW - 3), "► running 3 s"),
        (
            replace(in_state(TransactionState.WRITE), running="x", running_since=NOW - 3),
            "► running 3 s · writing 12 s",
        ),
        (replace(C1, holds_cursor=True), "◐ holds a read lock (open cursor)"),
        (replace(in_state(TransactionState.READ), holds_cursor=True), "◐ reading 12 s · open cursor"),
        (replace(C1, checkouts=2), "idle · 2 checkouts"),
    ],
)
def test_each_state_has_its_words(connection: Connection, words: str) -> None:
    member = texts(picture((connection,), cache_of("c1")))[1]
    assert member.startswith("  └ c1 ")
    assert member[len("  └ c1 ") :].strip().startswith(f"{words}   ")
    assert member.endswith("pane 1   autocommit")


def test_members_stand_under_their_cache_with_columns_aligned() -> None:
    writer = replace(
        in_state(TransactionState.WRITE),
        id=ConnectionId("c2"),
        mode=TransactionMode.LEGACY,
        transaction_since=NOW - 200,
    )
    other = replace(C1, id=ConnectionId("c3"), schemas=(AttachedSchema("main", "B", "", TransactionState.NONE),))
    snapshot = picture(
        (C1, writer, other),
        cache_of("c1", "c2", sqlite_count=2),
        cache_of("c3", id="B", name="db2", sqlite_count=2, size_bytes=None),
    )
    assert texts(snapshot, width=72) == [
        "◆A db1  shared cache  2 connections (SQLite counts 2)             16 KiB",
        "  ├ c1   idle                                        pane 1   autocommit",
        "  └ c2 ● writing 3 min                               no pane  as sqlite3",
        "◆B db2  1 connection (SQLite counts 2: 1 was not opened here)",
        "  └ c3   idle                                        no pane  autocommit",
    ]


@pytest.mark.parametrize(
    ("width", "heading"),
    [
        (84, "◆A db1  shared cache  1 connection (SQLite counts 3: 2 were not opened here)"),
        (70, "◆A db1  1 connection (SQLite counts 3: 2 were not opened here)"),
        (58, "◆A db1  1 connection (SQLite counts 3: 2 not ours)"),
        (54, "◆A db1  1 connection (SQLite: 3, 2 not ours)"),
        (45, "◆A db1  1 connection (2 not ours)"),
    ],
)
def test_a_narrow_heading_keeps_that_somebody_else_is_there(width: int, heading: str) -> None:
    shown = texts(picture((C1,), cache_of("c1", sqlite_count=3)), width=width)[0]
    assert shown.startswith(heading)
    assert shown.endswith("  16 KiB")


def test_an_attached_database_shows_the_connection_on_both_caches() -> None:
    schemas = (
        AttachedSchema("main", "A", "", TransactionState.NONE),
        AttachedSchema("aux [b]", "B", "", TransactionState.WRITE),
    )
    both = replace(C1, schemas=schemas, transaction=TransactionState.WRITE, transaction_since=NOW - 1)
    second = cache_of(id="B", name="db2", members=(Member(C1.id, "aux [b]"),))
    snapshot = picture((both,), cache_of("c1"), second)
    shown = texts(snapshot)
    assert shown[1].startswith("  └ c1 ○ open 1 s (BEGIN)")
    assert shown[3].startswith('  └ c1 via ATTACH "aux [b]" ● writing 1 s')
    keys = [line.key for line in cache_lines(snapshot, CacheListing(now=NOW, panes={})) if line.is_selectable]
    assert len(set(keys)) == 2
    assert [connection_of(key) for key in keys] == ["c1", "c1"]


def test_a_stray_and_a_file_that_was_asked_for_read_differently() -> None:
    stray = replace(C1, outcome=Outcome.FILE)
    asked_for = replace(stray, meant_as_memory=False)
    disk = cache_of("c1", kind=CacheKind.FILE, name="/srv/file:db1", sqlite_count=None)
    assert texts(picture((stray,), disk))[0].startswith("▲A /srv/file:db1  ON DISK, meant as memory  1 connection")
    assert texts(picture((asked_for,), disk))[0].startswith("▲A /srv/file:db1  on disk  1 connection")
    assert is_stray_cache(picture((stray,), disk), disk)
    assert not is_stray_cache(picture((asked_for,), disk), disk)
    styles = [
        part.style for part in cache_lines(picture((stray,), disk), CacheListing(now=NOW, panes={}))[0].build().left
    ]
    assert "bold $error" in styles
    assert cache_mark(disk) == "▲A"


def test_a_path_in_the_home_folder_is_told_with_a_tilde_and_clipped_at_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    disk = cache_of("c1", kind=CacheKind.FILE, name="/home/me/projects/app/file:db1", sqlite_count=None)
    stray = picture((replace(C1, outcome=Outcome.FILE),), disk)
    assert texts(stray)[0].startswith("▲A ~/projects/app/file:db1  ON DISK, meant as memory")
    assert texts(stray, width=48)[0].startswith("▲A …p/file:db1  ON DISK, meant as memory  1 conn")


def test_what_is_not_observed_or_not_known_is_said() -> None:
    store = cache_of("c1", kind=CacheKind.MEMDB_STORE, name="/db1", sqlite_count=None, evidence=Evidence.DECLARED)
    assert texts(picture((C1,), store))[0].startswith(
        "◆A /db1  memdb store  1 connection (SQLite's count is not known) (declared)"
    )
    second = replace(C1, id=ConnectionId("c2"))
    observed = cache_of("c2", id="B")
    assert caches_state(picture((C1,), store)) == "1 in 1 cache · declared"
    assert caches_state(picture((C1, second), store, observed)) == "2 in 2 caches · 1 declared"
    assert caches_state(picture((second,), observed)) == "1 in 1 cache · observed"
    assert caches_state(picture(())) == "none"


def test_a_connection_closed_by_its_pool_stays_in_the_picture() -> None:
    by_pool = replace(C1, id=ConnectionId("c2"), closed="closed by its pool (QueuePool)", schemas=())
    otherwise = replace(by_pool, id=ConnectionId("c3"), closed="its thread ended")
    shown = texts(picture((C1, by_pool, otherwise), cache_of("c1")))
    assert shown[2:] == [
        "× closed  2 connections",
        "  ├ c2 × closed by its pool (QueuePool)",
        "  └ c3 × closed: its thread ended",
    ]


def test_a_connection_whose_cache_nobody_knows_is_not_left_out() -> None:
    shown = texts(picture((C1,)))
    assert shown[0] == "? cache not known  1 connection"
    assert shown[1].startswith("  └ c1   idle")


def test_string_pool_and_statement_are_told_of_the_detailed_connection_alone() -> None:
    busy = replace(C1, running="SELECT\n2", running_since=NOW, checkouts=2, lock_wait_seconds=5, has_temp_tables=True)
    second = replace(C1, id=ConnectionId("c2"), created_by=CreatedBy.RAW, engine="", pool="", string="file:x\x1b")
    snapshot = picture((busy, second), cache_of("c1", "c2"))
    assert [text.strip("│ ") for text in texts(snapshot, width=140, detailed="c1")[2:5]] == [
        SHARED_URL,
        "SingletonThreadPool · 2 checkouts · engine e1 · thread owner-1 · waits for locks: 5 s · has temp tables",
        "SELECT⏎2",
    ]
    assert [text.strip() for text in texts(snapshot, detailed="c2")[3:]] == [
        "file:x␛",
        "raw sqlite3 · thread owner-1",
    ]
    assert len(texts(snapshot, all_detailed=True)) == 3 + 4 + 2


def test_a_copy_names_no_engine_for_it_has_none() -> None:
    copy = replace(C1, created_by=CreatedBy.COPY, engine="", pool="", string="copy of p1.c1 12:00:00")
    shown = [text.strip() for text in texts(picture((copy,), cache_of("c1")), detailed="c1")[2:]]
    assert shown == ["copy of p1.c1 12:00:00", "apart from the program · thread owner-1"]


def test_no_connection_says_why_and_what_next() -> None:
    assert texts(picture(())) == [
        " No connection is open.",
        " An in-memory database lives only as long as a connection to it is open.",
        " ^O opens a database.",
    ]


def test_a_letter_keeps_its_colour_and_never_takes_that_of_errors() -> None:
    letters = ["A", "B", "C", "Z", "AA", "AB"]
    assert cache_style("A") != cache_style("B") != cache_style("C")
    assert cache_style("Z") != cache_style("AA")
    assert all(cache_style(letter).startswith("$") and cache_style(letter) != "$error" for letter in letters)


class MapApp(App[None]):
    """The pane beside something else to focus, and what it said."""

    CSS = "Button { dock: bottom; } CacheMap { height: 1fr; }"

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "memdb-dark"
        self.snapshot = snapshot
        self.said: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield Button("other")
        yield CacheMap()

    def on_mount(self) -> None:
        self.query_one(CacheMap).show_snapshot(self.snapshot, NOW, {ConnectionId("c1"): "pane 1"})

    def on_cache_map_connection_chosen(self, message: CacheMap.ConnectionChosen) -> None:
        assert message.control is self.query_one(CacheMap)
        self.said.append(("chosen", message.connection))

    def on_cache_map_close_requested(self, message: CacheMap.CloseRequested) -> None:
        assert message.control is self.query_one(CacheMap)
        self.said.append(("close", message.connection))


def many() -> Snapshot:
    connections = tuple(replace(C1, id=ConnectionId(f"c{number}")) for number in range(1, 7))
    return picture(connections, cache_of(*(connection.id for connection in connections)))


def rows(widget: CacheMap) -> list[str]:
    return [widget.render_line(y).text for y in range(widget.scrollable_content_region.height)]


async def test_keys_choose_and_close_the_connection_under_the_cursor() -> None:
    app = MapApp(many())
    async with app.run_test(size=(70, 15)) as pilot:
        app.query_one(CacheMap).focus()
        await pilot.press("down", "enter", "down", "d")
        assert app.said == [("chosen", "c2"), ("close", "c3")]
        assert app.query_one(CacheMap).text_to_copy("c3") == SHARED_URL


async def test_the_connection_under_the_cursor_is_explained_while_the_pane_has_the_focus() -> None:
    app = MapApp(many())
    async with app.run_test(size=(70, 15)) as pilot:
        widget = app.query_one(CacheMap)
        await pilot.pause()
        assert not any("sqlite:///" in text for text in rows(widget))
        widget.focus()
        await pilot.press("down")
        await pilot.pause()
        shown = rows(widget)
        assert [("▌" in text, "sqlite:///" in text) for text in shown[2:4]] == [(True, False), (False, True)]
        app.query_one(Button).focus()
        await pilot.pause()
        assert not any("sqlite:///" in text for text in rows(widget))


async def test_a_click_means_the_line_that_was_under_the_pointer_though_lines_move() -> None:
    app = MapApp(many())
    async with app.run_test(size=(70, 15)) as pilot:
        widget = app.query_one(CacheMap)
        app.query_one(Button).focus()
        await pilot.pause()
        await pilot.click(CacheMap, offset=(8, 5))
        await pilot.pause()
        assert widget.cursor_key == "c4"
        await pilot.double_click(CacheMap, offset=(8, 2))
        assert widget.cursor_key == "c1"
        assert app.said == [("chosen", "c1")]


async def test_everything_is_explained_where_there_is_room() -> None:
    app = MapApp(many())
    async with app.run_test(size=(100, 40)) as pilot:
        app.query_one(Button).focus()
        await pilot.pause()
        assert sum("sqlite:///" in text for text in rows(app.query_one(CacheMap))) == 6


async def test_the_title_says_how_sharing_is_known() -> None:
    app = MapApp(many())
    async with app.run_test(size=(70, 15)) as pilot:
        await pilot.pause()
        title = app.query_one(CacheMap)._border_title
        assert title is not None
        assert title.plain.startswith("Connections ─")
        assert title.plain.endswith("─ 6 in 1 cache · observed")
