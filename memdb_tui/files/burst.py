"""Tells a flood of events, in which the system may have dropped some, from the usual trickle."""

from __future__ import annotations

from pathlib import Path

_QUIET_SECONDS = 0.1
_LIMIT_FILE = Path("/proc/sys/fs/inotify/max_queued_events")
_DEFAULT_LIMIT = 16_384


class BurstGauge:
    """Counts events that follow each other closely.

    The kernel drops events once `max_queued_events` of them wait to be read (inotify(7)). All that waited are still
    delivered, so a burst in which any was dropped brings at least that many; half of it is suspicion enough.

    Args:
        queue_limit: How many events the system keeps; by default it is asked.
    """

    def __init__(self, queue_limit: int | None = None) -> None:
        self._threshold = (_queue_limit() if queue_limit is None else queue_limit) // 2
        self._count = 0
        self._began = 0.0
        self._last = 0.0

    def count(self, now: float) -> None:
        """An event came; `now` is `time.monotonic()`."""
        if now - self._last > _QUIET_SECONDS and self._count < self._threshold:
            self._count = 0
            self._began = now
        self._last = now
        self._count += 1

    def seconds_to_wait(self) -> float | None:
        """When `ended` should be asked at the latest; None when there is no need to."""
        return _QUIET_SECONDS if self._count >= self._threshold else None

    def ended(self, now: float) -> float | None:
        """How long ago the burst began, in seconds, once after one ended; else None."""
        if self._count < self._threshold or now - self._last <= _QUIET_SECONDS:
            return None
        self._count = 0
        return now - self._began


def _queue_limit() -> int:
    try:
        return int(_LIMIT_FILE.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return _DEFAULT_LIMIT
