"""The Open dialog, the explanation of a connection, and the way from a stray to the string that made it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from driving import STRAY_URL, program
from textual.widgets import Input

from memdb_tui.client.session import HostSession
from memdb_tui.model import Explained, Outcome
from memdb_tui.ui.bridge import Bridge
from memdb_tui.ui.screens.explanation import ExplanationScreen
from memdb_tui.ui.screens.open_database import OpenDatabaseScreen

MEMORY = "file:a?mode=memory&cache=shared"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(folder: Path) -> None:
    """Every string is explained in an empty folder."""


async def test_the_verdict_follows_the_typing(folder: Path) -> None:
    async with program(MEMORY) as it:
        await it.press("ctrl+o")
        await it.modal("Open a database", "Nothing becomes a file without a question")
        await it.type("db3")
        await it.shows("in memory, shared", "sqlite:///file:db3?mode=memory&cache=shared&uri=true")
        it.app.screen.query_one(Input).value = STRAY_URL.format("db3")
        await it.shows("a stray file: meant as memory, but on disk", "file:db3", "would be made", "uri-true-missing")
        it.app.screen.query_one(Input).value = "sqlite:///:memory:"
        await it.shows("in memory, private")
        it.app.screen.query_one(Input).value = "file:x?mode=Memory"
        await it.shows("cannot be opened", "no such access mode: Memory")
        await it.press("escape")
        await it.modal_gone()
    assert list(folder.iterdir()) == []


async def test_a_key_takes_the_fix_and_enter_opens_it(folder: Path) -> None:
    async with program(MEMORY) as it:
        await it.press("ctrl+o")
        await it.modal("Open a database")
        it.app.screen.query_one(Input).value = STRAY_URL.format("db3")
        await it.shows("a stray file", "uri-true-missing")
        await it.press("ctrl+t")
        await it.until(lambda: it.app.screen.query_one(Input).value.endswith("&uri=true"))
        await it.press("enter")
        await it.until(lambda: len(it.panes) == 2 and it.panes[1].connection is not None)
        assert it.panes[1].connection is not None
        assert it.panes[1].connection.outcome is Outcome.MEMORY_SHARED
    assert list(folder.iterdir()) == []


async def test_one_key_opens_the_same_string_raw_through_sqlalchemy_and_corrected(folder: Path) -> None:
    async with program(MEMORY, allow_files=True) as it:
        await it.press("ctrl+o")
        await it.modal("Open a database")
        it.app.screen.query_one(Input).value = STRAY_URL.format("db3")
        await it.shows("a stray file")
        await it.press("ctrl+l")
        await it.until(lambda: len(it.panes) == 4 and all(pane.connection is not None for pane in it.panes))
        opened = [pane.connection for pane in it.panes[1:] if pane.connection is not None]
        assert [c.string for c in opened] == [
            "file:db3?mode=memory&cache=shared",
            STRAY_URL.format("db3"),
            STRAY_URL.format("db3") + "&uri=true",
        ]
        assert [c.outcome for c in opened] == [Outcome.MEMORY_SHARED, Outcome.FILE, Outcome.MEMORY_SHARED]
        assert it.cache_of(opened[0].id).id == it.cache_of(opened[2].id).id
    assert [path.name for path in folder.iterdir()] == ["file:db3"]


async def test_nonsense_is_explained_or_refused_with_a_reason_and_never_opened(folder: Path) -> None:
    async with program(MEMORY) as it:
        await it.press("ctrl+o")
        await it.modal("Open a database")
        for text in ("sqlite+nonsense:///x", "postgresql://h/db", "file:%00", "sqlite:///file:\udc80?uri=true", "  "):
            it.app.screen.query_one(Input).value = text
            await it.pilot.pause()
        assert isinstance(it.app.screen, OpenDatabaseScreen)
        it.app.screen.query_one(Input).value = "sqlite+nonsense:///x"
        await it.shows("cannot be opened", "dialect-does-not-exist")
        await it.press("escape")
    assert list(folder.iterdir()) == []


async def test_what_the_dialog_has_asked_for_is_called_off_when_it_is_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_session: HostSession, _string: str) -> Explained:
        await asyncio.Event().wait()
        raise AssertionError

    async with program(MEMORY) as it:
        monkeypatch.setattr(HostSession, "explain", never)
        await it.press("ctrl+o")
        await it.modal("Open a database")
        await it.type("d")
        screen = it.app.screen
        asking = await it.until(lambda: [worker for worker in it.app.workers if worker.node is screen], "a question")
        assert isinstance(screen, OpenDatabaseScreen)
        screen.dismiss()
        # Its parts go before it does: at no moment is there an answer and nothing to show it in.
        assert all(worker.is_cancelled for worker in asking)
        await it.modal_gone()


async def test_f2_shows_prediction_against_observation(folder: Path) -> None:
    async with program("db1", allow_files=True) as it:
        await it.press("f2")
        await it.modal(
            "c1: in memory, shared", "Predicted and observed", "outcome: in memory, shared", "The string's way"
        )
        await it.shows("pool: SingletonThreadPool")
        assert not it.app.screen.has_class("-differs")
        await it.press("escape")
        await it.modal_gone()


async def test_f2_explains_the_connection_under_the_cursor(folder: Path) -> None:
    async with program("db1", MEMORY) as it:
        it.cache_map.focus()
        it.cache_map.move_cursor("c2")
        await it.press("f2")
        await it.modal("c2: in memory, shared", MEMORY)


async def test_a_difference_between_prediction_and_observation_is_an_alarm(folder: Path) -> None:
    async with program("db1") as it:
        snapshot = it.snapshot
        wrong = replace(snapshot.connections[0], outcome=Outcome.FILE)
        await it.until(lambda: "a fault of memdb-tui" not in it.said())
        it.workbench.post_message(Bridge.SnapshotArrived(replace(snapshot, connections=(wrong,))))
        await it.says("c1 was predicted to be memory-shared, and is file: a fault of memdb-tui")
        await it.press("f2")
        await it.until(lambda: isinstance(it.app.screen, ExplanationScreen) and it.app.screen.has_class("-differs"))
        await it.shows("predicted in memory, shared", "this is a fault of memdb-tui")


async def test_the_stray_alarm_leads_to_the_explanation_of_its_connection(folder: Path) -> None:
    async with program(STRAY_URL.format("db3"), allow_files=True) as it:
        await it.shows("STRAY FILE")
        await it.press("ctrl+t")
        await it.modal("A stray file", "Right would be")
        await it.press("e")
        await it.shows("The string that made the file", "uri-true-missing")
        await it.press("o")
        await it.until(lambda: len(it.panes) == 2 and it.panes[1].connection is not None)
        assert it.panes[1].connection is not None
        assert it.panes[1].connection.outcome is Outcome.MEMORY_SHARED
