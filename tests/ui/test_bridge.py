"""The way to the host: its end is asked for once, whoever asks, and whoever is called off meanwhile."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from driving import SECONDS

from memdb_tui.client.launch import HostProcess, spawn_host
from memdb_tui.files.watcher import SessionFiles
from memdb_tui.ui.bridge import Bridge
from memdb_tui.ui.stillness import Stillness


async def test_closing_while_a_fresh_host_is_wanted_ends_the_old_one_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending, goes_on = threading.Event(), threading.Event()
    ends: list[HostProcess] = []
    close = HostProcess.close

    def close_slowly(host: HostProcess) -> None:
        ends.append(host)
        ending.set()
        assert goes_on.wait(SECONDS)
        close(host)

    monkeypatch.setattr(HostProcess, "close", close_slowly)
    host = spawn_host(preload=False)
    bridge = Bridge(
        lambda _: None,
        host=host,
        files=lambda changed: SessionFiles(str(tmp_path), (), changed),
        still=Stillness(None),
    )
    await bridge.start()
    restarting = asyncio.create_task(bridge.restart())
    assert await asyncio.to_thread(ending.wait, SECONDS)
    restarting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await restarting
    closing = asyncio.create_task(bridge.close())
    await asyncio.sleep(0)
    goes_on.set()

    await closing

    assert ends == [host]
    assert host.process.poll() is not None
