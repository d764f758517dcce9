"""Which files were there before the session began."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable

from memdb_tui.files.events import EventKind, FileEvent
from memdb_tui.files.listing import FolderListing, Stamp, list_folder

MOST_FILES = 5_000
"""Of a folder with more files than this only so many are remembered."""


class Baseline:
    """The listings of folders at launch, kept in step with what is removed and renamed; used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listings: dict[str, FolderListing] = {}

    def remember(self, folder: str) -> None:
        """List a folder, unless that was done before."""
        if folder not in self._listings:
            listing = list_folder(folder, MOST_FILES)
            with self._lock:
                self._listings[folder] = listing

    def listing(self, folder: str) -> FolderListing | None:
        """A copy of what is remembered of a folder, None when nothing is."""
        with self._lock:
            listing = self._listings.get(folder)
            return None if listing is None else FolderListing(dict(listing.stamps), is_whole=listing.is_whole)

    def follow(self, kind: EventKind, path: str, moved_from: str) -> bool:
        """Keep step with an event; True when the file it is about was there before the session."""
        with self._lock:
            if kind is EventKind.MOVED:
                old = self._take(moved_from)
                self._put(path, old)
                return old is not None
            if kind is EventKind.DELETED:
                return self._take(path) is not None
            folder, name = os.path.split(path)
            listing = self._listings.get(folder)
            return listing is not None and name in listing.stamps

    def settle(self, events: Iterable[FileEvent]) -> None:
        """Keep step with what a second listing of a folder brought."""
        for event in events:
            if event.kind in {EventKind.DELETED, EventKind.RECREATED}:
                with self._lock:
                    self._take(event.path)

    def _take(self, path: str) -> Stamp | None:
        folder, name = os.path.split(path)
        listing = self._listings.get(folder)
        return None if listing is None else listing.stamps.pop(name, None)

    def _put(self, path: str, stamp: Stamp | None) -> None:
        folder, name = os.path.split(path)
        listing = self._listings.get(folder)
        if listing is None:
            return
        if stamp is None:
            listing.stamps.pop(name, None)
        else:
            listing.stamps[name] = stamp
