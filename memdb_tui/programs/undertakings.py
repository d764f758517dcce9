"""Work that clears up after itself when it is called off, and is let do so."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine


class Undertakings:
    """Tasks that are called off once.

    A task that is cancelled while it clears up leaves that half done, and whoever waits for it may well be cancelled
    several times: Textual cancels a worker when the application ends, and again with the screen that it belongs to.
    """

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def through(self, work: Coroutine[object, object, None]) -> None:
        """Do something and wait for it; cancelling who waits calls it off.

        Raises:
            BaseException: Whatever it raises.
        """
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._is_over)
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait([task])
            raise
        task.result()

    async def close(self) -> None:
        """Call off what has not been, and wait until all has been cleared up."""
        for task in self._tasks:
            if not task.cancelling():
                task.cancel()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))

    def _is_over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            # Retrieved, for it may be that nobody waits for it any more.
            task.exception()
