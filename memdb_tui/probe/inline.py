"""A thread of the program that waits in `inspect()`, and meanwhile does what only it can do."""

from __future__ import annotations

from _queue import SimpleQueue

from .bare import get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .channel import Channel
    from .record import Record


class Inline:
    """The waiting thread; made in it.

    Args:
        channel: The client it waits for.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._ident = get_ident()
        self._todo: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    def is_for(self, channel: Channel) -> bool:
        """Whether it is this client that the program waits for."""
        return channel is self._channel

    def owns(self, record: Record) -> bool:
        """Whether a connection belongs to the waiting thread."""
        return record.ident == self._ident

    def do(self, piece: Callable[[], None]) -> None:
        """Let the waiting thread do something; from any thread."""
        self._todo.put(piece)

    def resume(self) -> None:
        """Let the program go on; from any thread, also more than once."""
        self._todo.put(None)

    def wait(self) -> None:
        """Do what is to be done until the program goes on; in the waiting thread.

        Raises:
            BaseException: What a signal handler of the program raised, KeyboardInterrupt say.
        """
        while (piece := self._todo.get()) is not None:
            piece()
