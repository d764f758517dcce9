"""Which folders are under watch: setting watches, saying where it cannot be done, listing what no event told."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memdb_tui.files.baseline import Baseline
from memdb_tui.files.events import EventKind, FileEvent
from memdb_tui.files.listing import CLOCK_SLACK_NS, changed_since, differences, list_folder, walk_folders
from memdb_tui.files.paths import is_below, joined
from memdb_tui.model import WatchedFolder

if TYPE_CHECKING:
    from memdb_tui.files.source import ObservedWatch, Report, Source

_MOST_LISTED = 100_000


@dataclass(slots=True)
class _Folder:
    """A folder somebody asked for, and what came of it."""

    is_recursive: bool = False
    problem: str = ""
    watch: ObservedWatch | None = None
    is_hidden: bool = False

    @property
    def covers_below(self) -> bool:
        return self.is_recursive and self.watch is not None


class Watches:
    """The folders under watch. All but `watched`, `is_live` and `stop` belong to one thread, which may block.

    Args:
        baseline: What lay in folders at launch.
        add: Takes events that a listing brought.
        clock: Gives the time of those events.
        most_folders: How many folders a recursive watch may cover.
    """

    def __init__(
        self,
        baseline: Baseline,
        add: Callable[[Iterable[FileEvent]], None],
        *,
        clock: Callable[[], float],
        most_folders: int,
    ) -> None:
        self._baseline = baseline
        self._add = add
        self._clock = clock
        self._most_folders = most_folders
        self._since_ns = time.time_ns() - CLOCK_SLACK_NS
        self._lock = threading.Lock()
        self._folders: dict[str, _Folder] = {}
        self._source: Source | None = None
        self._problem = ""
        self._is_stopped = False

    def watched(self) -> tuple[WatchedFolder, ...]:
        """The folders under watch, and those that could not be, in the order in which they were asked for."""
        with self._lock:
            return tuple(
                WatchedFolder(path, is_recursive=folder.is_recursive, problem=folder.problem)
                for path, folder in self._folders.items()
                if not folder.is_hidden
            )

    @property
    def is_live(self) -> bool:
        """Watchdog runs and has not lost a thread."""
        return self._source is not None and self._source.is_live

    def stop(self) -> None:
        """End long walks early, from any thread."""
        self._is_stopped = True

    def begin(self, report: Report) -> None:
        """Import watchdog and start it; it calls `report` from a thread of its own."""
        from memdb_tui.files.source import Source  # noqa: PLC0415 watchdog is imported here, after the first screen

        try:
            self._source = Source(report)
        except OSError as error:
            self._problem = _words(error)

    def end(self) -> None:
        """Stop watchdog and wait for its threads."""
        if self._source is not None:
            self._source.close()

    def watch(self, path: str, *, recursive: bool, is_optional: bool) -> bool:
        """Watch a folder, then report what was made in it before the watch stood.

        Returns:
            False when there is no such folder: then it is worth asking again.
        """
        folder = os.path.realpath(path)
        known = self._folders.get(folder)
        if self._is_covered(folder) or (
            known is not None and known.watch is not None and known.is_recursive >= recursive
        ):
            return True
        # One look: were it made just now, it would be said to be missing and never be asked for again.
        is_there = Path(folder).is_dir()
        setting = _Folder(problem=self._problem or _obstacle(folder, is_there=is_there))
        if self._source is not None and not setting.problem:
            self._set(self._source, folder, setting, recursive=recursive)
        if self._source is not None and known is not None and known.watch not in {None, setting.watch}:
            self._source.unschedule(known.watch)
        setting.is_hidden = is_optional and not is_there
        with self._lock:
            self._folders[folder] = setting
        return is_there

    def has_lost(self, folder: str) -> bool:
        """A folder that was under watch of its own is not there any more."""
        setting = self._folders.get(folder)
        return setting is not None and setting.watch is not None and not Path(folder).is_dir()

    def lose(self, folder: str) -> None:
        """A folder under watch of its own went away."""
        setting = self._folders[folder]
        if self._source is not None and setting.watch is not None:
            self._source.unschedule(setting.watch)
        with self._lock:
            setting.watch = None
            setting.problem = "This folder was removed."

    def list_new_folder(self, folder: str) -> None:
        """Report the files made in a new folder before its watch stood; not every watchdog tells of them itself."""
        if not self._is_covered(folder):
            return
        for path in self._walk(folder):
            now = list_folder(path, _MOST_LISTED)
            self._add(FileEvent(joined(path, name), EventKind.CREATED, self._clock()) for name in now.stamps)

    def list_again(self, since_ns: int) -> None:
        """After a burst so large that the system may have dropped events: report what is new since it began."""
        for root, setting in self._folders.items():
            if setting.watch is None:
                continue
            for folder in self._walk(root) if setting.is_recursive else (root,):
                if folder == root or changed_since(folder, since_ns):
                    now = list_folder(folder, _MOST_LISTED)
                    self._add(differences(folder, None, now=now, since_ns=since_ns, at=self._clock()))
            self._add((FileEvent(root, EventKind.FOUND, self._clock(), is_folder=True),))

    def catch_up(self) -> None:
        """Report what has happened and the system has not told of yet, by what lies in the folders now."""
        for root, setting in self._folders.items():
            if setting.watch is None:
                continue
            for folder in self._walk(root) if setting.is_recursive else (root,):
                if folder == root or changed_since(folder, self._since_ns):
                    self._compare(folder)

    def _set(self, source: Source, folder: str, setting: _Folder, *, recursive: bool) -> None:
        below: tuple[str, ...] = ()
        if recursive:
            walk = walk_folders(folder, self._most_folders, lambda: not self._is_stopped)
            setting.is_recursive = walk.is_whole
            if walk.is_whole:
                below = walk.folders[1:]
            else:
                setting.problem = f"More than {self._most_folders:,} folders: only the folder itself is watched."
        try:
            setting.watch = source.schedule(folder, recursive=setting.is_recursive)
            if setting.is_recursive:
                self._drop_covered(folder)
            if below:
                # watchdog passes over folders below that the system gives no watch for. Asking for the last of
                # them once more tells: a folder already watched costs nothing, another meets the same limit.
                source.unschedule(source.schedule(below[-1], recursive=False))
        except OSError as error:
            if setting.watch is None:
                setting.is_recursive = False
                setting.problem = _words(error)
                return
            if error.errno == errno.ENOSPC:
                setting.problem = _words(error)
        self._compare(folder)
        for path in below:
            if changed_since(path, self._since_ns):
                self._compare(path)

    def _compare(self, folder: str) -> None:
        now = list_folder(folder, _MOST_LISTED)
        before = self._baseline.listing(folder)
        events = tuple(differences(folder, before, now=now, since_ns=self._since_ns, at=self._clock()))
        self._baseline.settle(events)
        self._add(events)

    def _walk(self, folder: str) -> tuple[str, ...]:
        return walk_folders(folder, self._most_folders, lambda: not self._is_stopped).folders

    def _is_covered(self, folder: str) -> bool:
        return any(other.covers_below and is_below(folder, root) for root, other in self._folders.items())

    def _drop_covered(self, root: str) -> None:
        for path in [path for path in self._folders if is_below(path, root)]:
            watch = self._folders[path].watch
            if watch is not None and self._source is not None:
                self._source.unschedule(watch)
            with self._lock:
                del self._folders[path]


def _obstacle(folder: str, *, is_there: bool) -> str:
    """Why a folder cannot be watched, empty when nothing is in the way."""
    if not is_there:
        return "This folder does not exist."
    # watchdog does not tell that inotify refused a folder with EACCES.
    return "" if os.access(folder, os.R_OK | os.X_OK) else "This folder may not be read."


def _words(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "The system's limit of watched folders is reached (fs.inotify.max_user_watches): not all is watched."
    if error.errno == errno.EMFILE:
        return "The system's limit of watchers is reached (fs.inotify.max_user_instances): nothing is watched."
    return f"It cannot be watched: {error.strerror or error}."
