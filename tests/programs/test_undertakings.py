"""Work that is called off clears up, however often whoever waits for it is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

import pytest

from memdb_tui.programs.undertakings import Undertakings

Work = Callable[[], Coroutine[object, object, None]]


@pytest.fixture
def steps() -> list[str]:
    return []


@pytest.fixture
def work(steps: list[str]) -> Work:
    """Waits for ever, and takes a while to clear up."""

    async def run() -> None:
        steps.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            steps.append("cleared up")

    return run


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_what_is_called_off_clears_up_before_all_is_closed(steps: list[str], work: Work, times: int) -> None:
    undertakings = Undertakings()
    waiting = asyncio.create_task(undertakings.through(work()))
    await asyncio.sleep(0)
    for _ in range(times):
        waiting.cancel()
        await asyncio.sleep(0)

    await undertakings.close()

    assert steps == ["begun", "cleared up"]
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_what_nobody_has_called_off_is_so_at_the_end(steps: list[str], work: Work) -> None:
    undertakings = Undertakings()
    waiting = asyncio.create_task(undertakings.through(work()))
    # Until it has begun.
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    await undertakings.close()

    assert steps == ["begun", "cleared up"]
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_what_it_raises_is_raised() -> None:
    async def fail() -> None:
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"):
        await Undertakings().through(fail())
