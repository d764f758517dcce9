"""Files as they happen, the stray alarm on every screen, the way to do it right, and removing a stray."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from driving import ENDLESS_SQL, NARROW, RAW_SHARED, STRAY_URL, WIDE, Driver, program

from memdb_tui.model import FileChange, FileEntry, FileRole, Outcome
from memdb_tui.ui.file_lines import WATCHED_KEY
from memdb_tui.ui.screens.choice import ChoiceScreen, Option
from memdb_tui.ui.widgets.alarm_bar import AlarmBar
from memdb_tui.ui.widgets.footer_bar import FooterBar
from memdb_tui.ui.widgets.header_bar import HeaderBar
from memdb_tui.ui.widgets.line_list import Line

A = RAW_SHARED.format("a")
STRAY = STRAY_URL.format("db3")


def entry(it: Driver, path: Path) -> FileEntry | None:
    view = it.files
    return next((e for e in (*view.entries, *view.others) if e.path == str(path)), None)


async def appears(it: Driver, path: Path) -> FileEntry:
    return await it.until(lambda: entry(it, path), f"{path} among the files")


def alarm(it: Driver) -> str:
    """What the alarm of the screen that is up says; empty without one."""
    bar = it.app.screen.query_one(AlarmBar)
    return it.text_of(bar) if bar.display else ""


async def test_without_a_stray_that_is_said(folder: Path) -> None:
    async with program(A) as it:
        await it.shows("Files · watchdog", "0 stray", "No file yet", within=it.file_feed)
        assert alarm(it) == ""


async def test_what_is_watched_is_shown(folder: Path) -> None:
    watched = folder.parent / "elsewhere"
    watched.mkdir()
    async with program(A, watch=[str(watched)], size=(600, 50)) as it:
        await it.shows(str(folder), "and below", within=it.file_feed)
        sqlite3.connect(watched / "seen.db").execute("CREATE TABLE t (x)").connection.close()
        await it.shows("seen.db", "database", within=it.file_feed)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_working_folder_and_those_to_watch_are_in_view_and_a_key_or_click_shows_all(
    folder: Path, size: tuple[int, int]
) -> None:
    watched = folder.parent / "elsewhere"
    watched.mkdir()
    async with program(A, watch=[str(watched)], size=size) as it:
        await it.jump("#lower-tabs files" if size == NARROW else "focus FileFeed")
        border = (await it.shows("more", within=it.file_feed)).splitlines()[-1]
        for path in (folder, watched):
            assert any(f"{path.name}{depth}" in border for depth in (" and below", "/…"))
        it.file_feed.move_cursor(WATCHED_KEY)
        await it.press("enter")
        await it.shows("folders watched · Enter hides them", within=it.file_feed)
        listed = "".join(words for line in it.file_feed.lines if line.owner == WATCHED_KEY for words in _words(line))
        for path in (folder, watched):
            assert f"{path} and below".replace(" ", "") in listed.replace(" ", "")
        await it.click_text("folders watched", within=it.file_feed)
        await it.shows("folders watched · Enter shows them", within=it.file_feed)


def _words(line: Line) -> list[str]:
    return [part.text.strip() for part in line.build().left]


@pytest.mark.parametrize(
    ("sql", "word"), [("ATTACH '{}' AS f; CREATE TABLE f.t (x)", "ATTACH"), ("VACUUM INTO '{}'", "VACUUM")]
)
async def test_a_file_asked_for_by_sql_is_shown_with_its_statement(folder: Path, sql: str, word: str) -> None:
    async with program(A) as it:
        await it.run(sql.format("made.db"))
        made = await appears(it, folder / "made.db")
        assert made.role is FileRole.ASKED_FOR
        assert made.made_by == ("c1",)
        assert made.statement.startswith(word)
        await it.shows("made.db", "database", "c1", "0 stray", "1 asked for", within=it.file_feed)
        assert alarm(it) == ""


async def test_a_main_file_in_a_folder_that_nobody_watches_is_reported(folder: Path) -> None:
    elsewhere = folder.parent / "far" / "away"
    elsewhere.mkdir(parents=True)
    async with program(f"sqlite:///{elsewhere / 'main.db'}", allow_files=True) as it:
        await it.run("CREATE TABLE t (x)")
        found = await appears(it, elsewhere / "main.db")
        assert (found.role, found.made_by) == (FileRole.ASKED_FOR, ("c1",))


async def test_sqlites_temporary_files_are_reported_though_it_unlinks_them_at_once(folder: Path) -> None:
    async with program(A) as it:
        await it.run(
            "PRAGMA temp_store=FILE; PRAGMA temp.cache_size=5; CREATE TEMP TABLE big AS WITH RECURSIVE c(x) AS "
            "(SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<200000) SELECT x, 'some text '||x AS y FROM c"
        )
        await it.until(lambda: any("etilqs_" in e.path for e in (*it.files.entries, *it.files.others)))


async def test_a_file_that_is_changed_and_removed_says_so(folder: Path) -> None:
    async with program(A) as it:
        path = folder / "other.db"
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE t (x)")
        await it.shows("+", "other.db", within=it.file_feed)
        connection.close()
        path.unlink()
        await it.until(
            lambda: (
                (seen := entry(it, path)) is not None
                and seen.change in {FileChange.REMOVED, FileChange.MADE_AND_REMOVED}
            )
        )


async def test_a_file_that_was_there_before_and_is_opened_now_is_reported(folder: Path) -> None:
    path = folder / "before.db"
    sqlite3.connect(path).execute("CREATE TABLE t (x)").connection.close()
    async with program(f"sqlite:///{path}", allow_files=True) as it:
        seen = await appears(it, path)
        assert seen.was_there
        assert seen.made_by == ("c1",)
        await it.shows("before.db", within=it.file_feed)


async def test_other_files_are_counted_folded_and_shown_by_one_key(folder: Path) -> None:
    async with program(A) as it:
        (folder / "notes.txt").write_text("not a database")
        await it.shows("1 other", within=it.file_feed)
        assert "notes.txt" not in it.files_text()
        await it.jump("focus FileFeed")
        await it.press("o")
        await it.shows("notes.txt", within=it.file_feed)
        await it.press("o")
        await it.until(lambda: "notes.txt" not in it.files_text())
        await it.click_text("1 other, not SQLite", within=it.file_feed)
        await it.shows("notes.txt", within=it.file_feed)


# The alarm.


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("colour", [True, False])
async def test_a_stray_raises_the_alarm_at_every_size_and_without_colour(
    folder: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], *, colour: bool
) -> None:
    if not colour:
        monkeypatch.setenv("NO_COLOR", "1")
    async with program(STRAY, size=size, allow_files=True) as it:
        await it.until(lambda: alarm(it))
        assert "STRAY" in alarm(it)
        assert "file:db3" in alarm(it)
        assert "[Fix ^T]" in alarm(it)
        sentence = "uri=true is missing, so SQLAlchemy takes 'file:db3' for a path."
        assert f"c1: {sentence if size == WIDE else 'no uri=true in its URL'} " in alarm(it)
        assert all(len(line) <= size[0] for line in it.lines())
        assert it.app.screen.query_one(AlarmBar).region.y < it.panes[0].region.y


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_stray_that_was_there_before_says_so_in_its_first_line(folder: Path, size: tuple[int, int]) -> None:
    (folder / "file:db3").touch()
    async with program(STRAY, size=size, allow_files=True) as it:
        files = await it.shows("STRAY", "file:db3", within=it.file_feed)
        first = next(line for line in files.splitlines() if "STRAY" in line)
        assert "was there" in first


async def test_without_colour_the_alarm_is_not_dimmer_than_the_text_beside_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with program(STRAY, allow_files=True) as it:
        await it.until(lambda: alarm(it))
        bar = it.app.screen.query_one(AlarmBar)
        strip = it.app.screen._compositor.render_strips()[bar.region.y]
        brightness = {
            segment.text.strip(): sum(segment.style.color.triplet)
            for segment in strip
            if segment.style is not None and segment.style.color is not None and segment.style.color.triplet
        }
        assert brightness["STRAY FILE"] >= brightness["· c1:"]
        assert brightness["[Fix ^T]"] >= brightness["· c1:"]


async def test_at_80_by_24_a_stray_turns_the_lower_lists_to_the_files(folder: Path) -> None:
    async with program(STRAY, size=NARROW, allow_files=True) as it:
        await it.until(lambda: it.file_feed.region.area > 0)
        await it.shows("STRAY", "file:db3", "1 stray", within=it.file_feed)


async def test_the_alarm_stands_above_a_modal_and_comes_while_one_is_open(folder: Path) -> None:
    async with program(A) as it:
        await it.press("ctrl+o")
        await it.modal("Open a database")
        assert alarm(it) == ""
        assert it.app.bridge is not None
        await it.app.bridge.session.open(STRAY, allow_file=True)
        await it.until(lambda: alarm(it))
        assert it.is_modal
        await it.press("escape")
        await it.modal_gone()
        for action in ("choose_mode", "help", "find_tables", "jump"):
            await it.do(action)
            await it.until(lambda: it.is_modal and "STRAY" in alarm(it), action)
            await it.press("escape")
            await it.modal_gone()


async def test_a_modal_has_alarm_and_footer_from_its_first_frame_on(folder: Path) -> None:
    at_mount: list[tuple[bool, str]] = []

    class Question(ChoiceScreen):
        def on_mount(self) -> None:
            bar, footer = self.query_one(AlarmBar), self.query_one(FooterBar)
            at_mount.append((bar.has_class("-alarmed"), footer.keys[0].label))

    async with program(STRAY, allow_files=True) as it:
        await it.until(lambda: alarm(it))
        await it.app.push_screen(Question("Well?", [Option("yes", "Yes")]))
        await it.modal("Well?")
        assert at_mount == [(True, "choose")]
        assert "STRAY" in alarm(it)


async def test_the_alarm_stands_above_the_cell_viewer(folder: Path) -> None:
    async with program(A) as it:
        await it.run("SELECT 'value'")
        await it.do("open_cell")
        await it.until(lambda: it.app.screen is not it.workbench)
        assert it.app.bridge is not None
        await it.app.bridge.session.open(STRAY, allow_file=True)
        await it.until(lambda: "STRAY" in alarm(it))


async def test_the_alarm_comes_while_a_query_runs(folder: Path) -> None:
    async with program(A) as it:
        await it.begin(ENDLESS_SQL)
        assert it.app.bridge is not None
        await it.app.bridge.session.open(STRAY, allow_file=True)
        await it.until(lambda: alarm(it))
        assert it.panes[0].is_running
        await it.press("ctrl+c")
        await it.over()


async def test_a_dismissed_alarm_stays_away_and_the_count_stays(folder: Path) -> None:
    async with program(STRAY, allow_files=True) as it:
        await it.click_text("[Hide", within=it.app.screen.query_one(AlarmBar))
        await it.until(lambda: not alarm(it))
        await it.run("CREATE TABLE t (x)")
        await it.shows("1 stray", within=it.file_feed)
        assert alarm(it) == ""
        assert it.app.bridge is not None
        await it.app.bridge.session.open(STRAY_URL.format("db4"), allow_file=True)
        await it.until(lambda: "file:db4" in alarm(it))
        await it.shows("2 stray", within=it.file_feed)
        await it.do("dismiss_alarm")
        await it.until(lambda: not alarm(it))


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_count_of_hidden_strays_is_told_on_every_screen(folder: Path, size: tuple[int, int]) -> None:
    async with program(STRAY, size=size, allow_files=True) as it:
        await it.until(lambda: alarm(it))
        header = it.app.screen.query_one(HeaderBar)
        assert "▲" not in it.text_of(header)
        await it.do("dismiss_alarm")
        await it.shows("▲ 1 stray", within=header)
        await it.do("zoom")
        await it.shows("▲ 1 stray", within=header)
        for action in ("lab", "help", "jump", "choose_mode"):
            await it.do(action)
            await it.until(lambda: it.is_modal and it.footer().endswith("▲ 1 stray"), action)
            await it.press("escape")
            await it.modal_gone()


async def test_a_stray_that_was_removed_is_not_counted_in_the_header(folder: Path) -> None:
    async with program(STRAY, allow_files=True) as it:
        await it.until(lambda: alarm(it))
        await it.do("remove_stray")
        await it.choose("remove")
        await it.until(lambda: not alarm(it))
        assert "▲" not in it.text_of(it.app.screen.query_one(HeaderBar))


async def test_hiding_shows_the_next_of_several_strays(folder: Path) -> None:
    async with program(STRAY, STRAY_URL.format("db4"), allow_files=True) as it:
        await it.until(lambda: "(+1 more)" in alarm(it))
        first = "db3" if "db3" in alarm(it) else "db4"
        second = "db4" if first == "db3" else "db3"
        await it.do("dismiss_alarm")
        await it.until(lambda: f"file:{second}" in alarm(it) and "more" not in alarm(it))
        await it.do("dismiss_alarm")
        await it.until(lambda: not alarm(it))
        await it.shows("▲ 2 strays", within=it.app.screen.query_one(HeaderBar))


async def test_the_alarm_counts_the_others(folder: Path) -> None:
    async with program(STRAY, STRAY_URL.format("db4"), allow_files=True) as it:
        await it.until(lambda: "(+1 more)" in alarm(it))


async def test_a_stray_is_marked_in_its_pane_and_among_the_connections(folder: Path) -> None:
    async with program(STRAY, allow_files=True) as it:
        await it.shows("on disk, meant as memory", within=it.pane)
        await it.shows("ON DISK, meant as memory", within=it.cache_map)
        await it.shows("STRAY", "uri=true is missing", STRAY, within=it.file_feed)


# What would have been right.


@pytest.mark.parametrize("way", ["key", "alarm", "enter", "modal"])
async def test_the_fix_opens_the_corrected_string_in_a_pane_of_its_own(folder: Path, way: str) -> None:
    async with program(STRAY, allow_files=True) as it:
        await it.until(lambda: alarm(it))
        if way == "key":
            await it.press("ctrl+t")
        elif way == "enter":
            await it.jump("focus FileFeed")
            await it.press("enter")
        else:
            if way == "modal":
                await it.press("ctrl+o")
                await it.modal("Open a database")
                await it.until(lambda: alarm(it))
            await it.click_text("[Fix ^T]", within=it.app.screen.query_one(AlarmBar))
        await it.modal("A stray file: meant as memory, made on disk", "uri=true is missing", f"{STRAY}&uri=true")
        await it.press("o")
        await it.until(lambda: len(it.panes) == 2 and it.panes[1].connection is not None)
        assert it.panes[1].string == f"{STRAY}&uri=true"
        assert it.connection.outcome is Outcome.MEMORY_SHARED


async def test_the_corrected_string_can_be_copied(folder: Path) -> None:
    async with program(STRAY, allow_files=True) as it:
        await it.until(lambda: alarm(it))
        await it.press("ctrl+t")
        await it.modal("Right would be")
        await it.press("c")
        await it.until(lambda: it.app.clipboard == f"{STRAY}&uri=true")


async def test_at_80_by_24_no_answer_is_cut_and_what_there_is_to_know_is_scrolled(folder: Path) -> None:
    async with program(A, size=NARROW, allow_files=True) as it:
        await it.run("ATTACH 'db9?mode=memory&cache=shared' AS m; CREATE TABLE m.t (x)")
        await it.until(lambda: alarm(it))
        await it.press("ctrl+t")
        answers = ("o Open the corrected", "c Copy the corrected", "x Remove the file…", "e Explain", "n Leave it")
        await it.modal("A stray file", *answers, "Tab and ↓ read on")
        assert "Right would be" not in it.text()
        await it.press("tab", "end")
        await it.shows("Right would be", *answers)
        await it.press("shift+tab")
        await it.until(lambda: it.question().has_focus)
        await it.press("n")
        await it.modal_gone()


# Removing.


async def test_removing_a_stray_asks_and_says_what_it_did(folder: Path) -> None:
    async with program(STRAY, allow_files=True) as it:
        await it.run("CREATE TABLE t (x)")
        await it.until(lambda: alarm(it))
        await it.jump("focus FileFeed")
        await it.press("x")
        await it.modal("Remove this file?", "Only a file that this session made")
        await it.press("n")
        await it.modal_gone()
        assert (folder / "file:db3").exists()
        await it.press("delete")
        await it.modal("Remove this file?")
        await it.press("y")
        await it.says("Removed")
        assert not (folder / "file:db3").exists()
        assert "c1 still has it open" in it.said()
        await it.until(lambda: not alarm(it))


async def test_the_alarm_says_that_its_file_was_removed_elsewhere(folder: Path) -> None:
    async with program(STRAY, allow_files=True) as it:
        await it.run("CREATE TABLE t (x)")
        await it.until(lambda: alarm(it))
        (folder / "file:db3").unlink()
        await it.until(lambda: " removed" in alarm(it))


async def test_a_stray_that_comes_again_after_it_was_removed_raises_the_alarm_again(folder: Path) -> None:
    async with program(STRAY, allow_files=True) as it:
        await it.run("CREATE TABLE t (x)")
        await it.until(lambda: alarm(it))
        await it.do("remove_stray")
        await it.modal("Remove this file?")
        await it.press("y")
        await it.until(lambda: not alarm(it))
        assert it.app.bridge is not None
        await it.app.bridge.session.open(STRAY, allow_file=True)
        await it.until(lambda: "STRAY" in alarm(it) and "removed" not in alarm(it))


async def test_a_stray_made_by_attach_is_marked_among_the_connections_as_any_other(folder: Path) -> None:
    async with program(A, allow_files=True) as it:
        await it.run("ATTACH 'db9?mode=memory&cache=shared' AS m; CREATE TABLE m.t (x); ATTACH 'asked.db' AS f")
        await it.shows("ache=shared ON DISK, meant as memory", within=it.cache_map)
        await it.shows("asked.db on disk", within=it.cache_map)


async def test_a_file_the_session_did_not_make_is_not_removed(folder: Path) -> None:
    path = folder / "file:db3"
    sqlite3.connect(path).execute("CREATE TABLE precious (x)").connection.close()
    async with program(STRAY, allow_files=True) as it:
        await it.until(lambda: alarm(it))
        await it.do("remove_stray")
        await it.says("was not made by this session")
        assert not it.is_modal
        assert path.exists()
        assert "Not removed" in it.said()


async def test_a_file_that_is_no_stray_is_not_removed(folder: Path) -> None:
    async with program(A) as it:
        await it.run("VACUUM INTO 'copy.db'")
        await it.shows("copy.db", within=it.file_feed)
        await it.jump("focus FileFeed")
        it.file_feed.move_cursor(str(folder / "copy.db"))
        await it.press("x")
        await it.says("is not a stray file")
        assert not it.is_modal
        assert (folder / "copy.db").exists()
