"""Jump labels: the same places have the same keys, and a label stands on what it leads to."""

from __future__ import annotations

import string
from collections.abc import Sequence
from pathlib import Path

import pytest
from driving import NARROW, RAW_SHARED, STRAY_URL, WIDE, Driver, program, running
from textual import events
from textual.geometry import Offset

from memdb_tui.ui.screens.jump import JumpScreen, label_targets
from memdb_tui.ui.widgets.alarm_bar import AlarmBar

AT = Offset(0, 0)
SLEEPS = "import time\nprint('ready', flush=True)\ntime.sleep(600)\n"


def labels_of(places: Sequence[str], fixed: dict[str, str]) -> dict[str, str]:
    return {target.id: target.label for target in label_targets([(place, AT) for place in places], fixed)}


def test_a_place_with_a_key_of_its_own_has_it_whatever_else_is_there() -> None:
    fixed = {"lists": "c", "pane": "1"}
    assert labels_of(["x", "y", "z", "lists", "pane"], fixed) == {
        "x": "a",
        "y": "b",
        "z": "d",
        "lists": "c",
        "pane": "1",
    }
    assert labels_of(["lists"], fixed) == {"lists": "c"}


def test_of_two_places_with_one_key_the_first_has_it_and_no_letter_is_given_twice() -> None:
    labels = labels_of([*map(str, range(60)), "list", "tab"], {"list": "c", "tab": "c"})
    assert labels["list"] == "c"
    assert "tab" not in labels
    assert sorted(labels.values()) == sorted(string.ascii_letters)


async def jump_labels(it: Driver) -> dict[str, str]:
    """The labels, by the places they lead to; each of them that has a cell is drawn there."""
    await it.press("ctrl+g")
    await it.until(lambda: isinstance(it.app.screen, JumpScreen), "jump labels")
    targets = it.jump_targets()

    def is_drawn() -> bool:
        lines = it.lines()
        drawn = (lines[t.at.y][t.at.x : t.at.x + 3] for t in targets if t.at is not None)
        return all(text in {f" {t.label} ", f" {t.label}"} for text, t in zip(drawn, located, strict=True))

    located = [target for target in targets if target.at is not None]
    await it.until(is_drawn, f"each label drawn: {located}")
    await it.press("escape")
    await it.modal_gone()
    return {target.id: target.label for target in targets}


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_places_keep_their_letters_while_the_state_changes(folder: Path, size: tuple[int, int]) -> None:
    async with program(RAW_SHARED.format("d1"), size=size) as it:
        before = await jump_labels(it)
        assert before["focus CacheMap"] == "c"
        assert before.get("focus FileFeed", before.get("#lower-tabs files")) == "f"
        assert before["action app_menu"] == "m"
        await it.run("CREATE TABLE t (x); BEGIN; INSERT INTO t VALUES (1)")
        await it.shows("write transaction", within=it.bar())
        after = await jump_labels(it)
        assert after.items() > before.items()
        assert len(set(after.values())) == len(after)


@pytest.mark.parametrize(("number", "size"), [(6, (230, 40)), (11, (120, 36)), (11, (400, 40))])
async def test_every_pane_and_control_in_view_has_a_key(folder: Path, number: int, size: tuple[int, int]) -> None:
    async with program(*(f"d{index}" for index in range(number)), size=size) as it:
        await it.until(lambda: all(pane.connection_id for pane in it.panes), "all open")
        labels = await jump_labels(it)
        assert all(len(label) == 1 for label in labels.values())
        seen = [
            pane for pane in it.panes if pane.region.right <= it.workbench.panes.region.right and pane.region.x >= 0
        ]
        for pane in seen:
            assert {
                f"{pane.id} {what}" for what in ("editor", "choose_connection", "pane_menu", "tabs", "body")
            } <= set(labels)
        await it.press("ctrl+g")
        await it.until(lambda: isinstance(it.app.screen, JumpScreen))
        await it.press(labels[f"{seen[-1].id} editor"])
        await it.until(lambda: seen[-1].editor.has_focus, "the last pane in view")


async def test_the_output_of_a_program_has_a_letter_of_its_own(folder: Path) -> None:
    async with running(SLEEPS) as it:
        await it.until(lambda: "ready" in it.text(), "its output")
        assert (await jump_labels(it))["focus OutputView"] == "o"
        it.cache_map.focus()
        await it.press("ctrl+g", "o")
        output = it.workbench.output
        assert output is not None
        await it.until(lambda: output.view.has_focus)


