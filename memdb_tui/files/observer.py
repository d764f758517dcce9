"""Watches folders and tells what happens to the files in them."""

from __future__ import annotations

import functools
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable

from memdb_tui.files.baseline import Baseline
from memdb_tui.files.burst import BurstGauge
from memdb_tui.files.events import EventBatch, EventKind, FileEvent
from memdb_tui.files.watches import Watches
from memdb_tui.model import WatchedFolder

MOST_FOLDERS = 2_000
"""A folder with more folders than this at and below it is watched alone."""

_DELIVERY_GAP_SECONDS = 0.025
_BURST_SLACK_SECONDS = 1.0
"""In a burst, events are heard of later than they happened."""

OnEvents = Callable[[tuple[FileEvent, ...]], None]


class FolderObserver:
    """Reports what happens to files in the folders it is given.

    Two threads do the work: one sets watches and lists folders, one delivers. Between two deliveries lie at least
    25 ms; the first event after a quiet time is delivered at once.

    Args:
        on_events: Called from the delivering thread with what happened, oldest first, one event for each path; with
            an empty tuple when only `watched()` or `is_live` has changed.
        clock: Gives the time of events, in seconds since the epoch.
        most_folders: How many folders a recursive watch may cover.
        queue_limit: After how many events in a row the system may drop some; by default it is asked.
    """

    def __init__(
        self,
        on_events: OnEvents,
        clock: Callable[[], float] = time.time,
        *,
        most_folders: int = MOST_FOLDERS,
        queue_limit: int | None = None,
    ) -> None:
        self._on_events = on_events
        self._clock = clock
        self._baseline = Baseline()
        self._watches = Watches(self._baseline, self._add, clock=clock, most_folders=most_folders)
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._ready = threading.Condition()
        # Guarded by _ready:
        self._threads: tuple[threading.Thread, ...] = ()
        self._batch = EventBatch()
        self._burst = BurstGauge(queue_limit)
        self._has_news = False
        self._is_closed = False
        self._asked: set[tuple[str, bool]] = set()
        self._rounds_begun = self._rounds_ended = 0

    def baseline(self, folders: Iterable[str]) -> None:
        """Remember what lies directly in these folders now; call it before the session makes its first file."""
        for folder in folders:
            self._baseline.remember(os.path.realpath(folder))

    def start(self) -> None:
        """Begin to watch; returns at once, since importing watchdog takes a tenth of a second."""
        with self._ready:
            if self._threads or self._is_closed:
                return
            threads = (
                threading.Thread(target=self._set_watches, name="memdb-files-watch", daemon=True),
                threading.Thread(target=self._deliver, name="memdb-files-deliver", daemon=True),
            )
            # Started before anybody who closes can find them: a thread that has not started cannot be waited for.
            for thread in threads:
                thread.start()
            self._threads = threads

    def close(self) -> None:
        """Stop watching and wait for every thread to end; may be called twice, without `start`, and during one."""
        with self._ready:
            self._is_closed = True
            self._ready.notify_all()
            threads = self._threads
        self._watches.stop()
        self._jobs.put(None)
        for thread in threads:
            thread.join()

    def watch(self, path: str, *, recursive: bool, is_optional: bool = False) -> None:
        """Watch a folder, asked for as often as one likes; problems stand in `watched()`.

        Args:
            path: The folder; symbolic links in it are resolved.
            recursive: With all folders below, those made later included.
            is_optional: A folder that does not exist is not worth a word.
        """
        with self._ready:
            if self._is_closed or (path, recursive) in self._asked:
                return
            self._asked.add((path, recursive))
        self._jobs.put(functools.partial(self._watch, path, recursive=recursive, is_optional=is_optional))

    def look_at(self, paths: Iterable[str]) -> None:
        """Deliver a `LOOK` event for each of these paths, wherever they lie."""
        self._add(FileEvent(path, EventKind.LOOK, self._clock()) for path in paths)

    def catch_up(self, seconds: float) -> bool:
        """Wait until everything that has happened in the folders up to now is delivered; False if it takes longer.

        The folders are listed for that: what the system will tell of a file may still be on its way.
        """
        until = time.monotonic() + seconds
        listed = threading.Event()

        def list_them() -> None:
            self._watches.catch_up()
            listed.set()

        self._jobs.put(list_them)
        if not listed.wait(seconds):
            return False
        with self._ready:
            if not self._threads or self._is_closed:
                return False
            self._has_news = True
            self._ready.notify_all()
            # The round that runs may have begun before.
            needed = self._rounds_begun + 1
            return self._ready.wait_for(lambda: self._rounds_ended >= needed, until - time.monotonic())

    def watched(self) -> tuple[WatchedFolder, ...]:
        """The folders under watch, and those that could not be, in the order in which they were asked for."""
        return self._watches.watched()

    @property
    def is_live(self) -> bool:
        """Watchdog runs and has not lost a thread."""
        return self._watches.is_live

    # In watchdog's thread.

    def _report(self, kind: EventKind, path: str, moved_from: str, is_folder: bool) -> None:  # noqa: FBT001 a callback
        if is_folder and kind is EventKind.CREATED:
            self._jobs.put(functools.partial(self._watches.list_new_folder, path))
        elif is_folder:
            self._jobs.put(functools.partial(self._lose, moved_from or path))
        was_there = self._baseline.follow(kind, path, moved_from)
        event = FileEvent(path, kind, self._clock(), was_there=was_there, moved_from=moved_from, is_folder=is_folder)
        with self._ready:
            self._burst.count(time.monotonic())
        self._add((event,))

    def _add(self, events: Iterable[FileEvent]) -> None:
        with self._ready:
            was_empty = not len(self._batch)
            for event in events:
                self._batch.add(event)
            if was_empty:
                self._ready.notify_all()

    # In the thread that sets watches.

    def _set_watches(self) -> None:
        try:
            self._watches.begin(self._report)
            self._tell_news()
            while (job := self._jobs.get()) is not None:
                job()
        finally:
            self._watches.end()

    def _watch(self, path: str, *, recursive: bool, is_optional: bool) -> None:
        with self._ready:
            # Before a problem can be read: who reads it may ask again at once.
            self._asked.discard((path, recursive))
        if self._watches.watch(path, recursive=recursive, is_optional=is_optional):
            with self._ready:
                self._asked.add((path, recursive))
        self._tell_news()

    def _lose(self, folder: str) -> None:
        if self._watches.has_lost(folder):
            with self._ready:
                # As above.
                self._asked.clear()
            self._watches.lose(folder)
            self._tell_news()

    def _tell_news(self) -> None:
        with self._ready:
            self._has_news = True
            self._ready.notify_all()

    # In the delivering thread.

    def _deliver(self) -> None:
        next_at = 0.0
        while True:
            with self._ready:
                self._ready.wait_for(self._has_work, self._burst.seconds_to_wait())
                has_work = self._has_work()
                if has_work:
                    # Nobody is woken early but by closing: what comes meanwhile joins the batch.
                    self._ready.wait_for(lambda: self._is_closed, max(0.0, next_at - time.monotonic()))
                if self._is_closed:
                    return
                self._has_news = False
                self._rounds_begun += has_work
                events = self._batch.take()
                burst_seconds = self._burst.ended(time.monotonic())
            if has_work:
                self._on_events(events)
                next_at = time.monotonic() + _DELIVERY_GAP_SECONDS
                with self._ready:
                    self._rounds_ended += 1
                    self._ready.notify_all()
            if burst_seconds is not None:
                since_ns = time.time_ns() - int((burst_seconds + _BURST_SLACK_SECONDS) * 1e9)
                self._jobs.put(functools.partial(self._watches.list_again, since_ns))

    def _has_work(self) -> bool:
        return self._is_closed or self._has_news or len(self._batch) > 0
