"""A hub to connect to, and what waits for its picture; a shell to call the program in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from user_shell import Shell
from wire_client import DEADLINE_SECONDS, WireClient

from memdb_tui.programs.hub import Hub
from memdb_tui.programs.meanings import explain_here
from memdb_tui.programs.picture import ProgramsPicture


class WatchedHub:
    """A hub, and a way to wait until its picture is as it should be."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self.hub = Hub(self._news.set, explain=explain_here)
        self._clients: list[WireClient] = []

    async def client(self) -> WireClient:
        """A new client that has connected and said nothing."""
        client = WireClient(self.hub)
        await client.connect()
        self._clients.append(client)
        return client

    def unconnected_client(self) -> WireClient:
        """A new client."""
        client = WireClient(self.hub)
        self._clients.append(client)
        return client

    async def until(self, is_so: Callable[[ProgramsPicture], object]) -> ProgramsPicture:
        """The first picture of which that is true."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not is_so(self.hub.picture()):
                self._news.clear()
                await self._news.wait()
        return self.hub.picture()

    async def close(self) -> None:
        for client in self._clients:
            await client.close()
        await self.hub.close()


@pytest.fixture
async def watched() -> AsyncIterator[WatchedHub]:
    hub = WatchedHub()
    await hub.hub.start()
    yield hub
    await hub.close()


@pytest.fixture
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    found = Shell(tmp_path_factory.mktemp("sh"))
    yield found
    found.close()
