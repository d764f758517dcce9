"""Fixtures for tests that run the whole program."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

QUIET_TURNS = 10
"""So many turns of the event loop without a message that waits are taken for the end of the work."""
MOST_TURNS = 200
"""Who gets messages without end, a pane with endless output say, is not waited for."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, made the current one: the host's working folder."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.fixture(autouse=True)
def _pilots_wait_for_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pilot goes on when what it did has been handled, by widgets that tell each other too.

    Textual's own waits for what each has in its queue at the beginning, and then until the process uses little time:
    on a busy machine it does that in the midst of its work.
    """
    wait, pause = Pilot._wait_for_screen, Pilot.pause

    async def wait_for_work(pilot: Pilot[object], timeout: float = 30.0) -> bool:  # noqa: ASYNC109 - Textual's own
        is_done = await wait(pilot, timeout)
        await _until_quiet(pilot.app)
        return is_done

    async def pause_for_work(pilot: Pilot[object], delay: float | None = None) -> None:
        await pause(pilot, delay)
        # At its end the screen was laid out.
        await _until_quiet(pilot.app)

    monkeypatch.setattr(Pilot, "_wait_for_screen", wait_for_work)
    monkeypatch.setattr(Pilot, "pause", pause_for_work)


async def _until_quiet(app: App[object]) -> None:
    quiet = 0
    for _ in range(MOST_TURNS):
        is_busy = any(pump.message_queue_size for pump in (app, *app._registry))
        quiet = 0 if is_busy else quiet + 1
        if quiet == QUIET_TURNS:
            return
        await asyncio.sleep(0)