async def test_the_labels_of_the_alarm_stand_on_its_buttons(folder: Path) -> None:
    async with program(STRAY_URL.format("db3"), allow_files=True) as it:
        alarm = it.workbench.query_one(AlarmBar)
        await it.shows("[Fix ^T]", "[Hide ×]", within=alarm)
        x = {text: it.place_of(text, alarm) for text in ("[Fix", "[Hide")}
        labels = await jump_labels(it)
        assert (labels["action why"], labels["action dismiss_alarm"]) == ("w", "h")
        await it.press("ctrl+g")
        await it.until(lambda: isinstance(it.app.screen, JumpScreen))
        at = {target.id: target.at for target in it.jump_targets()}
        assert (at["action why"], at["action dismiss_alarm"]) == (Offset(*x["[Fix"]), Offset(*x["[Hide"]))
        await it.press("h")
        await it.until(lambda: not alarm.region.area, "no alarm")


async def test_what_is_clipped_has_no_label_over_its_neighbour(folder: Path) -> None:
    async with running(SLEEPS, size=(110, 36)) as it:
        for number in (1, 2):
            await it.workbench.open_pane(RAW_SHARED.format(f"d{number}"))
        row, first = it.workbench.panes, it.panes[0]
        await it.until(lambda: first.region.x < row.region.x, "the first pane in part")
        labels = await jump_labels(it)
        assert labels[f"{first.id} editor"] == "1"
        assert f"{first.id} choose_connection" not in labels
        assert f"{first.id} pane_menu" in labels
        await it.press("ctrl+g")
        await it.until(lambda: isinstance(it.app.screen, JumpScreen))
        at = {target.id: target.at for target in it.jump_targets()}
        assert at[f"{first.id} editor"] == Offset(row.region.x, first.editor.region.y)
        await it.press("1")
        await it.until(lambda: first.editor.has_focus and first.region.x == row.region.x, "the first pane whole")


async def test_a_result_without_a_row_on_the_screen_has_no_label_on_what_lies_there(folder: Path) -> None:
    async with program(RAW_SHARED.format("d1"), size=(60, 14)) as it:
        it.cache_map.focus()
        await it.until(lambda: it.workbench.lower.region.height > 1, "unfolded")
        await it.press("ctrl+g")
        await it.until(lambda: isinstance(it.app.screen, JumpScreen))
        for target in it.jump_targets():
            if target.id.startswith(f"{it.pane.id} ") and target.at is not None:
                assert it.workbench.panes.region.contains_point(target.at)


async def test_the_key_of_a_label_that_comes_in_one_piece_with_ctrl_g_goes_there(folder: Path) -> None:
    async with program("db1", size=WIDE) as it:
        await it.ready()
        type_at_once(it, "ctrl+g", "c")
        await it.until(lambda: it.cache_map.has_focus, "the focus in Connections")
        assert not it.is_modal
        assert it.pane.editor.text == ""


async def test_what_comes_in_one_piece_with_a_jump_is_typed_where_the_jump_leads(folder: Path) -> None:
    async with program("db1", "db2", size=WIDE) as it:

        async def type_into(number: int, text: str, *, then: list[str]) -> None:
            type_at_once(it, "ctrl+g", str(number), *text)
            await it.until(lambda: [pane.editor.text for pane in it.panes] == then, f"{then}")

        await type_into(2, "SELECT", then=["", "SELECT"])
        await type_into(1, "VALUES", then=["VALUES", "SELECT"])
        await type_into(2, "more", then=["VALUES", "SELECTmore"])


async def test_what_is_typed_in_one_piece_with_ctrl_o_is_the_string_to_open(folder: Path) -> None:
    async with program("db1", size=WIDE) as it:
        await it.ready()
        type_at_once(it, "ctrl+o", *"shop", "enter")
        await it.until(lambda: len(it.panes) == 2, "its pane")
        assert it.panes[1].label == "shop"
        assert it.panes[0].editor.text == ""


def type_at_once(it: Driver, *keys: str) -> None:
    """Keys as one read from the terminal brings them."""
    for key in keys:
        it.app.post_message(events.Key(key, key if len(key) == 1 else None))
