"""The session's files for the user interface: the observer, the ledger and removal behind one door."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from memdb_tui.files.attribution import SIDE_SUFFIXES, is_temporary_name
from memdb_tui.files.events import FileEvent
from memdb_tui.files.folders import folders_to_watch
from memdb_tui.files.ledger import Ledger
from memdb_tui.files.observer import FolderObserver
from memdb_tui.files.paths import joined
from memdb_tui.files.probe import GONE, FileFacts, held_files, look_at
from memdb_tui.files.removal import Removal, RemovalError, SideFile, refuse_unless_allowed, remove
from memdb_tui.model import ConnectionId, FilesView, FileTouch, Snapshot


class SessionFiles:
    """Which files the session makes, changes and removes.

    Make it before the host opens its first database: what lies in the folders then is remembered as "was there".
    Snapshots come from one thread; the other methods may be called from any. None waits for a disk while it holds the
    lock.

    Args:
        cwd: The host's working folder.
        extra_folders: Folders the user named, watched with all below.
        on_change: Called from a thread of the observer when `view()` may give something new, at most every 25 ms.
        clock: Gives the time of events, in seconds since the epoch.
    """

    def __init__(
        self,
        cwd: str,
        extra_folders: Iterable[str],
        on_change: Callable[[], None],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._extra_folders = tuple(os.path.realpath(folder) for folder in extra_folders)
        self._on_change = on_change
        self._clock = clock
        own_folders = tuple(dict.fromkeys((os.path.realpath(cwd), *self._extra_folders)))
        self._lock = threading.Lock()
        self._ledger = Ledger(own_folders)
        self._resolved: dict[str, str] = {}
        self._touches: tuple[FileTouch, ...] = ()
        self._resolved_touches: tuple[FileTouch, ...] = ()
        self._observer = FolderObserver(self._take, clock)
        self._observer.baseline(own_folders)
        for folder in own_folders:
            self._observer.watch(folder, recursive=True)

    def start(self) -> None:
        """Begin to watch."""
        self._observer.start()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Learn from the host's newest picture: its files show at once, their sizes a moment later."""
        resolved = self._resolve(snapshot)
        with self._lock:
            to_look_at = self._ledger.show_snapshot(resolved, self._clock())
        for folder in folders_to_watch(resolved, self._extra_folders):
            self._observer.watch(folder.path, recursive=folder.is_recursive, is_optional=folder.is_optional)
        if to_look_at:
            self._observer.look_at(to_look_at)

    def catch_up(self, seconds: float) -> bool:
        """Wait until what has happened up to now is in `view()`, at most so long; False if it takes longer."""
        return self._observer.catch_up(seconds)

    def view(self) -> FilesView:
        """What the Files pane shows; the same object until something changes."""
        with self._lock:
            return self._ledger.view()

    def refuse_removal(self, path: str) -> None:
        """Return where `remove` would remove a file now, so that nobody is asked in vain.

        Raises:
            RemovalError: It would not; message and hint say why.
        """
        with self._lock:
            removal = self._removal(path)
        refuse_unless_allowed(removal)

    def open_in(self, path: str) -> tuple[ConnectionId, ...]:
        """The connections that have a database open now, as far as is known."""
        with self._lock:
            return self._ledger.open_in(path)

    def remove(self, path: str) -> str:
        """Remove a stray that this session made, and say what was done.

        Raises:
            RemovalError: Nothing was removed; message and hint say why.
        """
        with self._lock:
            removal = self._removal(path)
        try:
            return remove(removal)
        finally:
            self._observer.look_at((path, *(path + suffix for suffix in SIDE_SUFFIXES)))

    def close(self) -> None:
        """Stop watching and wait for the threads; may be called twice."""
        self._observer.close()

    def _take(self, events: tuple[FileEvent, ...]) -> None:
        with self._lock:
            wanted = self._ledger.wanted(events)
            pid = self._ledger.host_pid
        facts: Mapping[str, FileFacts] = {path: look_at(path) for path in wanted}
        is_asked = pid is not None and any(is_temporary_name(path) for path in wanted | {e.path for e in events})
        held = held_files(pid) if pid is not None and is_asked else frozenset()
        watched, is_live = self._observer.watched(), self._observer.is_live
        with self._lock:
            before = self._ledger.view()
            self._ledger.take(events, facts, held)
            self._ledger.show_watched(watched, is_live=is_live)
            has_changed = self._ledger.view() is not before
        if has_changed:
            self._on_change()

    def _removal(self, path: str) -> Removal:
        record = self._ledger.record(path)
        entry = next((entry for entry in self._ledger.view().entries if entry.path == path), None)
        if record is None or entry is None:
            raise RemovalError(f"{path} is not among this session's files.", hint="Choose one of the strays shown.")
        sides = []
        for suffix in SIDE_SUFFIXES:
            side = self._ledger.record(path + suffix)
            is_sessions = side is not None and side.was_made and not side.was_there
            facts = side.facts if side is not None and side.facts is not None else GONE
            sides.append(SideFile(path + suffix, is_sessions=is_sessions, facts=facts))
        return Removal(
            entry=entry,
            is_sessions=record.is_sessions,
            facts=record.facts or GONE,
            open_in=self._ledger.open_in(path),
            host_pid=self._ledger.host_pid,
            sides=tuple(sides),
        )

    def _resolve(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the paths watchdog will use: symbolic links in folders resolved."""
        facts = snapshot.facts
        temporary = tuple(self._real(joined(facts.cwd, folder)) for folder in facts.temporary_folders)
        if snapshot.touches != self._touches:
            self._touches = snapshot.touches
            self._resolved_touches = tuple(
                touch if self._real(touch.path) == touch.path else replace(touch, path=self._real(touch.path))
                for touch in snapshot.touches
            )
        return replace(
            snapshot,
            facts=replace(facts, cwd=self._real(facts.cwd), temporary_folders=temporary),
            touches=self._resolved_touches,
        )

    def _real(self, path: str) -> str:
        known = self._resolved.get(path)
        if known is None:
            folder, name = os.path.split(path)
            known = self._resolved[path] = joined(os.path.realpath(folder), name)
        return known
