"""The one place that imports watchdog; `memdb_tui.files.observer` imports it when watching begins."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import warnings
from collections.abc import Callable

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

from memdb_tui.files.events import EventKind

__all__ = ["ObservedWatch", "Report", "Source"]

_EVENT_FILTER: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
]
_KINDS = {
    "created": EventKind.CREATED,
    "modified": EventKind.MODIFIED,
    "deleted": EventKind.DELETED,
    "moved": EventKind.MOVED,
}
_UNPAIRED_MOVE_SECONDS = 0.03

Report = Callable[[EventKind, str, str, bool], None]
"""Takes what happened, the path (after a move the new one), the path before a move, and whether it is a folder."""


class _Handler(FileSystemEventHandler):
    """Hands watchdog's events on in our words."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def dispatch(self, event: FileSystemEvent) -> None:
        """Called by watchdog's thread for every event."""
        kind = _KINDS.get(event.event_type)
        if kind is None:
            return
        path = os.fsdecode(event.src_path)
        if kind is not EventKind.MOVED:
            self._report(kind, path, "", event.is_directory)
        elif event.dest_path:
            self._report(kind, os.fsdecode(event.dest_path), path, event.is_directory)
        else:
            self._report(EventKind.DELETED, path, "", event.is_directory)


class Source:
    """Watchdog, started.

    Args:
        report: Called from watchdog's thread for every event.

    Raises:
        OSError: The system gives out no more of what watching needs (EMFILE: inotify instances).
    """

    def __init__(self, report: Report) -> None:
        _quiet_watchdog()
        _shorten_move_delay()
        _keep_to_ourselves()
        self._handler = _Handler(report)
        self._observer = Observer()
        self._observer.start()

    @property
    def is_live(self) -> bool:
        """Watchdog's threads run."""
        return self._observer.is_alive() and all(emitter.is_alive() for emitter in tuple(self._observer.emitters))

    def schedule(self, path: str, *, recursive: bool) -> ObservedWatch:
        """Watch a folder for the events that matter here, and for no others.

        Without a filter watchdog also asks for every open, read and close of a file, and drowns in them.

        Raises:
            OSError: The folder cannot be watched; ENOSPC says that the user's inotify watches are used up.
        """
        return self._observer.schedule(self._handler, path, recursive=recursive, event_filter=_EVENT_FILTER)

    def unschedule(self, watch: ObservedWatch) -> None:
        """Watch that folder no more."""
        self._observer.unschedule(watch)

    def close(self) -> None:
        """Stop watchdog and wait for its threads."""
        self._observer.stop()
        self._observer.join()


def _quiet_watchdog() -> None:
    # A folder made inside a new folder is met twice: by the walk that watchdog starts when it hears of the outer
    # one, and by its own event. watchdog then registers the same callback a second time under the same id, which
    # changes nothing, and warns about it (watchdog/observers/inotify_c.py, `InotifyFD._add_callback`).
    warnings.filterwarnings(
        "ignore",
        message=r"Callback with id '\d+' already exists for watch",
        category=RuntimeWarning,
        module=r"watchdog\.",
    )
    # Without a handler, logging's last resort would write watchdog's messages over the screen.
    logger = logging.getLogger("watchdog")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _shorten_move_delay() -> None:
    # A file moved out of a watched folder is held back half a second, with everything that happens after it, in
    # case the other half of the move arrives. The kernel writes both halves one after the other.
    with contextlib.suppress(ImportError):
        from watchdog.observers.inotify_move_event_grouper import InotifyMoveEventGrouper  # noqa: PLC0415 Linux only

        InotifyMoveEventGrouper.delay = _UNPAIRED_MOVE_SECONDS


def _keep_to_ourselves() -> None:
    # watchdog opens inotify without IN_CLOEXEC: a program that is started with what we have inherited would get it.
    with contextlib.suppress(ImportError, AttributeError):
        from watchdog.observers import inotify_c  # noqa: PLC0415 Linux only

        begin = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, use_errno=True)(("inotify_init1", inotify_c.libc))
        inotify_c.inotify_init = lambda: begin(os.O_CLOEXEC)
