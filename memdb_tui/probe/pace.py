"""When clients are told: often enough to be current, seldom enough to take little of the program's time."""

from __future__ import annotations

_PACE_SECONDS = 0.05
"""States go out at least this far apart."""
_LOOK_SECONDS = 0.25
"""How often what gives no notice of its change is looked at while a client is there."""
_SHARE = 20
"""At most this part of the time, one in so many, is spent on making states, and on looking."""

_READ_SECONDS_PER_BYTE = 5e-7
"""States are at least this far apart for each byte of the last: a client takes ten times as long to read one as the
probe to make it, and the program may need all processors."""


class Pace:
    """What is due, in `time.monotonic()`; what it took is counted in `time.thread_time()`.

    Attributes:
        next_look_at: When to look again at what gives no notice.
        next_state_at: When to make the next state, if there is news.
    """

    def __init__(self) -> None:
        self.next_look_at = 0.0
        self.next_state_at = 0.0
        self._told_at = float("-inf")

    def looked(self, now: float, spent_seconds: float) -> None:
        """It was looked, which took so long."""
        self.next_look_at = now + max(_LOOK_SECONDS, _SHARE * spent_seconds)

    def told(self, now: float, spent_seconds: float, size_bytes: int) -> None:
        """A state of that size was made, which took so long."""
        self._told_at = now
        self.next_state_at = now + max(_PACE_SECONDS, _SHARE * spent_seconds, _READ_SECONDS_PER_BYTE * size_bytes)

    def puts_off(self, now: float, expected_seconds: float) -> bool:
        """Whether a state that will take so long would be more than its share just now; then it is due later."""
        due = self._told_at + _SHARE * expected_seconds
        if now >= due:
            return False
        self.next_state_at = due
        return True
