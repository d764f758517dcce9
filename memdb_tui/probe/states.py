"""What clients are told unasked: the newest state of the process, each at its pace."""

from __future__ import annotations

from .bare import clock
from .pace import Pace
from .wire import notification

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .channel import Channel
    from .recorder import Recorder
    from .telling import Telling


class States:
    """The states that are sent.

    What a client has not been told yet is one version, the newest: whoever reads slowly misses some, and no program
    waits for it.

    Args:
        telling: Makes them.
        recorder: Says when there is news.

    Attributes:
        pace: When the next one is due.
    """

    def __init__(self, telling: Telling, recorder: Recorder) -> None:
        self.pace = Pace()
        self._telling = telling
        self._recorder = recorder
        self._version = 0

    def is_behind(self, channel: Channel) -> bool:
        """Whether a client has read what it was sent, and has not been sent the newest."""
        return channel.is_greeted and not channel.has_outgoing and channel.told_version < self._version

    def due(self, channels: Sequence[Channel]) -> list[float]:
        """When `tell` has something to do next, in `time.monotonic()`; nothing where there is no client."""
        if not any(channel.is_greeted for channel in channels):
            return []
        if self._recorder.has_news or any(self.is_behind(channel) for channel in channels):
            return [self.pace.next_look_at, self.pace.next_state_at]
        return [self.pace.next_look_at]

    def tell(self, channels: Sequence[Channel], *, is_awaited: bool = False) -> None:
        """Send the newest state to those who have not been told it, if it is due.

        Args:
            channels: All clients.
            is_awaited: Somebody waits for it: it is due now.
        """
        greeted = [channel for channel in channels if channel.is_greeted and not channel.is_ending]
        if not greeted:
            return
        now = clock.monotonic()
        if now >= self.pace.next_look_at:
            self._look()
        is_awaited = is_awaited or not all(channel.told_version for channel in greeted)
        if now < self.pace.next_state_at and not is_awaited:
            # News stays news until then, so that the program's threads need not wake this one for more of it.
            return
        if self._recorder.has_news:
            if not is_awaited and self.pace.puts_off(now, self._telling.expected_seconds):
                # Of a program that opens thousands at once.
                return
            self._version += 1
            self._recorder.has_news = False
        behind = [channel for channel in greeted if self.is_behind(channel)]
        if not behind:
            return
        began = clock.thread_time()
        message = notification("state", self._telling.json())
        self.pace.told(clock.monotonic(), clock.thread_time() - began, len(message))
        for channel in behind:
            channel.told_version = self._version
            channel.send(message)

    def _look(self) -> None:
        began = clock.thread_time()
        if self._telling.refresh():
            self._recorder.has_news = True
        self.pace.looked(clock.monotonic(), clock.thread_time() - began)
