"""Databases side by side: they share the width, scroll, become tabs, are zoomed, gone to, moved and closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import NARROW, RAW_SHARED, STRAY_URL, WIDE, Driver, program
from textual import events
from textual.geometry import Region

from memdb_tui.model import CreatedBy
from memdb_tui.ui.screens.workbench import Workbench
from memdb_tui.ui.widgets.database_pane import DatabasePane
from memdb_tui.ui.widgets.header_bar import HeaderBar
from memdb_tui.ui.widgets.pane_row import LEAST_COLUMNS, MOST_PANES
from memdb_tui.ui.widgets.result_tabs import ResultTabs
from memdb_tui.ui.widgets.sql_editor import SqlEditor


def names(count: int) -> list[str]:
    return [RAW_SHARED.format(f"d{number}") for number in range(1, count + 1)]


@pytest.mark.parametrize("count", [1, 2, 3, 4, MOST_PANES])
async def test_one_to_eight_panes_share_the_width_and_scroll_when_they_get_narrow(folder: Path, count: int) -> None:
    async with program(*names(count)) as it:
        widths = {pane.outer_size.width for pane in it.panes}
        assert max(widths) - min(widths) <= 1
        assert min(widths) >= LEAST_COLUMNS
        assert all(pane.connection is not None for pane in it.panes)
        ends = [pane.region.right for pane in it.panes]
        assert [pane.region.x for pane in it.panes] == [0, *(end + 1 for end in ends[:-1])]
        is_room = count * (LEAST_COLUMNS + 1) <= WIDE[0] + 1
        assert (it.panes[-1].region.right == WIDE[0]) is is_room
        assert it.workbench.panes.show_horizontal_scrollbar is not is_room
        await it.go(count)
        await it.until(lambda: it.panes[-1].region.right <= WIDE[0], "the last pane is scrolled to")
        await it.shows(f"{count} d{count}", within=it.panes[-1])


def is_in_view(it: Driver, pane: DatabasePane) -> bool:
    return it.workbench.panes.region.contains_region(pane.region) and pane.region.width >= LEAST_COLUMNS


async def test_a_pane_that_is_added_gone_to_moved_or_no_longer_zoomed_is_in_view(folder: Path) -> None:
    async with program(*names(2)) as it:
        for number in (3, 4):
            # As a copy's pane comes: below a screen that was asked something on.
            it.workbench.commands.application.palette()
            await it.until(lambda: not isinstance(it.app.screen, Workbench), "the palette")
            assert await it.workbench.open_pane(RAW_SHARED.format(f"d{number}")) is it.panes[-1]
            await it.press("escape")
            await it.until(lambda number=number: is_in_view(it, it.panes[number - 1]), f"pane {number}")
            await it.until(lambda: it.panes[-1].editor.has_focus, "the focus in it")
        it.workbench.panes.scroll_to(x=0, animate=False)
        await it.until(lambda: not is_in_view(it, it.pane))
        await it.press("ctrl+g", "4")
        await it.until(lambda: is_in_view(it, it.panes[3]), "the pane that had the focus already")
        await it.do("zoom")
        await it.until(lambda: it.pane.region.width == WIDE[0])
        await it.press("escape")
        await it.until(lambda: is_in_view(it, it.panes[3]), "the pane that was zoomed")
        for _ in range(3):
            await it.do("move_pane_left")
        await it.until(lambda: it.pane is it.panes[0] and is_in_view(it, it.pane), "the pane that was moved")
        await it.go(4)
        await it.pilot.resize_terminal(100, 36)
        await it.until(lambda: is_in_view(it, it.panes[3]), "the pane of a terminal that got narrower")
        await it.pilot.resize_terminal(*WIDE)
        await it.do("close_pane")
        await it.choose("close")
        await it.until(lambda: len(it.panes) == 3)
        await it.until(lambda: is_in_view(it, it.pane), "the neighbour of the pane that was closed")


async def test_what_was_scrolled_to_stays_in_view_while_the_lists_have_the_focus(folder: Path) -> None:
    async with program(*names(MOST_PANES)) as it:
        row = it.workbench.panes
        row.scroll_to(x=row.max_scroll_x, animate=False)
        await it.until(lambda: is_in_view(it, it.panes[-1]))
        await it.pilot.click(it.cache_map, offset=(3, 2))
        await it.until(lambda: it.connections_text().startswith("┏"))
        await it.press("down", "up")
        assert is_in_view(it, it.panes[-1])
        await it.go(1)
        await it.until(lambda: is_in_view(it, it.panes[0]))


async def test_a_ninth_database_is_left_out_and_said(folder: Path) -> None:
    async with program(*names(MOST_PANES + 1)) as it:
        await it.says("8 databases fit side by side")
        assert f"left out: {names(9)[-1]}" in it.said()
        assert len(it.panes) == MOST_PANES
        await it.press("ctrl+o")
        await it.says("Close one first")
        assert not it.is_modal
        assert len(it.panes) == MOST_PANES


async def test_a_note_takes_no_name_for_markup(folder: Path) -> None:
    async with program(*names(1)) as it:
        it.app.notify("left out: [31mx=\x1b[31m")
        it.workbench.notify("[bold]kept[/bold] [/")
        await it.shows("left out: [31mx=␛[31m", "[bold]kept[/bold] [/")


async def test_of_many_databases_left_out_a_few_are_named_and_none_in_raw_bytes(folder: Path) -> None:
    wild = ["\udcea\x1b[31m" + "x" * 200, *names(20)]
    async with program(*names(MOST_PANES), *wild) as it:
        await it.says("8 databases fit side by side")
        assert "and 18 more" in it.said()
        assert "\x1b" not in it.said()
        assert len(it.said()) < 250


async def test_at_80_by_24_the_databases_are_tabs(folder: Path) -> None:
    async with program(*names(3), size=NARROW) as it:
        tabs = it.text_of(it.workbench.query_one("#pane-tabs"))
        assert "▐1 d1 ◆A▌" in tabs
        assert " 2 d2 ◆B " in tabs
        assert [pane.region.area > 0 for pane in it.panes] == [True, False, False]
        await it.click_text("2 d2")
        await it.until(lambda: it.panes[1].editor.has_focus)
        await it.until(lambda: it.panes[1].region.width == NARROW[0], "all of the width")
        await it.shows("▐2 d2 ◆B▌", "Connections 3")
        assert all(len(line) <= NARROW[0] for line in it.lines())


async def test_at_80_by_24_the_number_of_a_pane_is_the_key_of_its_label(folder: Path) -> None:
    async with program(*(RAW_SHARED.format(f"d{number}") for number in (1, 2, 3)), size=NARROW) as it:
        for number in (3, 1, 2, 2):
            await it.go(number)
            await it.until(lambda number=number: it.pane is it.panes[number - 1], f"pane {number}")


async def test_of_two_that_have_had_the_focus_the_one_that_has_it_is_active(folder: Path) -> None:
    async with program(*names(2), size=NARROW) as it:
        first, second = it.panes
        it.workbench.panes.activate(second)
        assert it.workbench.focused is second.editor
        await it.until(lambda: second.editor.has_focus, "the focus in the second")
        # As when the word that the first had the focus is heard late.
        it.workbench.panes.post_message(events.DescendantFocus(first.editor))
        await it.pilot.pause()
        await it.press("x")
        await it.until(lambda: second.editor.text == "x", "what was typed in it")
        assert it.pane is second


EIGHT = ("customers", "orders", "invoices", "sessions", "payments", "products", "reviews", "shipments")


@pytest.mark.parametrize(("size", "is_zoomed"), [(NARROW, False), (WIDE, True)])
async def test_of_eight_tabs_the_active_one_is_always_in_view(
    folder: Path, size: tuple[int, int], *, is_zoomed: bool
) -> None:
    async with program(*map(RAW_SHARED.format, EIGHT), size=size) as it:
        if is_zoomed:
            await it.do("zoom")
        strip = it.workbench.query_one("#pane-tabs")
        await it.shows("▐1 customers ◆A▌", "‹ 1 of 8 ›", "+", within=strip)
        for number in (7, 8, 1, 5):
            await it.go(number)
            await it.shows(f"▐{number} {EIGHT[number - 1]} ◆", f"‹ {number} of 8 ›", "+", within=strip)
            assert len(it.text_of(strip)) == size[0]
            assert "…" not in it.text_of(strip)
        await it.click_text("›", within=strip)
        await it.until(lambda: it.panes[5].editor.has_focus)
        await it.shows("▐6 products ◆F▌", within=strip)
        await it.click_text("‹", within=strip)
        await it.until(lambda: it.panes[4].editor.has_focus)


async def test_the_number_of_a_pane_without_a_tab_in_view_leads_to_it_and_letters_are_left_for_the_lists(
    folder: Path,
) -> None:
    async with program(*names(MOST_PANES)) as it:
        await it.press("ctrl+g")
        await it.modal("A label's key goes there")
        targets = {target.id: target.label for target in it.jump_targets()}
        assert [targets[f"{pane.id} editor"] for pane in it.panes] == list("12345678")
        assert {"focus CacheMap", "focus FileFeed"} <= targets.keys()
        await it.press("8")
        await it.until(lambda: it.panes[7].editor.has_focus)


WRITE = "CREATE TABLE t (x); BEGIN IMMEDIATE; INSERT INTO t VALUES (1)"


async def test_a_transaction_of_a_pane_that_is_not_seen_stands_in_the_header_and_its_age_moves(folder: Path) -> None:
    async with program(*names(3)) as it:
        header = it.workbench.query_one(HeaderBar)
        await it.run(WRITE)
        await it.shows("● writing", within=it.panes[0])
        assert "writing" not in it.text_of(header)
        await it.go(2)
        await it.do("zoom")
        before = await it.shows("● c1 writing", within=header)
        await it.until(lambda: "● c1 writing" in it.text_of(header) and it.text_of(header) != before, "an older age")
        await it.shows("1 d1 ◆A ●", "▐2 d2 ◆B▌", within=it.workbench.query_one("#pane-tabs"))
        await it.run(WRITE)
        await it.go(3)
        await it.shows("● c1 writing", "+1", within=header)
        await it.go(1)
        await it.shows("● c2 writing", within=header)
        assert "+1" not in it.text_of(header)
        await it.press("escape")
        await it.until(lambda: "writing" not in it.text_of(header))


async def test_a_transaction_without_a_pane_stands_in_the_header_at_80_by_24(folder: Path) -> None:
    async with program(RAW_SHARED.format("d1"), size=NARROW) as it:
        await it.run(WRITE)
        assert it.app.bridge is not None
        other = await it.app.bridge.session.open_another(it.connection.id, CreatedBy.RAW)
        it.pane.connection_id = other.connection
        it.workbench.showing.show_panes()
        await it.shows("2 conn", "● c1 writing", "≡", within=it.workbench.query_one(HeaderBar))


async def test_a_transaction_of_a_pane_that_is_scrolled_away_stands_in_the_header(folder: Path) -> None:
    async with program(*names(MOST_PANES)) as it:
        header = it.workbench.query_one(HeaderBar)
        await it.run(WRITE)
        assert "writing" not in it.text_of(header)
        await it.go(MOST_PANES)
        await it.shows("● c1 writing", within=header)
        await it.go(1)
        await it.until(lambda: "writing" not in it.text_of(header))


async def test_a_narrow_pane_cuts_no_word_and_keeps_connection_place_and_sign(folder: Path) -> None:
    private = "file:a-name-that-is-rather-long-for-a-pane?cache=private&mode=memory"
    async with program(STRAY_URL.format("db3"), private, "file:x?mode=nope", allow_files=True) as it:
        assert all(pane.outer_size.width < 42 for pane in it.panes)
        await it.run("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1)")
        await it.shows("1 row changed · ", "· c1 ━", within=it.panes[0])
        assert "…" not in it.pane_text(1).splitlines()[-1]
        await it.shows("STRAY ━┓", within=it.panes[0])
        title = it.pane_text(2).splitlines()[0]
        assert "… " in title
        assert title.endswith(" ◆B private ─╮")
        assert "…" not in it.text_of(it.panes[1].message)
        assert it.panes[1].message.show_vertical_scrollbar
        problem = next(line for line in it.pane_text(3).splitlines() if "×" in line)
        assert len(problem.strip(" │").split()) > 2


async def test_a_tab_of_a_stray_says_so(folder: Path) -> None:
    databases = (STRAY_URL.format("db3"), f"sqlite:///{folder}/asked.db")
    async with program(*databases, size=NARROW, allow_files=True) as it:
        await it.shows("▲A STRAY▌", "▲B DISK", within=it.workbench.query_one("#pane-tabs"))


async def test_a_tab_says_that_nothing_is_open_in_it(folder: Path) -> None:
    async with program(RAW_SHARED.format("d1"), "file:x?mode=nope", size=NARROW) as it:
        await it.shows("2 x not open", within=it.workbench.query_one("#pane-tabs"))


async def test_at_80_by_24_the_lower_lists_are_tabs_too(folder: Path) -> None:
    async with program(*names(1), size=NARROW) as it:
        assert it.cache_map.region.area > 0
        assert it.file_feed.region.area == 0
        await it.click_text("Files", within=it.workbench.query_one("#lower-tabs"))
        await it.until(lambda: it.file_feed.has_focus)
        await it.until(lambda: it.cache_map.region.area == 0, "no other list")
        assert it.file_feed.region.width == NARROW[0]


async def test_resizing_turns_panes_into_tabs_and_back(folder: Path) -> None:
    async with program(*names(2)) as it:
        await it.pilot.resize_terminal(*NARROW)
        await it.until(lambda: it.panes[1].region.area == 0)
        await it.pilot.resize_terminal(*WIDE)
        await it.until(lambda: it.panes[1].region.area > 0)
        assert it.panes[0].region.right + 1 == it.panes[1].region.x
        assert it.panes[1].region.right == WIDE[0]


async def test_a_zoomed_pane_has_the_window_until_escape(folder: Path) -> None:
    async with program(*names(2)) as it:
        await it.go(2)
        await it.do("zoom")
        await it.until(lambda: it.panes[0].region.area == 0)
        assert it.panes[1].region.width == WIDE[0]
        assert it.workbench.lower.region.area == 0
        await it.shows("1 d1", "▐2 d2 ◆B▌")
        await it.press("escape")
        await it.until(lambda: it.panes[0].region.area > 0 and it.workbench.lower.region.area > 0)
        await it.until(lambda: it.panes[1].editor.has_focus, "the focus where it was")


async def test_a_pane_is_moved_and_keeps_its_text_and_connection(folder: Path) -> None:
    async with program(*names(3)) as it:
        it.write("SELECT 'mine'")
        moved, connection = it.pane, it.connection.id
        await it.do("move_pane_right")
        await it.shows("2 d1", within=moved)
        assert [pane.label for pane in it.panes] == ["d2", "d1", "d3"]
        await it.shows("c1 idle pane 2", within=it.cache_map)
        await it.do("move_pane_left")
        await it.do("move_pane_left")
        await it.shows("1 d1", within=moved)
        assert [pane.label for pane in it.panes] == ["d1", "d2", "d3"]
        assert it.pane is moved
        assert (moved.editor.text, moved.connection_id) == ("SELECT 'mine'", connection)


async def test_a_pane_gets_another_label_and_its_database_keeps_its_name(folder: Path) -> None:
    async with program(*names(2)) as it:
        await it.do("relabel_pane")
        await it.modal("Relabel this pane", "the database keeps its name")
        await it.press(*["backspace"] * 2)
        await it.type("[b]mine")
        await it.press("enter")
        await it.modal_gone()
        await it.shows("1 [b]mine", within=it.panes[0])
        assert it.cache_of("c1").name == "d1"


async def test_the_pane_menu_offers_what_can_be_done_with_a_pane(folder: Path) -> None:
    async with program(*names(2)) as it:
        await it.click_text("≡", within=it.panes[1])
        await it.modal("Pane: d2", "Commit", "Transaction mode…")
        assert {line.key for line in it.question().lines} >= {
            "roll_back",
            "relabel_pane",
            "close_pane",
            "copy_result",
        }
        await it.choose("zoom")
        await it.until(lambda: it.panes[0].region.area == 0 and it.pane is it.panes[1], "that pane alone")


async def test_what_is_being_removed_can_be_drawn_once_more(folder: Path) -> None:
    async with program(*names(2)) as it:
        await it.run("SELECT 1 AS one; SELECT nothing")
        drawn = [(widget, widget.size) for widget in it.pane.query("*") if widget.size]
        assert {type(widget) for widget, _ in drawn} >= {SqlEditor, ResultTabs}
        await it.workbench.panes.remove_pane(it.pane)
        for widget, size in drawn:
            # As the screen does it, which learns of the removal only after it.
            widget.notify_style_update()
            assert len(widget.render_lines(Region(0, 0, size.width, size.height))) == size.height


async def test_a_pane_that_still_comes_is_not_shown_anything_in(folder: Path) -> None:
    async with program(*names(1)) as it:
        (first,) = it.panes
        await it.workbench.panes.remove_pane(first)
        coming = it.workbench.panes.mount(it.workbench.new_pane("db2"))
        it.workbench.focus_first()
        it.workbench.showing.show_panes()
        await coming
        await it.until(lambda: len(it.panes) == 1, "the pane that came")


async def test_a_click_focuses_a_pane_and_exactly_one_region_is_bright(folder: Path) -> None:
    async with program(*names(2)) as it:
        assert it.pane_text(1).startswith("┏")
        await it.pilot.click(it.panes[1].editor)
        await it.until(lambda: it.pane_text(2).startswith("┏"))
        await it.until(lambda: it.pane_text(1).startswith("╭"), "the other one dim")
        await it.pilot.click(it.cache_map, offset=(3, 2))
        await it.until(lambda: it.connections_text().startswith("┏"))
        await it.until(lambda: it.text().count("┏") == 1, "one alone")


async def test_the_wheel_scrolls_editor_rows_and_lists(folder: Path) -> None:
    async with program(*names(1)) as it:
        await it.run("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 500) SELECT i FROM n")
        await it.wheel(it.pane.grid, 3)
        await it.until(lambda: it.pane.grid.scroll_offset.y > 0)
        it.write("\n".join(f"-- {number}" for number in range(200)))
        await it.wheel(it.pane.editor)
        await it.until(lambda: it.pane.editor.scroll_offset.y > 0)
        await it.run(
            "ATTACH ':memory:' AS a; ATTACH ':memory:' AS b; ATTACH ':memory:' AS c; ATTACH ':memory:' AS d;"
        )
        await it.shows('"a"', within=it.cache_map)
        await it.pilot.click(it.cache_map, offset=(3, 2))
        await it.wheel(it.cache_map, 5)
        await it.until(lambda: it.cache_map.scroll_offset.y > 0)


async def test_the_border_between_databases_and_lists_is_dragged(folder: Path) -> None:
    async with program(*names(1)) as it:
        before = it.workbench.lower.outer_size.height
        await it.drag(it.workbench.query_one("#splitter-lower"), (0, -5))
        await it.until(lambda: it.workbench.lower.outer_size.height == before + 5)
        assert it.panes[0].region.bottom == it.workbench.query_one("#splitter-lower").region.y


async def test_the_border_between_the_lists_is_dragged(folder: Path) -> None:
    async with program(*names(1)) as it:
        before = it.cache_map.outer_size.width
        await it.drag(it.workbench.query_one("#splitter-feed"), (-10, 0))
        await it.until(lambda: it.cache_map.outer_size.width == before - 10)
        assert it.file_feed.region.right == WIDE[0]


async def test_the_databases_keep_room_whatever_is_dragged(folder: Path) -> None:
    async with program(*names(1)) as it:
        await it.drag(it.workbench.query_one("#splitter-lower"), (0, -22))
        await it.until(lambda: it.workbench.lower.outer_size.height == WIDE[1] // 2)
        await it.drag(it.workbench.query_one("#splitter-lower"), (0, 17))
        await it.until(lambda: it.workbench.lower.outer_size.height == 4)
        await it.drag(it.workbench.query_one("#splitter-feed"), (-50, 0))
        await it.until(lambda: it.cache_map.outer_size.width == 30)


async def test_jump_labels_reach_every_pane_and_control(folder: Path) -> None:
    """Every part that can be clicked has a label, and its key does what the click does."""
    async with program(*names(2)) as it:
        await it.press("ctrl+g")
        await it.modal("A label's key goes there")
        targets = {target.id: target.label for target in it.jump_targets()}
        await it.press("escape")
        for number in (1, 2):
            pane = it.panes[number - 1]
            assert targets[f"{pane.id} editor"] == str(number)
            for part in ("choose_connection", "choose_mode", "pane_menu", "tabs", "body"):
                assert f"{pane.id} {part}" in targets
        assert {"focus CacheMap", "focus FileFeed"} <= targets.keys()
        assert len(set(targets.values())) == len(targets)


@pytest.mark.parametrize("number", [1, 2])
async def test_each_jump_label_goes_where_it_says(folder: Path, number: int) -> None:
    async with program(*names(2)) as it:
        pane = it.panes[number - 1]
        goes = {
            "editor": lambda: pane.editor.has_focus,
            "tabs": lambda: pane.query_one("ResultTabs").has_focus,
            "body": lambda: pane.message.has_focus,
            "choose_connection": lambda: it.is_modal and f"SQL of {pane.label}" in it.text(),
            "choose_mode": lambda: it.is_modal and f"Transactions of {pane.connection_id}" in it.text(),
            "pane_menu": lambda: it.is_modal and f"Pane: {pane.label}" in it.text(),
        }
        for where, arrived in goes.items():
            await it.jump(f"{pane.id} {where}")
            await it.until(arrived, where)
            if it.is_modal:
                await it.press("escape")
                await it.modal_gone()


async def test_jump_labels_reach_the_lists(folder: Path) -> None:
    async with program(*names(1)) as it:
        await it.jump("focus CacheMap")
        await it.until(lambda: it.cache_map.has_focus)
        await it.jump("focus FileFeed")
        await it.until(lambda: it.file_feed.has_focus)


async def test_jump_labels_reach_the_tabs_at_80_by_24(folder: Path) -> None:
    async with program(*names(2), size=NARROW) as it:
        await it.jump(f"#pane-tabs pane:{it.panes[1].id}")
        await it.until(lambda: it.panes[1].editor.has_focus)
        await it.jump("#lower-tabs files")
        await it.until(lambda: it.file_feed.has_focus)
        await it.jump("#pane-tabs open_database")
        await it.modal("Open a database")


async def test_any_other_key_leaves_the_jump_labels(folder: Path) -> None:
    async with program(*names(1)) as it:
        await it.press("ctrl+g")
        await it.modal("A label's key goes there")
        await it.press("!")
        await it.modal_gone()
        assert it.pane.editor.text == ""
